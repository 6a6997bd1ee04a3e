package fleet

import (
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
)

// small is a cluster of two nodes that each hold four pods of the kind web.
func small() Config {
	return Config{
		Zones: []string{"a", "b"},
		Groups: []Group{{Name: "web", Min: 2, Max: 4, Start: 2, Boot: 60 * time.Second, USDPerHour: 0.2,
			Free: budget.Amount{MilliCPU: 4000, MiB: 8000, Pods: 20}}},
		Demands: []Demand{{Name: "web", Each: budget.Amount{MilliCPU: 1000, MiB: 500, Pods: 1}}},
	}
}

// with is small after a change.
func with(change func(*Config)) Config {
	c := small()
	change(&c)
	return c
}

func open(t *testing.T, c Config) *Fleet {
	t.Helper()
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// fill adds n pods of a demand at a moment.
func fill(f *Fleet, now time.Duration, demand, n int) (ids []int, placed int) {
	for range n {
		id, ok := f.Add(now, demand)
		ids = append(ids, id)
		if ok {
			placed++
		}
	}
	return ids, placed
}

// told is an event with the moment at which it was told.
type told struct {
	At   time.Duration
	Kind EventKind
}

// watch advances in the fleet's own steps until an end.
func watch(f *Fleet, end time.Duration) []told {
	return host(f, end, -1)
}

// host is watch for pods that leave their node so long after they were told to,
// and come back at once; never when grace is negative.
func host(f *Fleet, end, grace time.Duration) []told {
	var out []told
	var leaving []int
	left := end + 1
	for {
		at, ok := f.Next()
		if at = min(at, left); !ok || at > end {
			at = left
		}
		if at > end {
			f.Advance(end)
			return out
		}
		for _, e := range f.Advance(at) {
			out = append(out, told{at, e.Kind})
			if e.Kind == Evicted && grace >= 0 {
				leaving, left = append(leaving, e.Pod), at+grace
			}
		}
		if at == left {
			for _, id := range leaving {
				f.Remove(at, id)
				f.Add(at, f.pods[id].demand)
			}
			leaving, left = nil, end+1
		}
	}
}

// count is how often a kind was told, and when last.
func count(events []told, kind EventKind) (n int, last time.Duration) {
	for _, e := range events {
		if e.Kind == kind {
			n, last = n+1, e.At
		}
	}
	return n, last
}
