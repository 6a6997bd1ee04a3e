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
		"RoundsToNone": {reason: "of 4, 20% more is one more", want: Pass, says: "1 more pods, 0 fewer",
			edits: []edit{{"Deployment api", rolling + "maxSurge", "20%"}, {"Deployment api", rolling + "maxUnavailable", "20%"}}},
		"RoundsOfThree": {reason: "one of three is a third, whoever takes it", want: Pass, says: "round to 0",
			edits: []edit{{"Deployment api", rolling + "maxSurge", "0%"}, {"Deployment api", rolling + "maxUnavailable", "20%"}, {apiHPA, "spec/minReplicas", 3}}},
		"SurgeZero":    {reason: "none more and one fewer can move", want: Pass, says: "0 more pods, 1 fewer", edits: []edit{{"Deployment api", rolling + "maxSurge", 0}, {"Deployment api", rolling + "maxUnavailable", 1}}},
		"Patch":        {reason: "a patch states how much may go", want: Violation, says: "2 fewer: 66%", edits: []edit{{"DeploymentPatch web", "spec/strategy/rollingUpdate/maxUnavailable", 2}}},
		"PatchStops":   {reason: "a patch may stop every pod", want: Violation, says: "Recreate", edits: []edit{{"DeploymentPatch web", "spec/strategy/type", "Recreate"}}},
		"PatchSilent":  {reason: "what the owner of a patched Deployment takes away is not known", want: CannotKnow, says: "max-unavailable-percent of ConfigMap web-headroom to be set", edits: []edit{{"ConfigMap web-headroom", "metadata/annotations/headroom.dev~max-unavailable-percent", gone{}}}},
		"NoSettings":   {reason: "without settings nothing says it", stack: externalStack(), want: CannotKnow, says: "max-unavailable-percent of ConfigMap shop-headroom to be set", only: []string{"HorizontalPodAutoscaler shop", "PodDisruptionBudget shop"}},
		"Unready":      {reason: "when a pod counts as ready does not matter here", want: Pass, edits: []edit{{"Deployment api", "spec/minReadySeconds", Unknown()}}},
		"UnknownFloor": {reason: "a floor that is an output may be 1", want: CannotKnow, says: "spec.minReplicas", edits: []edit{{apiHPA, "spec/minReplicas", Unknown()}}},
		"External":     {reason: "annotations stand in for the Deployment", stack: externalStack(), want: Pass},
		"NoAutoscaler": {reason: "nothing has a floor", only: []string{"Deployment api"}, want: NotApplicable},
		"Unknown":      {reason: "an output may be all of them", want: CannotKnow, edits: []edit{{"Deployment api", rolling + "maxUnavailable", Unknown()}}},
		"NoAnnotation": {reason: "what the owner does is not known", stack: externalStack(), want: CannotKnow, says: "max-unavailable-percent",
			edits: []edit{{"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~max-unavailable-percent", gone{}}}},
	})
}
