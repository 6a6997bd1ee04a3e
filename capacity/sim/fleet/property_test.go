package fleet

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/budget"
)

// Whatever happens to a cluster, no node holds more than it has, every pod is
// counted once, groups stay within their bounds, and nothing waits that fits. Pods
// that are evicted take their time to leave.
func TestHoldsWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, err := New(clusters().Draw(t, "cluster"))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Duration(0)
		alive := pods{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 900).Draw(t, "seconds")) * time.Second
			alive.follow(f.Advance(now))
			switch rapid.SampledFrom([]string{"add", "add", "remove", "evict", "evict", "node", "zone"}).Draw(t, "act") {
			case "add":
				for range rapid.IntRange(1, 30).Draw(t, "pods") {
					id, _ := f.Add(now, rapid.IntRange(0, 1).Draw(t, "demand"))
					alive[id] = false
				}
			case "remove":
				for id := range f.pods {
					if _, ok := alive[id]; ok && rapid.Bool().Draw(t, "gone") {
						f.Remove(now, id)
						delete(alive, id)
					}
				}
			case "evict":
				for id := range f.pods {
					if alive[id] {
						f.Remove(now, id)
						delete(alive, id)
					}
				}
			case "node":
				alive.follow(f.LoseNode(now))
			case "zone":
				alive.follow(f.LoseZone(now, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "zone")))
			}
			alive.follow(f.Advance(now))
			if problem := f.inconsistent(alive); problem != "" {
				t.Fatal(problem)
			}
		}
	})
}

// pods that are alive, and whether their node waits for them to leave.
type pods map[int]bool

func (p pods) follow(events []Event) {
	for _, e := range events {
		switch e.Kind {
		case Lost:
			delete(p, e.Pod)
		case Evicted:
			p[e.Pod] = true
		}
	}
}

// clusters with two kinds of pods, pause pods and system pods.
func clusters() *rapid.Generator[Config] {
	amount := func(t *rapid.T, name string, cpu, mib, pods int) budget.Amount {
		return budget.Amount{MilliCPU: int64(rapid.IntRange(1, cpu).Draw(t, name+" cpu")), MiB: int64(rapid.IntRange(1, mib).Draw(t, name+" mib")), Pods: pods}
	}
	return rapid.Custom(func(t *rapid.T) Config {
		c := Config{Zones: []string{"a", "b", "c"}}
		for g := range rapid.IntRange(1, 3).Draw(t, "groups") {
			least := rapid.IntRange(0, 3).Draw(t, "min")
			start := least + rapid.IntRange(0, 3).Draw(t, "start")
			c.Groups = append(c.Groups, Group{Name: fmt.Sprint(g), Min: least, Start: start, Max: start + rapid.IntRange(0, 6).Draw(t, "max"),
				Boot: time.Duration(rapid.IntRange(0, 200).Draw(t, "boot")) * time.Second, Free: amount(t, "node", 8000, 8000, rapid.IntRange(0, 20).Draw(t, "most pods"))})
		}
		c.Demands = []Demand{
			{Name: "one", Each: amount(t, "one", 2000, 2000, 1)},
			{Name: "two", Each: amount(t, "two", 4000, 500, 1)},
			{Name: "system", Each: amount(t, "system", 500, 500, 1), Fixed: rapid.IntRange(0, 3).Draw(t, "system")},
			{Name: "pause", Each: amount(t, "pause", 2000, 2000, 1), Fixed: rapid.IntRange(0, 5).Draw(t, "pause"), Pause: true},
		}
		return c
	})
}

// inconsistent is what is wrong with the state, empty if nothing.
func (f *Fleet) inconsistent(alive pods) string {
	seen := map[int]int{}
	for _, n := range f.live {
		v := &f.nodes[n]
		left := f.Groups[v.group].Free
		for _, id := range v.pods {
			seen[id]++
			left = left.Less(f.each(id))
		}
		if left != v.free || left.MilliCPU < 0 || left.MiB < 0 || left.Pods < 0 {
			return fmt.Sprintf("node %d has %+v left, counted %+v", n, left, v.free)
		}
	}
	for _, id := range append(append([]int{}, f.waiting...), f.paused...) {
		seen[id]++
		for _, n := range f.live {
			if v := &f.nodes[n]; !v.booting && !v.drained && holds(v.free, f.each(id)) {
				return fmt.Sprintf("pod %d waits, but node %d has room", id, n)
			}
		}
	}
	pending := 0
	for id := range f.pods {
		p := &f.pods[id]
		want := 0
		if _, ok := alive[id]; ok || p.own {
			want = 1
		}
		if seen[id] != want || p.alive != (want == 1) {
			return fmt.Sprintf("pod %d is counted %d times, want %d; alive %v", id, seen[id], want, p.alive)
		}
		if p.alive && !p.own && p.node == none {
			pending++
		}
	}
	if pending != f.pending {
		return fmt.Sprintf("%d pods wait, counted %d", pending, f.pending)
	}
	for g, group := range f.Groups {
		if n := f.size(g); n > group.Max || n < group.Min && f.canBoot(g) {
			return fmt.Sprintf("group %d has %d nodes, of %d to %d", g, n, group.Min, group.Max)
		}
	}
	if s := f.NodeSeconds(f.now); math.IsNaN(s) || s < 0 {
		return fmt.Sprintf("%g node-seconds", s)
	}
	return ""
}
