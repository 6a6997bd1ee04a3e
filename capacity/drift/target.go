package drift

import (
	"maps"
	"slices"

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

// Pools are the node groups that can grow; one that others made is its own.
func Pools(stack spec.Stack, n plan.Nodes) []plan.NodePool {
	var all []plan.NodePool
	for i, g := range n.Groups {
		switch {
		case stack.Nodes.Groups[i].Fixed != nil:
		case len(g.Pools) > 0:
			all = append(all, g.Pools...)
		default:
			all = append(all, plan.NodePool{Name: g.Name, MinSize: g.MinSize, MaxSize: g.MaxSize})
		}
	}
	return all
}
