package alerts

import (
	"fmt"
	"math"
	"regexp"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// nodes watches the groups that the services run on.
func (w world) nodes() []Alert {
	var out []Alert
	for i, g := range w.plan.Nodes.Groups {
		out = append(out, w.group(i, g)...)
	}
	return append(out, w.node()...)
}

// nodeLabel is how kube-state-metrics writes the label of the group
// (github.com/kubernetes/kube-state-metrics internal/store/utils.go, mapToPrometheusLabels, v2.19).
const nodeLabel = "label_eks_amazonaws_com_nodegroup"

// members selects the nodes of a group. A managed group is named by its prefix.
func (w world) members(i int) string {
	g := w.stack.Nodes.Groups[i]
	name := regexp.QuoteMeta(g.Name)
	switch g.Mode {
	case spec.Adopt:
		name = regexp.QuoteMeta(g.ID)
	case spec.Managed:
		name += "(-.+)?"
	}
	return series.Select("kube_node_labels", series.Matches(nodeLabel, name))
}

// group at its maximum: pods that need another node wait for ever. Without an
// account there is no group, and its size is fixed.
func (w world) group(i int, g plan.NodeGroup) []Alert {
	limit, ok := w.plan.Limit(plan.CeilingNodes, g.Name)
	if !ok || w.stack.Local() || g.MinSize >= g.MaxSize {
		return nil
	}
	near := min(g.MaxSize, max(g.MinSize+1, int(math.Ceil(limit.Threshold))))
	count := fmt.Sprintf("count(%s)", w.members(i))
	// A group that may be empty has no series of its own then.
	need := w.members(i)
	if g.MinSize == 0 {
		need = series.Select("kube_node_labels")
	}
	look := fmt.Sprintf("kubectl get nodes -l %s --sort-by=.metadata.creationTimestamp", plan.NodeGroupLabel)
	raise := w.whatIf("nodes.groups[%d].maxSize=%d", i, g.MaxSize+max(1, g.MaxSize/4))
	at := func(name string, severity spec.Severity, n int, wait time.Duration, means string) Alert {
		return Alert{
			Name: name, Subject: g.Name, Severity: severity, For: wait, Ceiling: plan.CeilingNodes,
			Expr:    fmt.Sprintf("%s >= %d", count, n),
			Summary: fmt.Sprintf("node group %s has {{ $value | humanize }} of at most %d nodes", g.Name, g.MaxSize),
			Runbook: Runbook{Command: look, Means: means, Do: []string{
				"Which service grew? `kubectl get hpa -A`. Pods of others on these nodes take room that the plan counts on: nodes.system states it.",
				fmt.Sprintf("See what a larger group costs and whether the subnets have addresses: `%s`.", raise)}},
			Needs: []string{need},
		}
	}
	return []Alert{
		at("HeadroomNodesNearMaximum", spec.Warning, near, 5*time.Minute,
			fmt.Sprintf("The plan fits every service at its maximum on %d nodes.", g.MaxSize)),
		at("HeadroomNodesAtMaximum", spec.Critical, g.MaxSize, 2*time.Minute,
			fmt.Sprintf("Cluster Autoscaler adds no node beyond %d. Pods that find no room stay pending.", g.MaxSize)),
	}
}

// node troubles take capacity away that the plan counts on.
func (w world) node() []Alert {
	ready := series.Select("kube_node_status_condition", series.Is("condition", "Ready"), series.Is("status", "true"))
	disk := []string{series.Is("mountpoint", "/"), series.Matches("fstype", "ext.|xfs")}
	free, size := series.Select("node_filesystem_avail_bytes", disk...), series.Select("node_filesystem_size_bytes", disk...)
	return []Alert{{
		Name: "HeadroomNodeNotReady", Severity: spec.Warning, For: 5 * time.Minute,
		Expr:    ready + " == 0",
		Summary: "node {{ $labels.node }} is not ready",
		Runbook: Runbook{Command: "kubectl get nodes -o wide", Means: "Its pods move to other nodes, if these have room.", Do: []string{
			"`kubectl describe node <node>` shows the conditions: pressure, network, kubelet.",
			"`kubectl cordon <node>` keeps new pods away; terminate the instance, and its group replaces it."}},
		Needs: []string{ready},
	}, {
		Name: "HeadroomNodeDiskFilling", Severity: spec.Warning, For: 5 * time.Minute,
		Expr:    fmt.Sprintf("%s / %s < %s", free, size, series.Number(diskFree)),
		Summary: "the disk of {{ $labels.instance }} has only {{ $value | humanizePercentage }} left",
		Runbook: Runbook{Command: "kubectl get nodes -o custom-columns=NODE:.metadata.name,IP:.status.addresses[0].address,DISK:.status.conditions[?(@.type=='DiskPressure')].status",
			Means: "Below 15% the kubelet deletes images, below 10% it evicts pods.", Do: []string{
				"Logs and emptyDirs are the usual cause: `kubectl get pods -A -o wide --field-selector spec.nodeName=<node>`.",
				"Raise nodes.groups[].diskGib, or drain the node: a new one starts empty."}},
		Needs: []string{free, size},
	}}
}

// diskFree is before the kubelet's first threshold, at 15 % free
// (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/, 2026-11).
const diskFree = 0.2
