package stacks

import (
	"testing"

	"github.com/agencyos/headroom/components/componenttest"
	"github.com/agencyos/headroom/policies/rules"
)

// hidden are rules of what production leaves to others or has not: the containers
// of an external Deployment and subnets are nowhere to be seen, no service steers by
// memory, and no Deployment of ours has several pods. The recorder gives buckets no
// names, by which their settings would be found.
var hidden = map[string]bool{"hpa-cpu-request": true, "hpa-cpu-limit": true, "node-capacity": true, "subnet-ips": true, "hpa-memory": true,
	"pod-spread": true, "s3-public": true}

// TestProductionHoldsTheRules holds the rules and all components to one another:
// everything that production declares is judged, and nothing in it is refused. The
// engine does the same for every stack with the policy pack, in minutes.
func TestProductionHoldsTheRules(t *testing.T) {
	r, err := play("prod", project, raw(t, "prod"))
	if err != nil {
		t.Fatal(err)
	}
	judged, declared := map[string]bool{}, map[string]bool{}
	all := judgeable(r)
	for _, one := range all {
		declared[one.Type] = true
	}
	for _, f := range rules.Run(rules.NewModel(all), rules.All(), rules.RunOptions{Today: today}).Findings {
		judged[f.Rule] = judged[f.Rule] || f.State == rules.Pass
		if !hidden[f.Rule] && (f.State == rules.Violation || f.State == rules.CannotKnow) {
			t.Errorf("%s on %s = %s: %s", f.Rule, f.Resource, f.State, f.Message)
		}
	}
	for _, rule := range rules.All() {
		// The first type of a rule is what it judges.
		if declared[rule.Types[0]] && !judged[rule.ID] && !hidden[rule.ID] {
			t.Errorf("%s found nothing to judge in production", rule.ID)
		}
	}
}

// judgeable are the registrations as a policy pack gets them, with the names that
// providers make up.
func judgeable(r *componenttest.Recorder) []rules.Resource {
	var all []rules.Resource
	for _, one := range r.Resources() {
		switch one.Type {
		case "aws:rds/parameterGroup:ParameterGroup", "aws:elasticache/parameterGroup:ParameterGroup":
			one.Inputs["name"] = r.Outputs[one.Type]["name"].StringValue()
		}
		if !one.Read {
			all = append(all, rules.Resource{URN: "urn::" + one.Type + "::" + one.Name, Type: one.Type, Name: one.Name, Inputs: rules.From(one.Inputs),
				Options: rules.Options{Known: true, Protect: one.Protect, IgnoreChanges: one.IgnoreChanges}})
		}
	}
	return all
}
