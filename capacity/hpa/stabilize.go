package hpa

import "time"

// stabilizeFixed holds the largest recommendation of the cluster's window: the
// way down of an HPA without behavior. A recommendation exactly as old as the
// window still counts.
func (a *Autoscaler) stabilizeFixed(now time.Duration, desired int32) int32 {
	held, expired := desired, -1
	cutoff := now - a.settings.DownscaleStabilization
	for i := range a.recommendations {
		r := &a.recommendations[i]
		if r.at < cutoff {
			expired = i
		} else {
			held = max(held, r.replicas)
		}
	}
	a.store(expired, recommendation{now, desired})
	return held
}

// stabilize moves current no further than all recommendations of the windows
// agree on: up to the smallest of the scale-up window, down to the largest of the
// scale-down window. One exactly as old as its window no longer counts.
func (a *Autoscaler) stabilize(now time.Duration, current, desired int32) int32 {
	up, down, expired := desired, desired, -1
	upCutoff, downCutoff := now-a.up.window, now-a.down.window
	for i := range a.recommendations {
		r := &a.recommendations[i]
		if r.at > upCutoff {
			up = min(up, r.replicas)
		}
		if r.at > downCutoff {
			down = max(down, r.replicas)
		}
		if r.at < upCutoff && r.at < downCutoff {
			expired = i
		}
	}
	a.store(expired, recommendation{now, desired})
	return min(max(current, up), down)
}
