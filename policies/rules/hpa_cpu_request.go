package rules

import "fmt"

// hpaCPURequest prevents an autoscaler that never acts: utilization is usage per
// request, and one container without a request, a sidecar too, makes the
// controller give up with ScalingActive=False.
func hpaCPURequest() Rule {
	return Rule{
		ID: "hpa-cpu-request", Severity: High, Level: Mandatory,
		What:    "every container behind a CPU utilization target requests CPU",
		Why:     "the autoscaler reports ScalingActive=False and never scales",
		Fix:     "set headroom:services.<name>.resources.requests.cpu, and a request on every sidecar",
		Anchors: []string{"S6", "CKV_K8S_10", "KSV-0015", "KL unset-cpu-requirements", "popeye 602"},
		Types:   []string{typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch},
		Eval: func(m Input) []Finding {
			return m.eachCPUTarget("whether every container requests CPU", judgeRequests)
		},
	}
}

func judgeRequests(f *facts, s service, t cpuTarget, judged []leaf) (faults []string) {
	if pod := podOf(*s.workload); t.scope == "" && podLevel(pod) {
		before := len(f.waits)
		if n := f.asks(pod, computeCPU); n == 0 && len(f.waits) == before {
			return []string{"the pod requests no CPU, so utilization cannot be computed"}
		}
		return nil
	}
	for _, c := range judged {
		before := len(f.waits)
		n, ok := f.milli(computeCPU.request(c))
		switch {
		case len(f.waits) > before || n > 0:
		case patched(*s.workload) && !ok:
			f.wait("%s, which the owner of %s may set", c.at("resources.requests.cpu"), s.workload.label())
		default:
			faults = append(faults, fmt.Sprintf("container %s requests no CPU, so utilization cannot be computed", show(c.at("name"))))
		}
	}
	return faults
}

// cpuJudge finds the faults of the containers behind one target.
type cpuJudge func(f *facts, s service, target cpuTarget, judged []leaf) []string

// eachCPUTarget judges every autoscaler that steers by CPU utilization.
func (m Model) eachCPUTarget(question string, judge cpuJudge) []Finding {
	var all []Finding
	for _, s := range m.services() {
		f := &facts{}
		targets := f.cpuTargets(s.hpa)
		switch {
		case len(targets) == 0 && f.complete():
			all = append(all, notApplicable(s.hpa, "does not steer by CPU utilization"))
		default:
			all = append(all, s.judgeCPU(f, targets, question, judge))
		}
	}
	return all
}

func (s service) judgeCPU(f *facts, targets []cpuTarget, question string, judge cpuJudge) Finding {
	if s.workload == nil {
		f.waits = append(f.waits, s.facts.waits...)
		if s.facts.complete() {
			f.wait("the containers of %s, not in this stack", s.deployment())
		}
		return cannotKnow(s.hpa, f, question)
	}
	containers := f.containers(*s.workload)
	if len(containers) == 0 && f.complete() {
		f.wait("spec.template.spec.containers of %s to be set", s.workload.label())
	}
	var faults []string
	fine := ""
	for _, t := range targets {
		judged := t.scope.among(f, containers)
		faults = append(faults, judge(f, s, t, judged)...)
		fine = fmt.Sprintf("target %d%% of requests over %d containers", t.percent, len(judged))
	}
	return decide(*s.workload, f, question, faults, fine)
}
