package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRolloutOf: what a rollout adds and takes away, of 4 pods.
func TestRolloutOf(t *testing.T) {
	deployment := func(strategy any) *Resource {
		r := declared(typeDeployment, "api", node{"metadata": node{"name": "api"}, "spec": node{"strategy": strategy}})
		return &r
	}
	patch := func(spec node) *Resource {
		r := declared(typeDeploymentPatch, "api", node{"metadata": node{"name": "api"}, "spec": spec})
		return &r
	}
	rolling := func(surge, unavailable any) node {
		return node{"rollingUpdate": node{"maxSurge": surge, "maxUnavailable": unavailable}}
	}
	notes := func(surge any) *Resource {
		r := configMap("api-headroom", nil, node{noteMaxSurge: surge, noteMaxUnavailable: "0", noteGrace: "60", noteMinReady: "10"})
		return &r
	}
	const unset = "annotation headroom.dev/max-surge-percent of ConfigMap api-headroom to be set; " +
		"annotation headroom.dev/max-unavailable-percent of ConfigMap api-headroom to be set; " +
		"annotation headroom.dev/grace-seconds of ConfigMap api-headroom to be set; " +
		"annotation headroom.dev/min-ready-seconds of ConfigMap api-headroom to be set"
	for name, c := range map[string]struct {
		reason             string
		workload, settings *Resource
		want, waits        string
	}{
		"Defaults":    {"those of Kubernetes", deployment(nil), nil, "+1 −1, grace 30, ready 0", ""},
		"Percent":     {"shares round up and down", deployment(rolling("30%", "30%")), nil, "+2 −1, grace 30, ready 0", ""},
		"Pods":        {"numbers of pods", deployment(rolling(3, 2)), nil, "+3 −2, grace 30, ready 0", ""},
		"PodsText":    {"a number as text is pods too", deployment(rolling("3", "2")), nil, "+3 −2, grace 30, ready 0", ""},
		"Rounded":     {"where both round to 0 Kubernetes takes one", deployment(rolling("0%", "20%")), nil, "+0 −1, grace 30, ready 0", ""},
		"OnlyMore":    {"where pods are added none has to go", deployment(rolling("10%", "20%")), nil, "+1 −0, grace 30, ready 0", ""},
		"Recreate":    {"all stop first, whatever else is stated", deployment(node{"type": "Recreate", "rollingUpdate": node{"maxSurge": 3}}), nil, "recreate, grace 30, ready 0", ""},
		"Output":      {"an output may be any", deployment(rolling(Unknown(), 0)), nil, "+0 −1, grace 30, ready 0", "spec.strategy.rollingUpdate.maxSurge of Deployment api, not known yet"},
		"Negative":    {"less than none is none of them", deployment(rolling("-1%", 0)), nil, "+0 −1, grace 30, ready 0", "spec.strategy.rollingUpdate.maxSurge of Deployment api = -1 to be a percentage"},
		"None":        {"no share at all is one", deployment(rolling("0%", 1)), nil, "+0 −1, grace 30, ready 0", ""},
		"Most":        {"the largest share that is believed", deployment(rolling("100000%", 0)), nil, "+4000 −0, grace 30, ready 0", ""},
		"Beyond":      {"one more is a mistake", deployment(rolling("100001%", 0)), nil, "+0 −1, grace 30, ready 0", "spec.strategy.rollingUpdate.maxSurge of Deployment api = 100001 to be a percentage"},
		"Word":        {"a word is no share", deployment(rolling("many%", 0)), nil, "+0 −1, grace 30, ready 0", "spec.strategy.rollingUpdate.maxSurge of Deployment api to be a number"},
		"External":    {"annotations stand in for the Deployment, in percent", nil, notes("50"), "+2 −0, grace 60, ready 10", ""},
		"ExternalNot": {"and nothing stands in for them", nil, nil, "+0 −1, grace 0, ready 0", unset},
		"Patch":       {"what a patch leaves out is the owner's, not the default of Kubernetes", patch(node{}), nil, "+0 −1, grace 0, ready 0", unset},
		"PatchStates": {"what it states is nearer than annotations, and in pods", patch(node{"strategy": rolling(3, nil)}), notes("50"), "+3 −0, grace 60, ready 10", ""},
		"PatchTimes": {"times too", patch(node{"minReadySeconds": 5, "template": node{"spec": node{"terminationGracePeriodSeconds": 45}}}), notes("50"),
			"+2 −0, grace 45, ready 5", ""},
		"PatchRecreate": {"a patch may ask for Recreate", patch(node{"strategy": node{"type": "Recreate"}}), notes("0"), "recreate, grace 60, ready 10", ""},
	} {
		r := rolloutOf(service{name: "api", workload: c.workload, settings: c.settings})
		pods := fmt.Sprintf("+%d −%d", r.added(4), r.removed(4))
		if r.recreate {
			pods = "recreate"
		}
		got := fmt.Sprintf("%s, grace %g, ready %g", pods, r.grace, r.minReady)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s\nrollout (-want +got):\n%s", name, c.reason, diff)
		}
		waits := slices.Concat(r.more.waits, r.rolling().waits)
		if diff := cmp.Diff(c.waits, strings.Join(waits, "; ")); diff != "" {
			t.Errorf("%s: %s\nwaits (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestRolloutOfNothing: of no pods nothing is added and nothing can go.
func TestRolloutOfNothing(t *testing.T) {
	r := rollout{surge: amount{n: 1}, unavailable: amount{n: 1}}
	if r.added(0) != 0 || r.removed(0) != 0 {
		t.Errorf("a rollout of 0 pods adds %d and removes %d, want neither", r.added(0), r.removed(0))
	}
}
