package rules

import "testing"

func TestPoolUnlimited(t *testing.T) {
	settings, literal := "ConfigMap api-headroom", "spec/template/spec/containers/0/env"
	judgeRows(t, "pool-unlimited", map[string]row{
		"Bounded":             {reason: "4 + 1 is a bound", want: Pass},
		"NoOverflow":          {reason: "0 overflow is the strictest bound", want: Pass, edits: []edit{{settings, "data/DB_MAX_OVERFLOW", "0"}}},
		"SizeZero":            {reason: "SQLAlchemy reads 0 as no limit", want: Violation, says: "DB_POOL_SIZE = 0", edits: []edit{{settings, "data/DB_POOL_SIZE", "0"}}},
		"Overflow":            {reason: "SQLAlchemy reads -1 as no limit", want: Violation, says: "DB_MAX_OVERFLOW = -1", edits: []edit{{settings, "data/DB_MAX_OVERFLOW", "-1"}}},
		"InContainer":         {reason: "a literal in the Deployment counts too", want: Violation, edits: []edit{{"Deployment api", literal, []any{node{"name": "DB_POOL_SIZE", "value": "0"}}}}},
		"InContainerOverflow": {reason: "an overflow alone counts as well", want: Violation, says: "DB_MAX_OVERFLOW = -1", edits: []edit{{"Deployment api", literal, []any{node{"name": "DB_MAX_OVERFLOW", "value": "-1"}}}}},
		"OnlyOverflow":        {reason: "a ConfigMap may name only the overflow", want: Violation, says: "DB_MAX_OVERFLOW = -1", edits: []edit{{settings, "data", node{"DB_MAX_OVERFLOW": "-1"}}}},
		"SecondContainer":     {reason: "in whichever container", want: Violation, says: "DB_POOL_SIZE = -5", edits: []edit{{"Deployment api", "spec/template/spec/containers/1/env", []any{node{"name": "DB_POOL_SIZE", "value": "-5"}}}}},
		"FromSecret":          {reason: "a value from a Secret is not this rule's affair", want: Pass, edits: []edit{{"Deployment api", literal, []any{node{"name": "DB_POOL_SIZE", "valueFrom": node{"secretKeyRef": node{"name": "s", "key": "k"}}}}}}},
		"UnknownEnv":          {reason: "an environment that is an output may hold it", want: CannotKnow, says: "containers[0].env of Deployment api, not known yet", edits: []edit{{"Deployment api", literal, Unknown()}}},
		"NoPool":              {reason: "no resource names a pool", want: NotApplicable, edits: []edit{{settings, "data", node{"WEB_CONCURRENCY": "2"}}}},
		"Unknown":             {reason: "an output may be 0", want: CannotKnow, says: "not known yet", edits: []edit{{settings, "data/DB_POOL_SIZE", Unknown()}}},
		"SecretData":          {reason: "secret data is not read", want: CannotKnow, says: "a secret", edits: []edit{{settings, "data", Secret()}}},
		"NotANumber":          {reason: "text is no bound", want: CannotKnow, says: "to be a number", edits: []edit{{settings, "data/DB_POOL_SIZE", "many"}}},
	})
}
