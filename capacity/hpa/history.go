package hpa

import (
	"slices"
	"time"
)

// recommendation is what the metrics proposed at a sync, before stabilization.
type recommendation struct {
	at       time.Duration
	replicas int32
}

// store puts a recommendation in the slot of an expired one, or in a new slot
// when expired is negative.
func (a *Autoscaler) store(expired int, r recommendation) {
	if expired < 0 {
		a.recommendations = append(a.recommendations, r)
		return
	}
	a.recommendations[expired] = r
}

// event is a change of the replicas, always positive. Once found older than the
// longest period of its direction it stays outdated: its slot is free, though it
// counts until it is taken.
type event struct {
	at       time.Duration
	change   int32
	outdated bool
}

// events are the changes in one direction.
type events []event

// sum is the change after now − period.
func (es events) sum(now, period time.Duration) (change int32) {
	for i := range es {
		if es[i].at > now-period {
			change += es[i].change
		}
	}
	return change
}

// put stores an event in the last outdated slot, or in a new one.
func (es *events) put(now, longest time.Duration, change int32) {
	free := -1
	for i := range *es {
		e := &(*es)[i]
		e.outdated = e.outdated || e.at < now-longest
		if e.outdated {
			free = i
		}
	}
	if free < 0 {
		*es = append(*es, event{at: now, change: change})
		return
	}
	(*es)[free] = event{at: now, change: change}
}

// reserve makes room for what a window or a period can hold at the shortest sync
// period that EKS allows, so that no Step needs to grow it.
func reserve[S ~[]E, E any](s S, span time.Duration) S {
	const shortestSync = 10 * time.Second
	return slices.Grow(s, max(0, int(min(span, time.Hour)/shortestSync)+3-len(s)))
}
