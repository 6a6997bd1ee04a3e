package fleet

import "time"

// meter integrates over time.
type meter struct {
	nodeSeconds, usdSeconds, pendingSeconds float64
	// pending pods of services, and bootingNow nodes.
	pending, bootingNow int
}

// passes lets time pass until now.
func (f *Fleet) passes(now time.Duration) {
	if now <= f.now {
		return
	}
	f.nodeSeconds, f.usdSeconds, f.pendingSeconds = f.NodeSeconds(now), f.USDSeconds(now), f.PendingSeconds(now)
	f.now = now
}

// NodeSeconds that nodes have run until now, from their request on.
func (f *Fleet) NodeSeconds(now time.Duration) float64 {
	return f.nodeSeconds + float64(float64(len(f.live))*(now-f.now).Seconds())
}

// USDSeconds are the prices per hour of those nodes times their seconds.
func (f *Fleet) USDSeconds(now time.Duration) float64 {
	return f.usdSeconds + float64(f.USDPerHour()*(now-f.now).Seconds())
}

// PendingSeconds that pods of services have waited for a node until now.
func (f *Fleet) PendingSeconds(now time.Duration) float64 {
	return f.pendingSeconds + float64(float64(f.pending)*(now-f.now).Seconds())
}

// Nodes that are Ready, those that are drained included.
func (f *Fleet) Nodes() int { return len(f.live) - f.bootingNow }

// Booting nodes.
func (f *Fleet) Booting() int { return f.bootingNow }

// USDPerHour of all nodes, booting ones included.
func (f *Fleet) USDPerHour() float64 {
	sum := 0.0
	for _, n := range f.live {
		sum += f.Groups[f.nodes[n].group].USDPerHour
	}
	return sum
}
