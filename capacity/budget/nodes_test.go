package budget

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPack(t *testing.T) {
	node := func(n int) []NodeGroup { return []NodeGroup{{Name: "web", Nodes: n, Free: Amount{4000, 8192, 10}}} }
	pod := func(name string, n int, cpu, mib int64) Demand { return Demand{name, n, Amount{cpu, mib, 1}} }
	cases := map[string]struct {
		reason  string
		groups  []NodeGroup
		demands []Demand
		want    Packing
	}{
		"Nothing":     {"nothing to place", node(3), nil, Packing{}},
		"CPU":         {"two of 1500m per node", node(2), []Demand{pod("a", 5, 1500, 1)}, Packing{map[string]int{"a": 1}, 2, 4}},
		"Memory":      {"memory binds first", node(1), []Demand{pod("a", 3, 1, 3000)}, Packing{map[string]int{"a": 1}, 1, 2}},
		"Density":     {"the pod limit binds first", node(1), []Demand{pod("a", 11, 1, 1)}, Packing{map[string]int{"a": 1}, 1, 10}},
		"TooLarge":    {"no node is large enough, however many", node(9), []Demand{pod("a", 1, 4001, 1)}, Packing{map[string]int{"a": 1}, 0, 0}},
		"Exact":       {"full to the last millicore", node(1), []Demand{pod("a", 4, 1000, 2048)}, Packing{nil, 1, 4}},
		"LargeFirst":  {"small pods fill what large ones leave", node(2), []Demand{pod("small", 2, 1000, 1), pod("large", 2, 3000, 1)}, Packing{nil, 2, 4}},
		"Groups":      {"the second group takes the rest", append(node(1), NodeGroup{"big", 1, Amount{8000, 8192, 10}}), []Demand{pod("a", 3, 3000, 1)}, Packing{nil, 2, 3}},
		"EmptyGroup":  {"a group without nodes", node(0), []Demand{pod("a", 1, 1, 1)}, Packing{map[string]int{"a": 1}, 0, 0}},
		"FullOfOwn":   {"DaemonSets took more than there is", []NodeGroup{{"web", 1, Amount{-100, 10, 5}}}, []Demand{pod("a", 1, 1, 1)}, Packing{map[string]int{"a": 1}, 0, 0}},
		"NoPods":      {"a demand of none", node(1), []Demand{pod("a", 0, 1000, 1)}, Packing{}},
		"SameNames":   {"unplaced pods add up by name", node(0), []Demand{pod("a", 1, 1, 1), pod("a", 2, 1, 1)}, Packing{map[string]int{"a": 3}, 0, 0}},
		"FewestNodes": {"no node is opened without a pod", node(9), []Demand{pod("a", 2, 1000, 1)}, Packing{nil, 1, 2}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := Pack(tc.groups, tc.demands)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\nPack (-want +got):\n%s", tc.reason, diff)
			}
			if got.Fits() != (len(tc.want.Unplaced) == 0) {
				t.Errorf("%s\nFits() = %v beside %v", tc.reason, got.Fits(), got.Unplaced)
			}
		})
	}
}

func genAmount(t *rapid.T, name string, cpu, mib int64, pods int) Amount {
	return Amount{rapid.Int64Range(0, cpu).Draw(t, name+" cpu"), rapid.Int64Range(0, mib).Draw(t, name+" mib"), pods}
}

func genGroups(t *rapid.T, most int) []NodeGroup {
	var groups []NodeGroup
	for i := range rapid.IntRange(1, 3).Draw(t, "groups") {
		name := fmt.Sprintf("g%d", i)
		groups = append(groups, NodeGroup{name, rapid.IntRange(0, most).Draw(t, name), genAmount(t, name, 16, 16, rapid.IntRange(0, 6).Draw(t, "density"))})
	}
	return groups
}

func genDemands(t *rapid.T, most int) []Demand {
	var demands []Demand
	for i := range rapid.IntRange(0, 4).Draw(t, "demands") {
		name := fmt.Sprintf("d%d", i)
		demands = append(demands, Demand{name, rapid.IntRange(0, most).Draw(t, name), genAmount(t, name, 10, 10, 1)})
	}
	return demands
}

