package rules

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/catalog"
)

// The options of what every node and every cluster keeps for itself. Their
// defaults are those of nodes.daemonSets and nodes.system in the stack file.
const (
	optSetCPU, optSetMiB, optSetPods          = "daemonSetMilliCPU", "daemonSetMiB", "daemonSetPods"
	optSystemCPU, optSystemMiB, optSystemPods = "systemMilliCPU", "systemMiB", "systemPods"
)

func reserves() []Option {
	one := func(name, what string, fallback int) Option {
		return Option{Name: name, What: what, Default: fallback, Low: 0, High: maxCount}
	}
	return []Option{
		one(optSetCPU, "thousandths of a core that DaemonSets request on every node", 300),
		one(optSetMiB, "MiB that DaemonSets request on every node", 512), one(optSetPods, "pods of DaemonSets on every node", 4),
		one(optSystemCPU, "thousandths of a core that other pods of the cluster request", 1500),
		one(optSystemMiB, "MiB that other pods of the cluster request", 3072), one(optSystemPods, "other pods of the cluster", 12),
	}
}

// nodeCapacity prevents pods that stay Pending in the peak: an autoscaler whose
// ceiling does not fit the nodes at theirs promises what it cannot do.
func nodeCapacity() Rule {
	return Rule{
		ID: "node-capacity", Severity: Critical, Level: Mandatory,
		What:    "every autoscaler at its ceiling with its surge fits the node groups at theirs",
		Why:     "pods beyond that stay Pending while the peak lasts, and no alarm of the autoscaler says so",
		Fix:     "raise headroom:nodes.groups[].maxSize, take a larger instance type, or lower autoscaling.maxReplicas",
		Anchors: []string{"S2", "n8n autoscaling_maxima_fit_node_group_capacity (CPU only)", "popeye 605 (live)"},
		Types:   []string{typeNodeGroup, typeLaunchTemplate, typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeStatefulSet, typeConfigMap},
		Options: reserves(),
		Eval: func(in Input) []Finding {
			groups := in.of(typeNodeGroup)
			if len(groups) == 0 {
				return nil
			}
			return onStack("whether every ceiling fits the nodes", func(v *verdict) { in.judgeCapacity(v, groups) })
		},
	}
}

func (in Input) judgeCapacity(v *verdict, groups []Resource) {
	demands := in.demands(&v.facts)
	if len(demands) == 0 && v.complete() {
		v.notApplicable("nothing here is scaled")
		return
	}
	system := budget.Amount{MilliCPU: int64(in.whole(optSystemCPU)), MiB: int64(in.whole(optSystemMiB)), Pods: in.whole(optSystemPods)}
	var offers []budget.NodeGroup
	have := budget.Amount{}
	for _, g := range groups {
		offer := in.offer(&v.facts, g)
		offers = append(offers, offer)
		have = have.Plus(offer.Free.Times(offer.Nodes))
	}
	want := budget.Sum(demands).Plus(system)
	v.pass("%s at every ceiling ≤ %s of the nodes at theirs", want, have)
	if !v.complete() {
		return
	}
	if missing := lacks(want, have); len(missing) > 0 {
		v.fault("%s", strings.Join(missing, "; "))
		return
	}
	if packed := budget.Pack(offers, demands); !packed.Fits() {
		v.fault("no node has room for %s, though the sums fit", unplaced(packed))
	}
}

// lacks compares in every part.
func lacks(want, have budget.Amount) []string {
	var out []string
	part := func(name string, w, h float64, unit string) {
		if w > h {
			out = append(out, fmt.Sprintf("%s: %g > %g%s of the nodes at their maximum", name, w, h, unit))
		}
	}
	part("CPU", float64(want.MilliCPU)/1000, float64(have.MilliCPU)/1000, " cores")
	part("memory", float64(want.MiB), float64(have.MiB), " MiB")
	part("pods", float64(want.Pods), float64(have.Pods), "")
	return out
}

func unplaced(p budget.Packing) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p.Unplaced)) {
		parts = append(parts, fmt.Sprintf("%d pods of %s", p.Unplaced[name], name))
	}
	return strings.Join(parts, ", ")
}

