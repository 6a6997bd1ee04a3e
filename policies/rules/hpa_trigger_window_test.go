package rules

import "testing"

func TestHPATriggerWindow(t *testing.T) {
	const api, up = "HorizontalPodAutoscaler api", "spec/behavior/scaleUp"
	policy := func(kind string, value, period int) []any {
		return []any{node{"type": kind, "value": value, "periodSeconds": period}}
	}
	judgeRows(t, "hpa-trigger-window", map[string]row{
		"Fast":                 {reason: "100 percent or 4 pods per 15 s", want: Pass},
		"Default":              {reason: "no behavior is the fast default of Kubernetes", want: Pass, edits: []edit{{api, "spec/behavior", gone{}}}},
		"ShortWindow":          {reason: "45 + 15 is the whole budget", want: Pass, edits: []edit{{api, up + "/stabilizationWindowSeconds", 45}}},
		"OneMinutePerDoubling": {reason: "100 percent per 60 s is exactly one doubling", want: Pass, edits: []edit{{api, up + "/policies", policy("Percent", 100, 60)}}},
		"Window":               {reason: "60 s of window leave nothing", want: Violation, says: "60 + 15 sync = 75s > 60s", edits: []edit{{api, up + "/stabilizationWindowSeconds", 60}}},
		"Disabled":             {reason: "never up", want: Violation, says: "Disabled", edits: []edit{{api, up + "/selectPolicy", "Disabled"}}},
		"Min":                  {reason: "the slowest of two decides", want: Violation, says: "Min", edits: []edit{{api, up + "/selectPolicy", "Min"}}},
		"MinOfOne":             {reason: "of one policy the slowest is the fastest", want: Pass, edits: []edit{{api, up + "/selectPolicy", "Min"}, {api, up + "/policies", policy("Percent", 100, 15)}}},
		"OnePodAMinute": {reason: "from 4 to 20 it takes 16 minutes", want: Violation, says: "960s from 4 to 20",
			edits: []edit{{api, up + "/policies", policy("Pods", 1, 60)}}},
		"UnknownOnly": {reason: "an output may be a hundred pods a minute", want: CannotKnow, says: "policies[0].value",
			edits: []edit{{api, up + "/policies", []any{node{"type": "Pods", "value": Unknown(), "periodSeconds": 60}}}}},
		"Flat":          {reason: "nothing to do takes no time", want: Pass, says: "floor 20, ceiling 20", also: []string{"hpa-range"}, edits: []edit{{api, "spec/minReplicas", 20}}},
		"Reversed":      {reason: "a ceiling below the floor is another rule's affair", want: Pass, says: "floor 21, ceiling 20", also: []string{"hpa-range"}, edits: []edit{{api, "spec/minReplicas", 21}}},
		"NoAutoscaler":  {reason: "nothing scales", only: []string{"Deployment api"}, want: NotApplicable},
		"UnknownWindow": {reason: "an output may be 300", want: CannotKnow, edits: []edit{{api, up + "/stabilizationWindowSeconds", Unknown()}}},
		"UnknownPolicy": {reason: "an output may be one pod a minute", want: CannotKnow, edits: []edit{{api, up + "/policies/0/value", Unknown()}}},
		"NoCeiling":     {reason: "without a ceiling there is no distance", want: CannotKnow, says: "spec.maxReplicas", edits: []edit{{api, "spec/maxReplicas", gone{}}}, only: []string{api}},
	})
}
