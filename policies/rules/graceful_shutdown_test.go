package rules

import "testing"

func TestGracefulShutdown(t *testing.T) {
	const hook = "spec/template/spec/containers/0/lifecycle/preStop"
	command := func(words ...any) []edit {
		return []edit{{"Deployment api", hook, node{"exec": node{"command": words}}}}
	}
	judgeRows(t, "graceful-shutdown", map[string]row{
		"Serves":       {reason: "30 ≤ 30 and 30 + 20 < 60", want: Pass},
		"Command":      {reason: "an exec sleep counts", want: Pass, edits: command("/bin/sleep", "30")},
		"Shell":        {reason: "inside a shell too", want: Pass, edits: command("/bin/sh", "-c", "sleep 30")},
		"TooShort":     {reason: "the load balancer still sends for 20 s", want: Violation, says: "preStop 10s < deregistration 30s", edits: []edit{{"Deployment api", hook + "/sleep/seconds", 10}}},
		"None":         {reason: "without preStop the pod stops at once", want: Violation, says: "preStop 0s", edits: []edit{{"Deployment api", hook, gone{}}}},
		"DefaultGrace": {reason: "30 s is the default of Kubernetes", want: Violation, says: "≥ grace 30s", edits: []edit{{"Deployment api", "spec/template/spec/terminationGracePeriodSeconds", gone{}}}},
		"Equal":        {reason: "30 + 30 leaves no second of 60", want: Violation, says: "≥ grace 60s", edits: []edit{{"ConfigMap api-headroom", "metadata/annotations/headroom.dev~drain-seconds", "30"}}},
		"External":     {reason: "annotations stand in for the Deployment", stack: externalStack(), want: Pass},
		"NoAutoscaler": {reason: "nothing scales in", only: []string{"Deployment api"}, want: NotApplicable},
		"Script":       {reason: "how long a script takes is not known", want: CannotKnow, says: "how long", edits: command("/bin/drain.sh")},
		"Unknown":      {reason: "an output may be 5", want: CannotKnow, edits: []edit{{"Deployment api", hook + "/sleep/seconds", Unknown()}}},
		"ExternalHook": {reason: "the hook of an external Deployment is not visible", stack: externalStack(), want: CannotKnow, says: "pre-stop-seconds",
			edits: []edit{{"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~pre-stop-seconds", gone{}}}},
	})
}
