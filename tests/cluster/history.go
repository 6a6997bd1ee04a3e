//go:build linux

package cluster

import (
	"slices"
	"sync"
	"time"
)

// Step is a moment from which a number holds.
type Step struct {
	At time.Time
	N  int
}

// Steps are the course of a number.
type Steps []Step

// At is the number at a moment; 0 before the first step.
func (s Steps) At(at time.Time) int {
	n := 0
	for _, step := range s {
		if step.At.After(at) {
			break
		}
		n = step.N
	}
	return n
}

// Above is when the number first exceeded n after a moment; false for not yet.
func (s Steps) Above(n int, after time.Time) (time.Time, bool) {
	return s.first(after, func(v int) bool { return v > n })
}

// Below is when the number was first less than n after a moment; false for not yet.
func (s Steps) Below(n int, after time.Time) (time.Time, bool) {
	return s.first(after, func(v int) bool { return v < n })
}

func (s Steps) first(after time.Time, is func(n int) bool) (time.Time, bool) {
	for _, step := range s {
		if step.At.After(after) && is(step.N) {
			return step.At, true
		}
	}
	return time.Time{}, false
}

// Reached is when the number was first at least n, from a moment on; false for
// not yet.
func (s Steps) Reached(n int, from time.Time) (time.Time, bool) {
	if s.At(from) >= n {
		return from, true
	}
	return s.Above(n-1, from)
}

// Since are the steps after a moment, with the number at it first.
func (s Steps) Since(from time.Time) Steps {
	out := Steps{{from, s.At(from)}}
	for _, step := range s {
		if step.At.After(from) {
			out = append(out, step)
		}
	}
	return out
}

// Least is the smallest number from a moment on.
func (s Steps) Least(from time.Time) int {
	return slices.MinFunc(s.Since(from), byNumber).N
}

// Most is the greatest.
func (s Steps) Most(from time.Time) int {
	return slices.MaxFunc(s.Since(from), byNumber).N
}

func byNumber(a, b Step) int { return a.N - b.N }

// History is what became of the Deployments, autoscalers and Services of one name.
type History struct {
	mu    sync.Mutex
	steps map[Number]Steps
}

// Number is what a history records.
type Number string

// The numbers.
const (
	// Replicas that the Deployment is asked for.
	Replicas Number = "replicas"
	// Ready pods that are not about to go, Pending ones without a node.
	Ready   Number = "ready"
	Pending Number = "pending"
	// Endpoints of the Service that get requests.
	Endpoints Number = "endpoints"
	// Floor of the replicas that the autoscaler may want, and Active for whether it
	// has what it needs to want any: 1 or 0.
	Floor  Number = "floor"
	Active Number = "active"
)

// Of is the course of a number until now.
func (h *History) Of(n Number) Steps {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.steps[n])
}

func (h *History) note(n Number, value int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.steps[n]; len(s) == 0 || s[len(s)-1].N != value {
		h.steps[n] = append(s, Step{time.Now(), value})
	}
}
