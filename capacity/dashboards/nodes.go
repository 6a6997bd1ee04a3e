package dashboards

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/series"
)

func (w world) nodes() []Row {
	return []Row{
		{"groups", w.groups()},
		{"room", []Panel{w.requested("cpu", cores), w.requested("memory", bytes), w.podsPerNode(), w.pending()}},
		{"use", []Panel{w.nodeCPU(), w.nodeMemory(), w.nodeDisk(), w.notReady()}},
	}
}

// nodeLabel is how kube-state-metrics writes the label of the group.
const nodeLabel = "label_eks_amazonaws_com_nodegroup"

func (w world) groups() []Panel {
	if w.stack.Local() {
		return nil
	}
	most := 0.0
	for _, g := range w.plan.Nodes.Groups {
		most = max(most, float64(g.MaxSize))
	}
	return []Panel{{Title: "Nodes per group", Unit: number, Limit: limit(most), About: "The line is the largest maximum of a group; Cluster Autoscaler adds no node beyond.",
		Queries: one(fmt.Sprintf("count by (%s) (%s)", nodeLabel, series.Select("kube_node_labels", nodeLabel+`!=""`)), "{{"+nodeLabel+"}}")}}
}

// requested against allocatable: what the scheduler goes by.
func (w world) requested(resource, unit string) Panel {
	of := series.Is("resource", resource)
	running := `(kube_pod_status_phase{phase=~"Pending|Running"} == 1)`
	requests := fmt.Sprintf("sum(%s * on (namespace,pod) group_left () max by (namespace,pod) (%s))", series.Select("kube_pod_container_resource_requests", of), running)
	return Panel{Title: "Requested " + resource, Unit: unit, About: "What pods request of what nodes can give: the scheduler goes by nothing else.",
		Queries: []Query{{requests, "requested"}, {series.Sum(series.Select("kube_node_status_allocatable", of)), "allocatable"}}}
}

func (w world) podsPerNode() Panel {
	return Panel{Title: "Pods per node", Unit: number, Limit: w.podLimit(), About: "The line is the most that a node's network takes.",
		Queries: one(`count by (node) (kube_pod_info{node!=""})`, "{{node}}")}
}

func (w world) podLimit() *float64 {
	var least *float64
	for _, g := range w.plan.Nodes.Groups {
		if n := float64(g.MaxPods); least == nil || n < *least {
			least = &n
		}
	}
	return least
}

func (w world) pending() Panel {
	return Panel{Title: "Pending pods", Unit: number, About: fmt.Sprintf("By namespace, without pause pods: they wait by design. A new node takes %g s.", w.plan.Nodes.BootSeconds),
		Queries: one(`sum by (namespace) (kube_pod_status_phase{phase="Pending",pod!~".+-pause-[^-]+-[^-]+"})`, "{{namespace}}")}
}

func (w world) nodeCPU() Panel {
	return Panel{Title: "CPU in use", Unit: share, About: "Share of each node's CPU that is not idle.",
		Queries: one("1 - avg by (instance) ("+rate(`node_cpu_seconds_total{mode="idle"}`)+")", "{{instance}}")}
}

func (w world) nodeMemory() Panel {
	return Panel{Title: "Memory in use", Unit: share, About: "Share of each node's memory that programs cannot get. Near 1 the kubelet evicts.",
		Queries: one("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}")}
}

func (w world) nodeDisk() Panel {
	const root = `{mountpoint="/",fstype=~"ext.|xfs"}`
	return Panel{Title: "Disk in use", Unit: share, Limit: limit(0.85), About: "At the line the kubelet deletes images, at 0.9 it evicts.",
		Queries: one("1 - node_filesystem_avail_bytes"+root+" / node_filesystem_size_bytes"+root, "{{instance}}")}
}

func (w world) notReady() Panel {
	return Panel{Title: "Nodes that are not ready", Unit: number, About: "Their pods need room elsewhere.",
		Queries: one(`count(kube_node_status_condition{condition="Ready",status="true"} == 0) or vector(0)`, "not ready")}
}
