package rules

import (
	"math"
	"strings"
)

// pdbBlocksDrain prevents a node upgrade that never ends: a budget that allows no
// disruption at the autoscaler's floor refuses every eviction there, and EKS
// answers PodEvictionFailure. The floor is the autoscaler's minimum whatever the
// Deployment states; equality blocks; a percentage of minAvailable rounds up.
// Two budgets over one pod block as well: the eviction API answers an error.
func pdbBlocksDrain() Rule {
	return Rule{
		ID: "pdb-blocks-drain", Severity: High, Level: Mandatory,
		What:    "every disruption budget lets at least one pod go at the floor",
		Why:     "nodes cannot drain: upgrades, scale-in and spot interruptions hang or kill",
		Fix:     "use maxUnavailable: 1 in the PodDisruptionBudget, raise headroom:services.<name>.autoscaling.minReplicas, and keep one budget per pod",
		Anchors: []string{"S10", "KL pdb-min-available", "KL pdb-max-unavailable", "PO pdbMinAvailableGreaterThanHPAMinReplicas", "KY pdb-minavailable", "GK poddisruptionbudget"},
		Types:   []string{typePDB, typeHPA, typeDeployment, typeDeploymentPatch},
		Eval: func(m Input) []Finding {
			var all []Finding
			budgets := bySpace(m.of(typePDB), namespaceOf)
			guarded := bySpace(m.guarded(), func(g guardee) string { return g.namespace })
			for _, b := range m.of(typePDB) {
				all = append(all, judgeBudget(b, guarded.near(namespaceOf(b)), budgets))
			}
			return all
		},
	}
}

// guardee is a workload that a budget may cover.
type guardee struct {
	Resource
	// name of the workload; it stands in for labels nobody sees.
	name, namespace string
	labels          leaf
	labeled         bool
	// scaled says that an autoscaler decides about its replicas.
	scaled bool
	floor  int
	facts  facts
}

// guarded are the autoscaled workloads at their floor and the fixed ones.
func (m Model) guarded() []guardee {
	var all []guardee
	scaled := map[string]bool{}
	for _, s := range m.services() {
		g := guardee{Resource: s.hpa, name: s.subject(), namespace: s.namespace, facts: s.facts, scaled: true}
		if s.workload != nil {
			scaled[s.workload.URN] = true
			g.Resource = *s.workload
			g.labels = s.workload.at("spec.template.metadata.labels")
			g.labeled = !patched(*s.workload)
		}
		// autoscaling/v2 defaults minReplicas to 1.
		g.floor = g.facts.count(s.hpa.at("spec.minReplicas"), 0, 1)
		all = append(all, g)
	}
	for _, d := range m.of(typeDeployment, typeStatefulSet) {
		if scaled[d.URN] {
			continue
		}
		g := guardee{Resource: d, name: d.subject(), namespace: namespaceOf(d), labeled: true}
		g.labels = d.at("spec.template.metadata.labels")
		g.floor = g.facts.count(d.at("spec.replicas"), 0, 1)
		all = append(all, g)
	}
	return all
}

// covers says whether a budget that may be in its namespace selects a workload.
// Where the labels belong to another owner, the name decides: Headroom names budget
// and workload alike.
func (g guardee) covers(budget Resource) certainty {
	selector := budget.at("spec.selector")
	answer := no
	switch {
	case g.labeled:
		answer = selects(selector, g.labels)
	case nameOf(budget) == g.name || selectsAll(selector):
		answer = yes
	}
	if namespaceOf(budget) == anyNamespace || g.namespace == anyNamespace {
		answer = min(answer, maybe)
	}
	return answer
}

func judgeBudget(b Resource, workloads []guardee, budgets spaces[Resource]) Finding {
	f := facts{}
	var faults, fine []string
	for _, g := range workloads {
		covered := g.covers(b)
		if covered == no {
			continue
		}
		if covered == maybe {
			f.wait("whether the selector of %s covers %s", b.label(), g.name)
		}
		one := facts{waits: g.facts.waits}
		allowed, arithmetic := allows(&one, b, g.floor)
		for _, wait := range one.waits {
			f.wait("%s", wait)
		}
		if covered == yes && one.complete() && allowed < 1 {
			faults = append(faults, g.name+": "+arithmetic+", so no node under it can drain")
		}
		fine = append(fine, g.name+": "+arithmetic)
		faults = append(faults, overlaps(&f, b, g, covered, budgets.near(g.namespace))...)
	}
	if len(fine) == 0 {
		f.wait("the workload that %s covers; none in this stack matches its selector or name", b.label())
	}
	return decide(b, &f, "whether it lets a pod go at the floor", faults, strings.Join(fine, "; "))
}

// overlaps finds other budgets over the same pods.
func overlaps(f *facts, b Resource, g guardee, covered certainty, budgets []Resource) []string {
	var faults []string
	for _, other := range budgets {
		if other.URN == b.URN {
			continue
		}
		switch min(covered, g.covers(other)) {
		case yes:
			faults = append(faults, g.name+": "+other.label()+" covers the same pods, and the eviction API refuses pods with two budgets")
		case maybe:
			f.wait("whether %s covers %s too", other.label(), g.name)
		}
	}
	return faults
}

// allows is how many pods may go at the floor. Kubernetes rounds both kinds of
// percentage up
// (github.com/kubernetes/kubernetes pkg/controller/disruption/disruption.go, v1.36).
func allows(f *facts, b Resource, floor int) (int, string) {
	most, least := b.at("spec.maxUnavailable"), b.at("spec.minAvailable")
	if !most.Absent() {
		n := f.amount(most, amount{}).ceil(floor)
		return n, sprintf("floor %d, maxUnavailable %s = %d may go", floor, show(most), n)
	}
	if least.Absent() {
		return floor, "no limit"
	}
	keep := f.amount(least, amount{}).ceil(floor)
	return floor - keep, sprintf("floor %d − minAvailable %s (%d) = %d may go", floor, show(least), keep, max(0, floor-keep))
}

// ceil is the amount of some replicas, rounded up.
func (a amount) ceil(replicas int) int {
	if a.percent {
		return int(math.Ceil(a.n*float64(replicas)/100 - 1e-9))
	}
	return int(a.n)
}
