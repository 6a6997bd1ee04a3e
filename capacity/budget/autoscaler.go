package budget

import "time"

// Autoscaler is the timing of Cluster Autoscaler.
type Autoscaler struct {
	// Scan interval.
	Scan time.Duration
	// Unneeded time before a node is removed, and the delay after a node was
	// added.
	Unneeded, AfterAdd time.Duration
	// Threshold of utilization below which a node is unneeded.
	Threshold float64
	// Grace that a pod has at most on a node that is removed, whatever its own.
	Grace time.Duration
}

// ClusterAutoscaler is the timing that plans count on, replays run with and
// clusters are given. The values are its defaults
// (github.com/kubernetes/autoscaler cluster-autoscaler/FAQ.md, 2026-11), stated so
// that another release cannot change them.
var ClusterAutoscaler = Autoscaler{Scan: 10 * time.Second, Unneeded: 10 * time.Minute, AfterAdd: 10 * time.Minute, Threshold: 0.5, Grace: 10 * time.Minute}
