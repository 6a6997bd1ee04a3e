package rules

import "slices"

const zoneKey = "topology.kubernetes.io/zone"

// podSpread prevents a service that is all on one node, and a rule about zones
// that keeps new nodes from helping.
func podSpread() Rule {
	return Rule{
		ID: "pod-spread", Severity: High, Level: Mandatory,
		What:    "autoscaled pods are spread, in a way that scaling out can satisfy",
		Why:     "one lost node would take the service; and DoNotSchedule over zones leaves pods Pending where a node group spans zones, because the Cluster Autoscaler cannot promise it a zone",
		Fix:     "add topologySpreadConstraints over zone and hostname with whenUnsatisfiable ScheduleAnyway and matchLabelKeys [pod-template-hash], or one node group per zone",
		Anchors: []string{"S13", "KS deployment-has-host-podantiaffinity", "KL no-anti-affinity", "PO topologySpreadConstraint", "KICS a31b7b82", "kubernetes/autoscaler 5489"},
		Types:   []string{typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeNodeGroup},
		Eval: func(in Input) []Finding {
			var all []Finding
			for _, s := range in.services() {
				if s.workload == nil || patched(*s.workload) {
					// Where its pods go is its owner's affair.
					continue
				}
				v := &verdict{}
				in.judgeSpread(v, *s.workload)
				all = append(all, v.finding(*s.workload, "whether its pods are spread"))
			}
			return all
		},
	}
}

func (in Input) judgeSpread(v *verdict, w Resource) {
	pod := w.at("spec.template.spec")
	constraints := v.list(pod.at("topologySpreadConstraints"))
	affinity := pod.at("affinity.podAntiAffinity")
	if len(constraints) == 0 && v.complete() {
		if affinity.Absent() {
			v.fault("neither topologySpreadConstraints nor podAntiAffinity is set")
		}
		v.readable(affinity)
	}
	for _, c := range constraints {
		v.require(func(f *facts) string { return in.feasible(f, c) })
		v.require(func(f *facts) string {
			if !slices.Contains(f.textList(c.at("matchLabelKeys")), "pod-template-hash") {
				return c.where + " has no matchLabelKeys [pod-template-hash], so a rollout skews the result"
			}
			return ""
		})
	}
	v.pass("spread by %d constraints", len(constraints))
}

// feasible says why a constraint cannot be satisfied by new nodes.
func (in Input) feasible(f *facts, c leaf) string {
	if f.textOr(c.at("topologyKey"), "") != zoneKey || f.textOr(c.at("whenUnsatisfiable"), "DoNotSchedule") != "DoNotSchedule" {
		return ""
	}
	for _, g := range in.of(typeNodeGroup) {
		if len(f.list(g.at("subnetIds"))) > 1 {
			return c.where + " is DoNotSchedule over zones, and " + g.label() + " spans several"
		}
	}
	return ""
}

// podEvictable prevents nodes that are never given back: the annotation keeps
// the Cluster Autoscaler from removing the node under a pod.
func podEvictable() Rule {
	return Rule{
		ID: "pod-evictable", Severity: Medium, Level: Mandatory, Single: true,
		What:    "pods may be moved when nodes are removed",
		Why:     "safe-to-evict: false on a service pins its nodes: after a peak the bill stays at the peak",
		Fix:     "remove the annotation cluster-autoscaler.kubernetes.io/safe-to-evict: \"false\" and bound evictions by a PodDisruptionBudget",
		Anchors: []string{"S14", "KY add-safe-to-evict"},
		Types:   lastingTypes,
		Eval: each("whether its pods may be moved", func(_ Input, v *verdict, w Resource) {
			if w.Type == typeDaemonSet {
				v.notApplicable("pods of a DaemonSet keep no node")
				return
			}
			v.noneOf(w.at("spec.template.metadata.annotations").key("cluster-autoscaler.kubernetes.io/safe-to-evict"), "", "false")
			v.pass("its pods may be moved")
		}, lastingTypes...),
	}
}
