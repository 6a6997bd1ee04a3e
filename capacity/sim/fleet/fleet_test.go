package fleet

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/budget"
)

func TestSpreadsOverZonesAndNodes(t *testing.T) {
	f := open(t, small())
	fill(f, 0, 0, 4)
	got := []int{len(f.nodes[0].pods), len(f.nodes[1].pods)}
	if diff := cmp.Diff([]int{2, 2}, got); diff != "" {
		t.Errorf("pods per node (-want +got):\n%s", diff)
	}
	if f.nodes[0].zone == f.nodes[1].zone {
		t.Error("both nodes are in one zone: a group fills its zones evenly")
	}
}

func TestWaitsForANode(t *testing.T) {
	f := open(t, small())
	_, placed := fill(f, 3*time.Second, 0, 10)
	if placed != 8 {
		t.Fatalf("placed %d at once, want the 8 that fit", placed)
	}
	want := []told{
		{10 * time.Second, NodeRequested}, // the next scan
		{70 * time.Second, NodeReady},     // and a boot of 60 s
		{70 * time.Second, Placed},
		{70 * time.Second, Placed},
	}
	if diff := cmp.Diff(want, watch(f, 2*time.Minute)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if got, want := f.PendingSeconds(2*time.Minute), 2*67.0; got != want {
		t.Errorf("pods waited %g s all together, want %g: two from 3 s to 70 s", got, want)
	}
}

func TestStopsAtTheMaximum(t *testing.T) {
	f := open(t, small())
	fill(f, 0, 0, 100)
	events := watch(f, time.Hour)
	if n, _ := count(events, NodeRequested); n != 2 {
		t.Errorf("requested %d nodes, want the 2 up to the maximum of 4", n)
	}
	if got := f.Nodes(); got != 4 {
		t.Errorf("%d nodes, want 4", got)
	}
	if got := len(f.waiting); got != 100-16 {
		t.Errorf("%d pods wait, want 84: four nodes hold 16", got)
	}
	if _, ok := f.Next(); ok {
		t.Error("a full cluster has nothing to do, but Next names a moment")
	}
}

func TestOffNeverAddsNodes(t *testing.T) {
	f := open(t, with(func(c *Config) { c.Autoscaler.Off = true }))
	fill(f, 0, 0, 10)
	if events := watch(f, time.Hour); len(events) > 0 {
		t.Errorf("events %v, want none", events)
	}
}

func TestPausePodsMakeRoom(t *testing.T) {
	f := open(t, with(func(c *Config) {
		c.Demands = append(c.Demands, Demand{Name: "pause", Fixed: 4, Pause: true, Each: c.Demands[0].Each})
	}))
	_, placed := fill(f, time.Second, 0, 8)
	if placed != 8 {
		t.Fatalf("placed %d of 8 at once, want all: four take free room, four that of pause pods", placed)
	}
	events := watch(f, 2*time.Minute)
	if n, at := count(events, NodeRequested); n != 1 || at != 10*time.Second {
		t.Errorf("requested %d nodes, last after %s; want 1 at the first scan, for the pause pods", n, at)
	}
	if len(f.paused) != 0 {
		t.Errorf("%d pause pods still wait, want none after the boot", len(f.paused))
	}
	if f.PendingSeconds(2*time.Minute) != 0 {
		t.Error("pause pods count as pods of services that wait")
	}
}

func TestPausePodsNeverEvict(t *testing.T) {
	f := open(t, with(func(c *Config) {
		c.Demands = append(c.Demands, Demand{Name: "pause", Fixed: 20, Pause: true, Each: c.Demands[0].Each})
		c.Groups[0].Max = 2
	}))
	if len(f.paused) != 12 {
		t.Fatalf("%d pause pods wait, want the 12 that do not fit", len(f.paused))
	}
	if _, placed := fill(f, 0, 0, 8); placed != 8 {
		t.Errorf("placed %d of 8 pods, want all", placed)
	}
	if len(f.paused) != 20 {
		t.Errorf("%d pause pods wait, want all 20", len(f.paused))
	}
}

func TestRemovesWhatIsNotNeeded(t *testing.T) {
	f := open(t, small())
	ids, _ := fill(f, 0, 0, 16)
	watch(f, 5*time.Minute)
	for _, id := range ids[4:] {
		f.Remove(5*time.Minute, id)
	}
	events := watch(f, time.Hour)
	removed, at := count(events, NodeRemoved)
	if removed != 2 || f.Nodes() != 2 {
		t.Errorf("removed %d nodes, %d are left; want the 2 above the minimum", removed, f.Nodes())
	}
	if at < 15*time.Minute || at > 16*time.Minute {
		t.Errorf("removed the last one after %s, want 10 min after it was not needed any more", at)
	}
}

func TestDrainsOneNodeAtATime(t *testing.T) {
	const grace = 45 * time.Second
	f := open(t, with(func(c *Config) { c.Groups[0].Min, c.Groups[0].Start, c.Groups[0].Max = 1, 4, 4 }))
	fill(f, 0, 0, 4) // one on each of four nodes
	events := host(f, time.Hour, grace)
	if removed, _ := count(events, NodeRemoved); removed != 2 {
		t.Fatalf("removed %d nodes, want 2: the other two are half full then", removed)
	}
	told, evicted := map[time.Duration]bool{}, 0
	for _, e := range events {
		switch e.Kind {
		case Evicted:
			evicted++
			told[e.At] = true
		case NodeRemoved:
			if !told[e.At-grace] {
				t.Errorf("a node was removed after %s, want it %s after its pods were told to leave", e.At, grace)
			}
		}
	}
	if len(told) != 2 || evicted != 2 {
		t.Errorf("%d pods were told to leave at %d moments, want 2 and 2: one drain after the other", evicted, len(told))
	}
	if len(f.waiting) != 0 {
		t.Errorf("%d pods wait, want all on the nodes that are left", len(f.waiting))
	}
}

// A node from which pods do not go stays, takes no new ones and costs.
func TestDrainWaitsForItsPods(t *testing.T) {
	f := open(t, with(func(c *Config) { c.Groups[0].Min, c.Groups[0].Start, c.Groups[0].Max = 1, 2, 2 }))
	ids, _ := fill(f, 0, 0, 2)
	watch(f, time.Hour)
	if f.Nodes() != 2 || f.NodeSeconds(time.Hour) != 2*3600 {
		t.Fatalf("%d nodes and %g node-seconds, want 2 nodes all along", f.Nodes(), f.NodeSeconds(time.Hour))
	}
	going := f.live[0]
	if !f.nodes[going].drained {
		going = f.live[1]
	}
	fill(f, time.Hour, 0, 3)
	if n := len(f.nodes[going].pods); n != 1 {
		t.Errorf("the drained node has %d pods, want its 1", n)
	}
	for _, id := range ids {
		if f.Node(id) == going {
			f.Remove(time.Hour, id)
		}
	}
	if n, at := count(watch(f, 2*time.Hour), NodeRemoved); n != 1 || at != time.Hour {
		t.Errorf("removed %d nodes, last after %s; want 1 with its last pod", n, at)
	}
}

func TestSystemPodsHoldTheirNode(t *testing.T) {
	f := open(t, with(func(c *Config) {
		c.Groups[0].Min, c.Groups[0].Max = 0, 2
		c.Demands = append(c.Demands, Demand{Name: "system", Fixed: 2, Each: budget.Amount{MilliCPU: 100, MiB: 100, Pods: 1}})
	}))
	watch(f, time.Hour)
	if f.Nodes() != 2 {
		t.Errorf("%d nodes are left, want 2: each has a system pod", f.Nodes())
	}
}

func TestLoseNode(t *testing.T) {
	f := open(t, small())
	ids, _ := fill(f, 0, 0, 5)
	events := f.LoseNode(time.Minute)
	lost := map[int]bool{}
	for _, e := range events {
		if e.Kind == Lost {
			lost[e.Pod] = true
		}
	}
	if len(lost) != 3 {
		t.Fatalf("lost %d pods, want the 3 of the fuller node", len(lost))
	}
	if n, at := count(watch(f, time.Hour), NodeReady); n != 1 || at != 2*time.Minute {
		t.Errorf("%d new nodes, last after %s; want 1 after its boot", n, at)
	}
	for _, id := range ids {
		f.Remove(time.Hour, id) // lost ones are unknown and change nothing
	}
	if free := f.nodes[f.live[0]].free; free != f.Groups[0].Free {
		t.Errorf("free %+v after all pods are gone, want the whole node", free)
	}
}

func TestLoseZone(t *testing.T) {
	f := open(t, small())
	fill(f, 0, 0, 4)
	if events := f.LoseZone(0, "nowhere"); len(events) > 0 {
		t.Errorf("an unknown zone lost %v", events)
	}
	f.LoseZone(time.Minute, "a")
	watch(f, time.Hour)
	for _, n := range f.live {
		if zone := f.zones[f.nodes[n].zone]; zone != "b" {
			t.Errorf("a node runs in zone %s, which is lost", zone)
		}
	}
	if f.Nodes() != 2 {
		t.Errorf("%d nodes, want 2: the group replaces what it lost in the other zone", f.Nodes())
	}
}

func TestBalancesSimilarGroups(t *testing.T) {
	f := open(t, with(func(c *Config) {
		one := c.Groups[0]
		one.Min, one.Start, one.Max = 0, 0, 10
		two := one
		two.Name = "web-b"
		c.Groups = []Group{one, two}
	}))
	fill(f, 0, 0, 24)
	watch(f, time.Hour)
	if diff := cmp.Diff([]int{3, 3}, []int{f.size(0), f.size(1)}); diff != "" {
		t.Errorf("nodes per group (-want +got):\n%s", diff)
	}
}

func TestWastesLeast(t *testing.T) {
	f := open(t, with(func(c *Config) {
		c.Groups[0].Min, c.Groups[0].Start = 0, 0
		tight := c.Groups[0]
		tight.Name, tight.Free = "tight", budget.Amount{MilliCPU: 2000, MiB: 1000, Pods: 20}
		c.Groups = append(c.Groups, tight)
	}))
	fill(f, 0, 0, 2)
	watch(f, time.Hour)
	if diff := cmp.Diff([]int{0, 1}, []int{f.size(0), f.size(1)}); diff != "" {
		t.Errorf("nodes per group (-want +got):\n%s", diff)
	}
}

// The group of the highest priority grows while it has room, whatever it wastes.
func TestPriorityComesBeforeWaste(t *testing.T) {
	f := open(t, with(func(c *Config) {
		c.Groups[0].Min, c.Groups[0].Start, c.Groups[0].Max, c.Groups[0].Priority = 0, 0, 1, 20
		tight := c.Groups[0]
		tight.Name, tight.Free, tight.Max, tight.Priority = "tight", budget.Amount{MilliCPU: 2000, MiB: 1000, Pods: 20}, 9, 10
		c.Groups = append(c.Groups, tight)
	}))
	fill(f, 0, 0, 2)
	watch(f, 30*time.Minute)
	if diff := cmp.Diff([]int{1, 0}, []int{f.size(0), f.size(1)}); diff != "" {
		t.Errorf("nodes per group (-want +got):\n%s", diff)
	}
	fill(f, f.now, 0, 12)
	watch(f, time.Hour)
	if f.size(0) != 1 || f.size(1) == 0 {
		t.Errorf("nodes per group = %d, %d, want the first at its maximum and the other behind it", f.size(0), f.size(1))
	}
}

func TestValidate(t *testing.T) {
	cases := map[string]struct {
		change func(*Config)
		want   string
	}{
		"no groups":      {func(c *Config) { c.Groups = nil }, "fleet: groups: at least one is needed"},
		"bounds":         {func(c *Config) { c.Groups[0].Start = 9 }, "fleet: groups[0] web: min = 2, start = 9, max = 4: must ascend from 0 to 10000"},
		"price":          {func(c *Config) { c.Groups[0].USDPerHour = -1 }, "fleet: groups[0] web: price = -1: must be a number from 0"},
		"same name":      {func(c *Config) { c.Demands = append(c.Demands, c.Demands[0]) }, "fleet: demands[1] web: the name occurs twice"},
		"threshold":      {func(c *Config) { c.Autoscaler.Threshold = 2 }, "fleet: autoscaler: threshold = 2: must be above 0 and at most 1"},
		"negative fixed": {func(c *Config) { c.Demands[0].Fixed = -1 }, "fleet: demands[0] web: fixed = -1: must be from 0 to 100000"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := New(with(c.change))
			if err == nil || err.Error() != c.want {
				t.Errorf("New() error = %v, want %s", err, c.want)
			}
		})
	}
}