func TestPackAccountsForEveryPod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups, demands := genGroups(t, 20), genDemands(t, 60)
		p := Pack(groups, demands)
		want, most, nodes := Sum(demands).Pods, 0, 0
		for _, g := range groups {
			most += g.Nodes * max(0, g.Free.Pods)
			nodes += g.Nodes
		}
		left := 0
		for name, n := range p.Unplaced {
			if n <= 0 {
				t.Errorf("%s: %d pods unplaced", name, n)
			}
			left += n
		}
		if p.Placed+left != want {
			t.Errorf("%d placed + %d left of %d pods", p.Placed, left, want)
		}
		if p.Placed > most || p.Nodes > nodes || p.Nodes > p.Placed {
			t.Errorf("%d pods on %d nodes; there are %d nodes with room for %d", p.Placed, p.Nodes, nodes, most)
		}
	})
}

// What is placed can really be placed: an exhaustive search finds a place for
// at least as many pods. And what the sums rule out does not fit.
func TestPackAgainstExhaustiveSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups, demands := genGroups(t, 2), genDemands(t, 2)
		p := Pack(groups, demands)
		if best := mostPlaceable(nodesOf(groups), podsOf(demands)); p.Placed > best {
			t.Fatalf("Pack placed %d pods, no placement has more than %d\n%+v\n%+v", p.Placed, best, groups, demands)
		}
		want, have := Sum(demands), Amount{}
		for _, g := range groups {
			have = have.Plus(g.Free.Times(g.Nodes))
		}
		if p.Fits() && (want.MilliCPU > have.MilliCPU || want.MiB > have.MiB || want.Pods > have.Pods) {
			t.Errorf("Pack fits %s into %s", want, have)
		}
	})
}

// A single group of equal nodes and pods of one size: the division is exact.
func TestPackOfEqualPodsIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := Amount{rapid.Int64Range(1, 16).Draw(t, "cpu"), rapid.Int64Range(1, 16).Draw(t, "mib"), rapid.IntRange(1, 6).Draw(t, "pods")}
		each := Amount{rapid.Int64Range(1, 10).Draw(t, "each cpu"), rapid.Int64Range(1, 10).Draw(t, "each mib"), 1}
		nodes, pods := rapid.IntRange(0, 5).Draw(t, "nodes"), rapid.IntRange(0, 40).Draw(t, "n")
		per := int(min(free.MilliCPU/each.MilliCPU, free.MiB/each.MiB, int64(free.Pods)))
		got := Pack([]NodeGroup{{"g", nodes, free}}, []Demand{{"d", pods, each}})
		if want := min(pods, per*nodes); got.Placed != want {
			t.Errorf("%d of %s on %d of %s: placed %d, want %d", pods, each, nodes, free, got.Placed, want)
		}
	})
}

func nodesOf(groups []NodeGroup) []Amount {
	var nodes []Amount
	for _, g := range groups {
		for range g.Nodes {
			nodes = append(nodes, g.Free)
		}
	}
	return nodes
}

func podsOf(demands []Demand) []Amount {
	var pods []Amount
	for _, d := range demands {
		for range d.Pods {
			pods = append(pods, d.Each)
		}
	}
	return pods
}

// mostPlaceable tries every placement.
func mostPlaceable(nodes, pods []Amount) int {
	if len(pods) == 0 {
		return 0
	}
	best := mostPlaceable(nodes, pods[1:]) // without this pod
	tried := map[Amount]bool{}
	for i := range nodes {
		left := nodes[i].Less(pods[0])
		if tried[nodes[i]] || left.MilliCPU < 0 || left.MiB < 0 || left.Pods < 0 {
			continue
		}
		before := nodes[i]
		tried[before] = true
		nodes[i] = left
		best = max(best, 1+mostPlaceable(nodes, pods[1:]))
		nodes[i] = before
	}
	return best
}

func TestMoreNodesAreNeverWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups, demands := genGroups(t, 10), genDemands(t, 40)
		before := Pack(groups, demands)
		groups[len(groups)-1].Nodes++
		if after := Pack(groups, demands); after.Placed < before.Placed {
			t.Errorf("one more node in the last group: %d placed instead of %d\n%+v\n%+v", after.Placed, before.Placed, groups, demands)
		}
	})
}

func TestPackLeavesItsInputAlone(t *testing.T) {
	demands := []Demand{{"small", 2, Amount{1, 1, 1}}, {"large", 2, Amount{5, 5, 1}}}
	Pack([]NodeGroup{{"g", 1, Amount{6, 6, 3}}}, demands)
	if diff := cmp.Diff([]Demand{{"small", 2, Amount{1, 1, 1}}, {"large", 2, Amount{5, 5, 1}}}, demands); diff != "" {
		t.Errorf("Pack changed its demands (-before +after):\n%s", diff)
	}
}

