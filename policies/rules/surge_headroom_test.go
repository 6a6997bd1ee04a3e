package rules

import "testing"

func TestSurgeHeadroom(t *testing.T) {
	const rolling = "spec/strategy/rollingUpdate/"
	judgeRows(t, "surge-headroom", map[string]row{
		"SurgeOnly": {reason: "25% more and none fewer", want: Pass},
		"Defaults":  {reason: "25% of 4 takes 1 of 4 away", want: Pass, says: "1 fewer", edits: []edit{{"Deployment api", "spec/strategy", gone{}}}},
		"HalfGone":  {reason: "1 of 2 is half of the service", want: Violation, says: "50%", edits: []edit{{"Deployment api", rolling + "maxUnavailable", 1}, {apiHPA, "spec/minReplicas", 2}}},
		"Recreate":  {reason: "all pods stop first", want: Violation, says: "Recreate", edits: []edit{{"Deployment api", "spec/strategy", node{"type": "Recreate"}}}},
		"BothZero":  {reason: "Kubernetes refuses it", want: Violation, says: "refuses", edits: []edit{{"Deployment api", rolling + "maxSurge", 0}}},
		"RoundsToZero": {reason: "0% more and 20% of 2 fewer becomes one pod away", want: Violation, says: "round to 0",
			edits: []edit{{"Deployment api", rolling + "maxSurge", "0%"}, {"Deployment api", rolling + "maxUnavailable", "20%"}, {apiHPA, "spec/minReplicas", 2}}},
		"External":     {reason: "annotations stand in for the Deployment", stack: externalStack(), want: Pass},
		"NoAutoscaler": {reason: "nothing has a floor", only: []string{"Deployment api"}, want: NotApplicable},
		"Unknown":      {reason: "an output may be all of them", want: CannotKnow, edits: []edit{{"Deployment api", rolling + "maxUnavailable", Unknown()}}},
		"NoAnnotation": {reason: "what the owner does is not known", stack: externalStack(), want: CannotKnow, says: "max-unavailable-percent",
			edits: []edit{{"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~max-unavailable-percent", gone{}}}},
	})
}
