package rules

import "testing"

func TestHPAReplicasOwned(t *testing.T) {
	observed := goodStack()
	observed[1].Observed = true
	observed[1].Options = Options{Known: true}
	without := Options{Known: true}
	judgeRows(t, "hpa-replicas-owned", map[string]row{
		"Ignored": {reason: "replicas = 4 at creation, then the autoscaler's", want: Pass},
		"Quoted":  {reason: "Pulumi accepts both spellings of a path", want: Pass, options: map[string]Options{"Deployment api": {Known: true, IgnoreChanges: []string{`spec["replicas"]`}}}},
		"Parent":  {reason: "ignoring spec ignores replicas", want: Pass, options: map[string]Options{"Deployment api": {Known: true, IgnoreChanges: []string{"spec"}}}},
		"NotStated": {reason: "a Deployment without replicas resets nothing", want: Pass, options: map[string]Options{"Deployment api": without},
			edits: []edit{{"Deployment api", "spec/replicas", gone{}}}},
		"Stated":      {reason: "the next update resets 4", want: Violation, says: "spec.replicas = 4", options: map[string]Options{"Deployment api": without}},
		"Neighbor":    {reason: "another path does not help", want: Violation, options: map[string]Options{"Deployment api": {Known: true, IgnoreChanges: []string{"spec.replicasX"}}}},
		"DesiredSize": {reason: "a node group is scaled as well", want: Violation, says: "desiredSize = 3", options: map[string]Options{"NodeGroup general": without}},
		"FixedNodes": {reason: "a group of fixed size belongs to nobody else", want: NotApplicable, only: []string{"NodeGroup general"}, options: map[string]Options{"NodeGroup general": without},
			edits: []edit{{"NodeGroup general", "scalingConfig/maxSize", 2}}},
		"Manifest": {reason: "a manifest has no options", want: CannotKnow, says: "options", options: map[string]Options{"Deployment api": {}}},
		"Unknown":  {reason: "an output may be a number", want: CannotKnow, options: map[string]Options{"Deployment api": without}, edits: []edit{{"Deployment api", "spec/replicas", Unknown()}}},
		"Observed": {reason: "a live object always has replicas", stack: observed, want: CannotKnow, says: "live object"},
		"External": {reason: "the target is not in the stack", stack: externalStack(), want: NotApplicable},
	})
}
