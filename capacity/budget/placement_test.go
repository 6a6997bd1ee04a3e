package budget

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAnyOrder(t *testing.T) {
	node := Amount{MilliCPU: 3620, MiB: 13650, Pods: 54}
	big := Demand{Name: "big", Each: Amount{MilliCPU: 1500, MiB: 1024, Pods: 1}}
	pods := func(d Demand, n int) Demand { d.Pods = n; return d }
	for name, tc := range map[string]struct {
		reason  string
		nodes   int
		demands []Demand
		want    Placement
		holds   bool
	}{
		"None":     {"nothing to place", 3, nil, Placement{Nodes: 1<<63 - 1}, true},
		"One":      {"an empty node is free", 1, []Demand{pods(big, 1)}, Placement{Demand: "big", Nodes: 1}, true},
		"TooLarge": {"it fits no node at all", 3, []Demand{{Name: "huge", Pods: 1, Each: Amount{MilliCPU: 4000, Pods: 1}}}, Placement{Demand: "huge"}, false},
		"Spread":   {"9 others × 1500 ÷ 2121 fill 6 of 7 nodes", 7, []Demand{pods(big, 10)}, Placement{Demand: "big", Blocked: 6, Nodes: 7}, true},
		"Tight":    {"they fit 5 nodes packed in pairs, but may stand in the way of each other on 6", 6, []Demand{pods(big, 10)}, Placement{Demand: "big", Blocked: 6, Nodes: 6}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := AnyOrder([]NodeGroup{{Nodes: tc.nodes, Free: node}}, tc.demands)
			if diff := cmp.Diff(tc.want, got); diff != "" || got.Holds() != tc.holds {
				t.Errorf("%s: holds %v (-want +got):\n%s", tc.reason, got.Holds(), diff)
			}
		})
	}
}

// TestAnyOrderSurvivesEveryScheduler places pods in random order on random nodes
// with room: where the bound holds, none is ever left over.
func TestAnyOrderSurvivesEveryScheduler(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := func(name string, cpu, mib int64) Amount {
			return Amount{MilliCPU: rapid.Int64Range(1, cpu).Draw(t, name+" cpu"), MiB: rapid.Int64Range(1, mib).Draw(t, name+" MiB"), Pods: 1}
		}
		var groups []NodeGroup
		for range rapid.IntRange(1, 2).Draw(t, "groups") {
			free := amount("node", 4000, 8000)
			free.Pods = rapid.IntRange(1, 20).Draw(t, "max pods")
			groups = append(groups, NodeGroup{Nodes: rapid.IntRange(1, 12).Draw(t, "nodes"), Free: free})
		}
		var demands []Demand
		for i := range rapid.IntRange(1, 3).Draw(t, "demands") {
			demands = append(demands, Demand{Name: string(rune('a' + i)), Pods: rapid.IntRange(0, 12).Draw(t, "pods"), Each: amount("pod", 2000, 3000)})
		}
		if !AnyOrder(groups, demands).Holds() {
			return
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for range 20 {
			if left := deal(groups, demands, random); left != "" {
				t.Fatalf("%v on %v: a pod of %s finds no node", demands, groups, left)
			}
		}
	})
}

// deal is a scheduler without judgement; it names the demand of the first pod
// that finds no node.
func deal(groups []NodeGroup, demands []Demand, random *rand.Rand) string {
	var free []Amount
	for _, g := range groups {
		for range g.Nodes {
			free = append(free, g.Free)
		}
	}
	var pods []Demand
	for _, d := range demands {
		for range d.Pods {
			pods = append(pods, d)
		}
	}
	random.Shuffle(len(pods), func(i, j int) { pods[i], pods[j] = pods[j], pods[i] })
	for _, p := range pods {
		var room []int
		for i, f := range free {
			if f.count(p.Each, 1) == 1 {
				room = append(room, i)
			}
		}
		if len(room) == 0 {
			return p.Name
		}
		i := room[random.IntN(len(room))]
		free[i] = free[i].Less(p.Each)
	}
	return ""
}
