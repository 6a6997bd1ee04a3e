package rules

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/catalog"
)

// TestLacks: what fits exactly fits, in every part.
func TestLacks(t *testing.T) {
	have := budget.Amount{MilliCPU: 4000, MiB: 1024, Pods: 10}
	for name, c := range map[string]struct {
		want budget.Amount
		says string
	}{
		"Exactly": {have, ""},
		"CPU":     {budget.Amount{MilliCPU: 4001, MiB: 1024, Pods: 10}, "CPU: 4.001 > 4 cores of the nodes at their maximum"},
		"Memory":  {budget.Amount{MilliCPU: 4000, MiB: 1025, Pods: 10}, "memory: 1025 > 1024 MiB of the nodes at their maximum"},
		"Pods":    {budget.Amount{MilliCPU: 4000, MiB: 1024, Pods: 11}, "pods: 11 > 10 of the nodes at their maximum"},
	} {
		if diff := cmp.Diff(c.says, strings.Join(lacks(c.want, have), "; ")); diff != "" {
			t.Errorf("%s: lacks (-want +got):\n%s", name, diff)
		}
	}
}

// TestMaxPods: a launch template may tell the kubelet another number than that of
// the machine.
func TestMaxPods(t *testing.T) {
	template := func(userData any) Resource {
		return declared(typeLaunchTemplate, "general", node{"userData": userData})
	}
	encoded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	group := nodeGroup()
	group.References = map[string][]string{"launchTemplate": {template(nil).URN}}
	for name, c := range map[string]struct {
		reason   string
		template Resource
		want     int
		waits    string
	}{
		"NodeConfig": {"as Amazon Linux 2023 has it", template(encoded("kubelet:\n  config:\n    maxPods: 110\n")), 110, ""},
		"Bootstrap":  {"as its predecessor has it", template(encoded("bootstrap.sh shop --kubelet-extra-args '--max-pods=110'")), 110, ""},
		"Silent":     {"user data that does not say leaves it to the machine", template(encoded("#!/bin/sh\n")), 58, ""},
		"None":       {"no user data too", template(nil), 58, ""},
		"Plain":      {"what is not encoded is refused by EC2", template("maxPods: 110"), 58, ""},
		"Output":     {"an output may say anything", template(Unknown()), 58, "userData of LaunchTemplate general, not known yet"},
	} {
		f := &facts{}
		got := NewModel([]Resource{group, c.template}).maxPods(f, group, catalog.NodeType{MaxPods: 58})
		if got != c.want || strings.Join(f.waits, "; ") != c.waits {
			t.Errorf("%s: %s\nmaxPods = %d, waits for %q; want %d, %q", name, c.reason, got, f.waits, c.want, c.waits)
		}
	}
}

// TestMemoryReachable: at the trigger the autoscaler does not act yet, so a limit
// there is too low.
func TestMemoryReachable(t *testing.T) {
	container := func(request, limit any) node {
		return node{"resources": node{"requests": node{"memory": request}, "limits": node{"memory": limit}}}
	}
	for name, c := range map[string]struct {
		reason     string
		containers []any
		fails      bool
	}{
		"Above":   {"one MiB above 110", []any{container("100Mi", "111Mi")}, false},
		"At":      {"100 % of 100 MiB with the tolerance are 110", []any{container("100Mi", "110Mi")}, true},
		"Below":   {"the limit stands in for a request that is missing", []any{container(nil, "110Mi")}, true},
		"NoLimit": {"nothing kills a container without a limit", []any{container("100Mi", "110Mi"), container("100Mi", nil)}, false},
		"Sum":     {"the pod is what is measured", []any{container("100Mi", "101Mi"), container("100Mi", "120Mi")}, false},
		"Nobody":  {"a Deployment without containers is not finished", nil, false},
	} {
		w := pod(typeDeployment, c.containers...)
		f := &facts{}
		if fault := (service{workload: &w}).memoryReachable(f, leafOf(100), ""); (fault != "") != c.fails {
			t.Errorf("%s: %s\nfault = %q, want one: %v", name, c.reason, fault, c.fails)
		}
	}
}