// demands are the pods at every ceiling, with the surge of a rollout, and those
// of fixed size.
func (m Model) demands(f *facts) []budget.Demand {
	var all []budget.Demand
	scaled := map[string]bool{}
	for _, s := range m.services() {
		for _, wait := range s.facts.waits {
			f.wait("%s", wait)
		}
		most := f.required(s.hpa.at("spec.maxReplicas"), 1)
		each, stated := f.requests(s)
		if !stated {
			f.wait("the requests of %s, not in this stack", s.deployment())
			continue
		}
		if s.workload != nil {
			scaled[s.workload.URN] = true
		}
		roll := rolloutOf(s)
		for _, wait := range roll.more.waits {
			f.wait("%s", wait)
		}
		all = append(all, budget.Demand{Name: s.subject(), Pods: most + roll.added(most), Each: each})
	}
	for _, w := range m.of(typeDeployment, typeStatefulSet) {
		if !scaled[w.URN] {
			all = append(all, budget.Demand{Name: w.subject(), Pods: f.count(w.at("spec.replicas"), 0, 1), Each: f.podRequests(w)})
		}
	}
	return all
}

// requests is what one pod of a service asks of a node: for an external Deployment
// what its settings say that the plan counts on, if they do.
func (f *facts) requests(s service) (each budget.Amount, stated bool) {
	if s.workload != nil {
		return f.podRequests(*s.workload), true
	}
	if s.settings == nil || s.settings.annotation(noteCPU).Absent() && s.settings.annotation(noteMemory).Absent() {
		return budget.Amount{}, false
	}
	cpu, _ := f.milli(s.settings.annotation(noteCPU))
	memory, _ := f.bytes(s.settings.annotation(noteMemory))
	return budget.Amount{Pods: 1, MilliCPU: int64(math.Ceil(cpu)), MiB: int64(math.Ceil(memory / (1 << 20)))}, true
}

// podRequests is what one pod asks of a node.
func (f *facts) podRequests(w Resource) budget.Amount {
	pod := podOf(w)
	return budget.Amount{Pods: 1,
		MilliCPU: int64(math.Ceil(f.asks(pod, computeCPU))),
		MiB:      int64(math.Ceil(f.asks(pod, computeMemory) / (1 << 20))),
	}
}

// offer is what a group has for pods at its maximum: the least of its instance
// types in every part.
func (in Input) offer(f *facts, g Resource) budget.NodeGroup {
	out := budget.NodeGroup{Name: g.Name, Nodes: f.required(g.at("scalingConfig.maxSize"), 0)}
	out.Free = budget.Amount{MilliCPU: math.MaxInt32, MiB: math.MaxInt32, Pods: math.MaxInt32}
	for _, n := range in.instanceTypes(f, g) {
		pods := in.maxPods(f, g, n)
		milli, mib := catalog.Allocatable(n, pods)
		mib -= catalog.VMOverheadMiB(n)
		free := budget.Amount{MilliCPU: int64(milli - in.whole(optSetCPU)), MiB: int64(mib - in.whole(optSetMiB)), Pods: pods - in.whole(optSetPods)}
		out.Free.MilliCPU, out.Free.MiB, out.Free.Pods = min(out.Free.MilliCPU, free.MilliCPU), min(out.Free.MiB, free.MiB), min(out.Free.Pods, free.Pods)
	}
	if taints := g.at("taints"); len(f.list(taints)) > 0 {
		// Only pods that tolerate them go there.
		out.Nodes = 0
	}
	return out
}

func (m Model) instanceTypes(f *facts, g Resource) []catalog.NodeType {
	var all []catalog.NodeType
	for _, name := range f.textList(g.at("instanceTypes")) {
		n, ok := catalog.Node(name)
		if !ok {
			f.wait("an instance type that the catalog knows; %s of %s is none", legible(name), g.label())
			continue
		}
		all = append(all, n)
	}
	if len(all) == 0 && f.complete() {
		f.wait("%s to be set", g.at("instanceTypes"))
	}
	return all
}

// statedPods is how the launch template of a group tells the kubelet.
var statedPods = regexp.MustCompile(`(?:maxPods: |--max-pods[= ])(\d{1,4})\b`)

// maxPods is what the group's launch template tells the kubelet, or the limit of
// the instance type.
func (m Model) maxPods(f *facts, g Resource, n catalog.NodeType) int {
	for _, t := range m.referred(g, "launchTemplate", typeLaunchTemplate) {
		data := t.at("userData")
		raw, _ := base64.StdEncoding.DecodeString(f.textOr(data, ""))
		if found := statedPods.FindSubmatch(raw); found != nil {
			pods, _ := strconv.Atoi(string(found[1]))
			return pods
		}
	}
	return n.MaxPods
}
