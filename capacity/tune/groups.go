package tune

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// groupKnobs are the sizes and the instance type of a node group.
func groupKnobs(stack spec.Stack, p plan.Plan, i int, types []string) []Knob {
	g, now := stack.Nodes.Groups[i], p.Nodes.Groups[i]
	at := fmt.Sprintf("nodes.groups[%d].", i)
	size := func(field string, from int, stated bool, numbers []int, set func(g *spec.NodeGroup, n *int)) Knob {
		k := Knob{Path: at + field, From: from2(from, "", stated)}
		for _, n := range without(numbers, from) {
			k.values = append(k.values, value{strconv.Itoa(n), func(s *spec.Stack) { set(&s.Nodes.Groups[i], &n) }})
		}
		return k
	}
	kinds := Knob{Path: at + "instanceTypes", From: "[" + strings.Join(g.InstanceTypes, ", ") + "]"}
	for _, name := range types {
		kinds.values = append(kinds.values, value{"[" + name + "]", func(s *spec.Stack) { s.Nodes.Groups[i].InstanceTypes = []string{name} }})
	}
	return []Knob{
		size("minSize", now.MinSize, g.MinSize != nil, ladder(now.MinSize, 1, max(now.MaxSize, now.MinSize)), func(g *spec.NodeGroup, n *int) { g.MinSize = n }),
		size("maxSize", now.MaxSize, g.MaxSize != nil, ladder(now.MaxSize, now.MinSize, 2*now.MaxSize), func(g *spec.NodeGroup, n *int) { g.MaxSize = n }),
		kinds,
	}
}

// typesFor are the instance types that a group may change to, the cheapest first:
// those with a known price and the processor of a type that it has now, because a
// baseline measured on one processor says nothing about another, whose nodes hold
// the largest pod.
func typesFor(stack spec.Stack, i int, holds func(name string) bool) []string {
	g := stack.Nodes.Groups[i]
	var out []string
	for _, name := range catalog.Nodes() {
		same := func(have string) bool { return processor(have) == processor(name) }
		alone := len(g.InstanceTypes) == 1 && g.InstanceTypes[0] == name
		if slices.ContainsFunc(g.InstanceTypes, same) && !alone && hourly(stack, name) > 0 && holds(name) {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(hourly(stack, a), hourly(stack, b)), cmp.Compare(a, b))
	})
	return out
}

// processor is the part of a type's name that tells its processor: "7i" of
// "m7i.xlarge", and the whole family of a burstable type, whose credits differ.
func processor(name string) string {
	family, _, _ := strings.Cut(name, ".")
	if strings.HasPrefix(family, "t") {
		return family
	}
	return strings.TrimLeft(family, "abcdefghijklmnopqrstuvwxyz")
}

// hourly is the price of a type, 0 when nobody knows it.
func hourly(stack spec.Stack, name string) float64 {
	if p, ok := stack.Budget.Prices[name]; ok {
		return float64(p)
	}
	if node, ok := catalog.Node(name); ok && node.USDPerHour != nil {
		return *node.USDPerHour
	}
	return 0
}

// holdsLargest says whether a node of the type has room for the largest pod.
func holdsLargest(stack spec.Stack, p plan.Plan, group int) bool {
	g := p.Nodes.Groups[group]
	for _, v := range stack.Services {
		r := v.Resources.Requests
		if int64(r.CPU) > g.FreeMilliCPU || int64(r.Memory) > g.FreeMiB {
			return false
		}
	}
	return g.MaxPods > stack.Nodes.DaemonSets.Pods
}
