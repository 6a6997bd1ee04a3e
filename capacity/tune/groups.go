package tune

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// mostNodes of a managed node group
// (https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html, 2026-11).
const mostNodes = 450

// groupKnobs are the sizes and the instance type of a node group.
func groupKnobs(stack spec.Stack, p plan.Plan, i int, types []string) []Knob {
	g, now := stack.Nodes.Groups[i], p.Nodes.Groups[i]
	size := func(field string, from int, stated bool, tried []int, set func(g *spec.NodeGroup, n *int)) Knob {
		return numbers(groupPath(i, field), from, "", stated, tried, func(s *spec.Stack, n int) { set(&s.Nodes.Groups[i], &n) })
	}
	kinds := Knob{Path: groupPath(i, "instanceTypes"), From: list(g.InstanceTypes), standing: dearness(stack, types, now.DearestType)}
	if len(g.InstanceTypes) > 1 {
		kinds.standing-- // a mixture may cost as much as its dearest type and holds less
	}
	for _, name := range types {
		kinds.values = append(kinds.values, value{dearness(stack, types, name), list([]string{name}), func(s *spec.Stack) {
			s.Nodes.Groups[i].InstanceTypes = []string{name}
		}})
	}
	least := min(now.MinSize, max(1, len(now.Zones))) // a zone without a node is not there when another is lost
	knobs := []Knob{
		size("minSize", now.MinSize, g.MinSize != nil, ladder(now.MinSize, least, now.MaxSize), func(g *spec.NodeGroup, n *int) { g.MinSize = n }),
		size("maxSize", now.MaxSize, g.MaxSize != nil, ladder(now.MaxSize, now.MinSize, min(mostNodes, 2*now.MaxSize)), func(g *spec.NodeGroup, n *int) { g.MaxSize = n }),
	}
	if len(types) > 0 {
		knobs = append(knobs, kinds)
	}
	return knobs
}

func groupPath(i int, field string) string { return fmt.Sprintf("nodes.groups[%d].%s", i, field) }

func list(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// dearness orders types by their price: twice the number of cheaper ones, so that
// a type that is not in the list stands between two.
func dearness(stack spec.Stack, types []string, name string) int {
	if i := slices.Index(types, name); i >= 0 {
		return 2 * i
	}
	n := 0
	for _, t := range types {
		if hourly(stack, t) < hourly(stack, name) {
			n++
		}
	}
	return 2*n - 1
}

// resize is the configuration with another instance type for a group, and sizes
// that give it about as much room as before, at least one node per zone: on its
// own, another type is mostly too small or too dear.
func (sp space) resize(c config, knob, choice int) config {
	out := c.with(knob, choice)
	group := sp.groupOf(knob)
	before, after := sp.with(c).Nodes.Groups[group], sp.with(out).Nodes.Groups[group]
	factor := cores(before) / cores(after)
	for i := range sp.knobs {
		k := &sp.knobs[i]
		if k.Path == groupPath(group, "minSize") || k.Path == groupPath(group, "maxSize") {
			want := int(math.Ceil(float64(k.number(c[i])) * factor))
			if k.number(k.nearest(want)) != want {
				k.add(min(max(len(after.Zones), 1, want), mostNodes))
			}
			out[i] = k.nearest(want)
		}
	}
	return out
}

// groupOf is the node group of a knob.
func (sp space) groupOf(knob int) int {
	return slices.IndexFunc(groupPaths(sp.stack), func(path string) bool { return strings.HasPrefix(sp.knobs[knob].Path, path) })
}

func groupPaths(s spec.Stack) []string {
	var out []string
	for i := range s.Nodes.Groups {
		out = append(out, groupPath(i, ""))
	}
	return out
}

// cores of the smallest node of a group.
func cores(g spec.NodeGroup) float64 {
	least := math.Inf(1)
	for _, name := range g.InstanceTypes {
		node, _ := catalog.Node(name)
		least = math.Min(least, float64(node.VCPU))
	}
	return least
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
	return g.MaxPods > plan.PerNode(stack).Pods
}

// turn is the configuration with another choice for a knob; a group that changes
// its type is resized.
func (sp space) turn(c config, knob, choice int) config {
	if strings.HasSuffix(sp.knobs[knob].Path, ".instanceTypes") && c[knob] != choice {
		return sp.resize(c, knob, choice)
	}
	return c.with(knob, choice)
}
