package plan

import (
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/spec"
)

// reliesOnNodes names what others must do for nodes to come and go as counted.
func (d *draft) reliesOnNodes(add func(format string, args ...any)) {
	t := budget.ClusterAutoscaler
	switch {
	case d.stack.Addons.Karpenter == spec.External:
		add("Karpenter's NodePools are bounded as nodes.groups states, and it adds a node as fast as Cluster Autoscaler with --scan-interval=%s", t.Scan)
	case d.stack.Addons.ClusterAutoscaler == spec.External:
		add("Cluster Autoscaler runs with --scan-interval=%s, --scale-down-unneeded-time=%s and --scale-down-delay-after-add=%s, and owns the size of every node group", t.Scan, t.Unneeded, t.AfterAdd)
		if longest := d.plan.Nodes.Autoscaler.GraceSeconds; longest > int(t.Grace.Seconds()) {
			add("Cluster Autoscaler runs with --max-graceful-termination-sec=%d or more, or it cuts the longest grace period of a service at its default of %.0f s", longest, t.Grace.Seconds())
		}
	}
	if d.stack.Addons.ClusterAutoscaler == spec.Managed && d.stack.Addons.PodIdentityAgent == spec.External {
		add("the EKS Pod Identity agent runs (add-on eks-pod-identity-agent): Cluster Autoscaler has its rights by it")
	}
	for i, g := range d.plan.Nodes.Groups {
		stated := d.stack.Nodes.Groups[i]
		if stated.CapacityType == spec.Spot {
			add("EC2 has spot capacity of %s in the zones of node group %s", strings.Join(stated.InstanceTypes, " or "), g.Name)
		}
		if stated.Mode != spec.External {
			continue
		}
		add("node group %s is bounded at %d to %d nodes", g.Name, g.MinSize, g.MaxSize)
		if d.stack.Addons.ClusterAutoscaler == spec.Managed {
			add("the Auto Scaling groups of node group %s carry the tags k8s.io/cluster-autoscaler/enabled and k8s.io/cluster-autoscaler/%s: owned", g.Name, d.stack.Cluster.Name)
		}
	}
	if d.stack.Cluster.PodIPMode == spec.PrefixDelegation {
		add("the VPC CNI runs with ENABLE_PREFIX_DELEGATION=true")
	}
}
