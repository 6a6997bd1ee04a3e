// Package fleet is the nodes of a cluster: placement, preemption of pause pods,
// and Cluster Autoscaler, on a virtual clock.
package fleet

import (
	"time"

	"github.com/agencyos/headroom/capacity/budget"
)

// Config is a cluster.
type Config struct {
	// Groups of nodes.
	Groups []Group
	// Demands are the kinds of pods.
	Demands []Demand
	// Zones are those of groups that name none.
	Zones []string
	// Autoscaler is Cluster Autoscaler's timing; zero values mean its defaults.
	Autoscaler Autoscaler
}

// Group is one node group.
type Group struct {
	Name string
	// Priority of the expander: the highest that has room grows first.
	Priority int
	// Min and Max nodes; it starts at Start, within both.
	Min, Max, Start int
	// Free is what a node has left for pods.
	Free budget.Amount
	// Boot from the request for a node to Ready.
	Boot time.Duration
	// Zones of the group, filled evenly.
	Zones []string
	// USDPerHour of one node with its disk.
	USDPerHour float64
}

// Demand is one kind of pod.
type Demand struct {
	Name string
	Each budget.Amount
	// Fixed pods of this kind run all the time: system pods and poolers.
	Fixed int
	// Pause pods give way to any other and come back when there is room.
	Pause bool
}

// Autoscaler are the settings of Cluster Autoscaler; what is zero is that of
// [budget.ClusterAutoscaler].
type Autoscaler struct {
	// Off keeps every group at its start.
	Off bool
	budget.Autoscaler
}
