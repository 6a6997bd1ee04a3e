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

func judgeRequests(f *facts, w Resource, _ cpuTarget, judged []leaf) (faults []string) {
	for _, c := range judged {
		before := len(f.waits)
		n, ok := f.request(c)
		switch {
		case len(f.waits) > before || n > 0:
		case patched(w) && !ok:
			f.wait("%s, which the owner of %s may set", c.at("resources.requests.cpu"), w.label())
		default:
			faults = append(faults, fmt.Sprintf("container %s requests no CPU, so utilization cannot be computed", show(c.at("name"))))
		}
	}
	return faults
}

// cpuJudge finds the faults of the containers behind one target.
type cpuJudge func(f *facts, workload Resource, target cpuTarget, judged []leaf) []string

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
	pod := s.workload.at("spec.template.spec.resources")
	var faults []string
	fine := ""
	for _, t := range targets {
		judged := t.scope.among(f, containers)
		if !pod.Absent() && t.scope == "" {
			// A request of the pod itself stands for all containers (pod-level
			// resources, Kubernetes 1.34).
			judged = []leaf{s.workload.at("spec.template.spec")}
		}
		faults = append(faults, judge(f, *s.workload, t, judged)...)
		fine = fmt.Sprintf("target %d%% of requests over %d containers", t.percent, len(judged))
	}
	return decide(*s.workload, f, question, faults, fine)
}
