package rules

// hpaReplicasOwned prevents an update from undoing the autoscaler: a program
// that states replicas resets them on every run, in the middle of a peak, and a
// node group's desiredSize drains the nodes that were just added. Scanners of
// manifests ask to remove replicas; under Pulumi removing them later resets to
// one pod, so either they were never stated or their changes are ignored.
func hpaReplicasOwned() Rule {
	return Rule{
		ID: "hpa-replicas-owned", Severity: Critical, Level: Mandatory,
		What:    "fields that an autoscaler moves are not reset by the next update",
		Why:     "an update in the middle of a peak would scale the service or its nodes back down",
		Fix:     "add the field to the resource's ignoreChanges, on the resource itself, not on its component",
		Anchors: []string{"S9", "KS deployment-targeted-by-hpa-does-not-have-replicas-configured", "KICS 5744cbb8"},
		Types:   []string{typeHPA, typeDeployment, typeDeploymentPatch, typeNodeGroup},
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, s := range m.services() {
				if s.workload != nil {
					all = append(all, judgeOwned(*s.workload, "spec.replicas", s.facts))
				} else if !s.facts.complete() {
					all = append(all, cannotKnow(s.hpa, &s.facts, "whether its target states replicas"))
				}
			}
			for _, g := range m.of(typeNodeGroup) {
				all = append(all, judgeNodeGroup(g))
			}
			return all
		},
	}
}

func judgeOwned(r Resource, path string, f facts) Finding {
	field := r.at(path)
	switch {
	case r.Options.ignores(path):
		return pass(r, "changes of %s are ignored", path)
	case field.Absent():
		return pass(r, "%s is not stated", path)
	case r.Observed:
		f.wait("what the program states for %s; only the live object is here", field)
	case !r.Options.Known:
		f.wait("the resource options of %s; a manifest has none", r.label())
	case f.readable(field) && f.complete():
		return violation(r, "states %s = %s, which an autoscaler moves, and ignoreChanges leaves it out: the next update resets it", path, show(field))
	}
	return cannotKnow(r, &f, "whether "+path+" is left to the autoscaler")
}

// judgeNodeGroup judges only groups that may change their size.
func judgeNodeGroup(g Resource) Finding {
	f := facts{}
	low := f.count(g.at("scalingConfig.minSize"), 0, 0)
	high := f.count(g.at("scalingConfig.maxSize"), 0, 0)
	if f.complete() && low == high {
		return notApplicable(g, "has a fixed size of %d", low)
	}
	return judgeOwned(g, "scalingConfig.desiredSize", f)
}
