package drift

import (
	"maps"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Target are the objects of one service, by their names.
type Target struct {
	Namespace, Deployment, Container string
	Autoscaler, DisruptionBudget     string
}

// Targets are the objects that a stack's services have in the cluster.
func Targets(stack spec.Stack) []Target {
	var all []Target
	for _, name := range slices.Sorted(maps.Keys(stack.Services)) {
		v := stack.Services[name]
		all = append(all, Target{
			Namespace: stack.Cluster.Namespace, Deployment: v.Target(name), Container: v.ServingContainer(name),
			Autoscaler: v.Adopt.Autoscaler.Name(name), DisruptionBudget: v.Adopt.DisruptionBudget.Name(name),
		})
	}
	return all
}

// Pools are the node groups that Cluster Autoscaler can grow, each by the name that
// EKS knows, or by the beginning of it. Of an external group only its own name is
// stated. Where Karpenter adds nodes there is nothing to read.
func Pools(stack spec.Stack, n plan.Nodes) []plan.NodePool {
	var all []plan.NodePool
	if stack.Addons.Karpenter == spec.External {
		return nil
	}
	for i, g := range n.Groups {
		stated := stack.Nodes.Groups[i]
		whole := plan.NodePool{Name: g.Name, MinSize: g.MinSize, MaxSize: g.MaxSize}
		switch {
		case stated.Fixed != nil:
		case stated.Mode == spec.Adopt:
			whole.Name = stated.ID
			all = append(all, whole)
		case len(g.Pools) > 0:
			for _, p := range g.Pools {
				p.Name = strings.TrimSuffix(p.Prefix(stack.Name), "-")
				all = append(all, p)
			}
		default:
			all = append(all, whole)
		}
	}
	return all
}
