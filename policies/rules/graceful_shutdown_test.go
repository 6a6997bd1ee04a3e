package rules

import (
	"strings"
	"testing"
)

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
		"KilledAnyway": {reason: "what the sidecar does after 60 s no longer matters", want: Violation, says: "preStop 60s + drain 20s ≥ grace 60s",
			edits: []edit{{"Deployment api", hook + "/sleep/seconds", 60}, {"Deployment api", sidecar + "lifecycle", node{"preStop": Unknown()}}}},
		"OutputDrain":  {reason: "how long requests take is an output", want: CannotKnow, says: "drain-seconds", edits: []edit{{"ConfigMap api-headroom", "metadata/annotations/headroom.dev~drain-seconds", Unknown()}}},
		"OutputDelay":  {reason: "how long the load balancer sends is an output", want: CannotKnow, says: "deregistration-seconds", edits: []edit{{"ConfigMap api-headroom", "metadata/annotations/headroom.dev~deregistration-seconds", Unknown()}}},
		"OutputReady":  {reason: "when a pod counts as ready does not matter here", want: Pass, edits: []edit{{"Deployment api", "spec/minReadySeconds", Unknown()}}},
		"NoSettings":   {reason: "without settings nothing says that a load balancer sends", want: Pass, edits: []edit{{"ConfigMap api-headroom", "metadata/name", "other"}}},
		"External":     {reason: "annotations stand in for the Deployment", stack: externalStack(), want: Pass},
		"NoAutoscaler": {reason: "nothing scales in", only: []string{"Deployment api"}, want: NotApplicable},
		"Script":       {reason: "how long a script takes is not known", want: CannotKnow, says: "how long", edits: command("/bin/drain.sh")},
		"Unknown":      {reason: "an output may be 5", want: CannotKnow, edits: []edit{{"Deployment api", hook + "/sleep/seconds", Unknown()}}},
		"ExternalHook": {reason: "the hook of an external Deployment is not visible", stack: externalStack(), want: CannotKnow, says: "pre-stop-seconds",
			edits: []edit{{"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~pre-stop-seconds", gone{}}}},
	})
}

// TestPreStop: the container that serves the shortest decides whether requests
// fail, the one that stops last whether the pod is killed.
func TestPreStop(t *testing.T) {
	sleeps := func(seconds int, ports ...any) node {
		c := node{"lifecycle": node{"preStop": node{"sleep": node{"seconds": seconds}}}}
		if ports != nil {
			c["ports"] = ports
		}
		return c
	}
	port := node{"containerPort": 8000}
	for name, c := range map[string]struct {
		reason            string
		workload          Resource
		shortest, longest float64
		waits             string
	}{
		"One":          {"a container alone serves, also where it states no port", pod(typeDeployment, sleeps(30)), 30, 30, ""},
		"Sidecar":      {"one behind it without a port serves nobody", pod(typeDeployment, sleeps(30), sleeps(5)), 30, 30, ""},
		"Slow":         {"but may keep the pod", pod(typeDeployment, sleeps(30), sleeps(50)), 30, 50, ""},
		"Proxy":        {"one with a port serves too", pod(typeDeployment, sleeps(30, port), sleeps(5, port)), 5, 30, ""},
		"ProxyLonger":  {"the shorter one decides", pod(typeDeployment, sleeps(30, port), sleeps(50, port)), 30, 50, ""},
		"NoHook":       {"without a hook it stops at once", pod(typeDeployment, node{}), 0, 0, ""},
		"Patch":        {"a patch without a hook leaves that to the owner", pod(typeDeploymentPatch, node{}), 0, 0, "spec.template.spec.containers[0].lifecycle.preStop of DeploymentPatch api, which the owner of DeploymentPatch api may set"},
		"PatchHook":    {"one with a hook does not", pod(typeDeploymentPatch, sleeps(30)), 30, 30, ""},
		"NoContainers": {"a Deployment without containers is not finished", pod(typeDeployment), 0, 0, "spec.template.spec.containers of Deployment api to be set"},
		"Output":       {"which containers there are is an output", declared(typeDeployment, "api", node{"spec": node{"template": node{"spec": node{"containers": Unknown()}}}}), 0, 0, "spec.template.spec.containers of Deployment api, not known yet"},
	} {
		f := &facts{}
		shortest, longest := service{name: "api", workload: &c.workload}.preStop(f)
		if shortest != c.shortest || longest != c.longest {
			t.Errorf("%s: %s\npreStop %g to %g s, want %g to %g", name, c.reason, shortest, longest, c.shortest, c.longest)
		}
		if got := strings.Join(f.waits, "; "); got != c.waits {
			t.Errorf("%s: %s\nwaits for %q, want %q", name, c.reason, got, c.waits)
		}
	}
	f := &facts{}
	if (service{name: "api"}).preStop(f); strings.Join(f.waits, "; ") != "preStop of Deployment api, not in this stack" {
		t.Errorf("without Deployment and settings preStop waits for %q", f.waits)
	}
}

// TestSleep: only a sleep says how long a hook takes.
func TestSleep(t *testing.T) {
	command := func(words ...any) node { return node{"exec": node{"command": words}} }
	const unclear = "how long x of Deployment api takes"
	for name, c := range map[string]struct {
		reason string
		hook   any
		want   float64
		waits  string
	}{
		"Native":    {"Kubernetes sleeps itself", node{"sleep": node{"seconds": 30}}, 30, ""},
		"NoSeconds": {"but has to be told how long", node{"sleep": node{}}, 0, "x.sleep.seconds of Deployment api to be set"},
		"Exec":      {"a command of two words", command("sleep", "30"), 30, ""},
		"Path":      {"by its path", command("/usr/bin/sleep", "2.5"), 2.5, ""},
		"Shell":     {"in a shell", command("/bin/sh", "-c", "sleep 30"), 30, ""},
		"Bash":      {"in another one", command("bash", "-c", " sleep 30s "), 30, ""},
		"ShellFlag": {"a shell with another flag runs something else", command("sh", "-x", "sleep 30"), 0, unclear},
		"NoShell":   {"what is no shell runs something else", command("env", "-c", "sleep 30"), 0, unclear},
		"ShellMore": {"more words are arguments of a script", command("sh", "-c", "sleep 30", "x"), 0, unclear},
		"Then":      {"what follows takes longer", command("sh", "-c", "sleep 30; drain"), 0, unclear},
		"Script":    {"a script takes as long as it takes", command("/drain.sh"), 0, unclear},
		"HTTP":      {"so does a request", node{"httpGet": node{"path": "/drain"}}, 0, unclear},
		"Most":      {"the longest that is believed", command("sleep", "100000"), 100000, ""},
		"Beyond":    {"a second more is a mistake", command("sleep", "100001"), 100001, unclear},
		"None":      {"no hook takes no time", nil, 0, ""},
		"Output":    {"an output may take any", Unknown(), 0, "x of Deployment api, not known yet"},
	} {
		f := &facts{}
		if got := f.sleep(leafOf(c.hook)); got != c.want {
			t.Errorf("%s: %s\nsleep = %g, want %g", name, c.reason, got, c.want)
		}
		if got := strings.Join(f.waits, "; "); got != c.waits {
			t.Errorf("%s: %s\nwaits for %q, want %q", name, c.reason, got, c.waits)
		}
	}
}