func TestAddressesOnNode(t *testing.T) {
	small := Addresses{Interfaces: 4, PerInterface: 15} // such as m5.xlarge
	prefix := Addresses{Interfaces: 4, PerInterface: 15, Prefix: true}
	cases := map[string]struct {
		reason string
		in     Addresses
		pods   int
		want   int
	}{
		"Idle":           {"an idle node keeps one spare interface warm", small, 0, 15},
		"OnePod":         {"its interface and a spare one", small, 1, 30},
		"Full":           {"14 pods fill the first interface", small, 14, 30},
		"NextInterface":  {"the 15th needs the next", small, 15, 45},
		"AllInterfaces":  {"the type has no more", small, 58, 60},
		"PrefixIdle":     {"one spare block of 16 on one interface", prefix, 0, 17},
		"PrefixOne":      {"a block and a spare one", prefix, 1, 33},
		"PrefixFull":     {"16 pods fill the first block", prefix, 16, 33},
		"PrefixNext":     {"the 17th needs the next", prefix, 17, 49},
		"PrefixMany":     {"14 blocks per interface, so that 15 need a second", prefix, 14 * 16, 2 + 15*16},
		"Unknown":        {"a local node: itself and its pods", Addresses{}, 9, 10},
		"OnePerInterace": {"no secondary addresses at all", Addresses{Interfaces: 2, PerInterface: 1}, 9, 10},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.in.OnNode(tc.pods); got != tc.want {
				t.Errorf("%s\n%+v.OnNode(%d) = %d, want %d", tc.reason, tc.in, tc.pods, got, tc.want)
			}
		})
	}
	// scylladb/scylla-cluster-tests#3622: four nodes reserve 240 addresses.
	if got := 4 * small.OnNode(58); got != 240 {
		t.Errorf("four full nodes take %d addresses, want 240", got)
	}
}

func TestAddressesCoverThePods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Addresses{rapid.IntRange(1, 15).Draw(t, "interfaces"), rapid.IntRange(2, 50).Draw(t, "per"), rapid.Bool().Draw(t, "prefix")}
		room := a.Interfaces * (a.PerInterface - 1)
		if a.Prefix {
			room *= prefixSize
		}
		pods := rapid.IntRange(0, room).Draw(t, "pods")
		got := a.OnNode(pods)
		if got < pods+1 {
			t.Errorf("%+v.OnNode(%d) = %d: a pod without an address", a, pods, got)
		}
		if got > a.OnNode(pods+1) {
			t.Errorf("%+v: %d pods take %d addresses, one more takes %d", a, pods, got, a.OnNode(pods+1))
		}
	})
}

func TestAmount(t *testing.T) {
	a, b := Amount{1500, 2048, 3}, Amount{500, 48, 1}
	got := []string{a.String(), a.Plus(b).String(), a.Less(b).String(), b.Times(3).String(), Sum([]Demand{{"x", 2, a}, {"y", 1, b}}).String()}
	want := []string{"1500m CPU, 2048Mi, 3 pods", "2000m CPU, 2096Mi, 4 pods", "1000m CPU, 2000Mi, 2 pods", "1500m CPU, 144Mi, 3 pods", "3500m CPU, 4144Mi, 7 pods"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("amounts (-want +got):\n%s", diff)
	}
}

// TestIdleAndPerPodBoundEveryPlacement deals pods out at random: no placement
// takes more addresses than the bound.
func TestIdleAndPerPodBoundEveryPlacement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Addresses{Interfaces: rapid.IntRange(0, 15).Draw(t, "interfaces"), PerInterface: rapid.IntRange(1, 50).Draw(t, "perInterface"),
			Prefix: rapid.Bool().Draw(t, "prefix")}
		each := rapid.SliceOfN(rapid.IntRange(0, 250), 1, 20).Draw(t, "podsPerNode")
		pods, taken := 0, 0
		for _, n := range each {
			pods += n
			taken += a.OnNode(n)
		}
		if bound := float64(a.Idle(len(each))) + float64(pods)*a.PerPod() + 1e-6; float64(taken) > bound {
			t.Errorf("%+v takes %d addresses for %v, more than the bound %.1f", a, taken, each, bound)
		}
	})
}
