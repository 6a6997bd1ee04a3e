package rules

import (
	"fmt"
	"math"
)

// eachHPA judges every autoscaler together with what it scales.
func eachHPA(question string, judge func(Input, *verdict, service)) func(Input) []Finding {
	return func(in Input) []Finding {
		var all []Finding
		for _, s := range in.services() {
			v := &verdict{fine: "holds"}
			judge(in, v, s)
			all = append(all, v.finding(s.hpa, question))
		}
		return all
	}
}

// hpaRange prevents an autoscaler with nothing to do, or one that a single lost
// pod takes down.
func hpaRange() Rule {
	return Rule{
		ID: "hpa-range", Severity: High, Level: Mandatory, Single: true,
		What:    "an autoscaler keeps at least two pods and may add some",
		Why:     "one pod is an outage with every node drain, and a ceiling at the floor scales nothing",
		Fix:     "set headroom:services.<name>.autoscaling.minReplicas to at least 2 and maxReplicas above it",
		Anchors: []string{"KS horizontalpodautoscaler-replicas", "KL hpa-minimum-three-replicas", "PO hpaMaxAvailability", "PO hpaMinAvailability", "GK ranges"},
		Types:   hpaTypes,
		Options: []Option{{Name: "minReplicas", What: "pods that a service keeps at least", Default: 2, Low: 1, High: maxCount}, relaxedStacks()},
		Eval: each("whether its range is of use", func(in Input, v *verdict, h Resource) {
			if in.relaxed(h) {
				v.notApplicable("stack %s may do without", stackOf(h))
				return
			}
			least, most := h.at("spec.minReplicas"), h.at("spec.maxReplicas")
			// autoscaling/v2 defaults minReplicas to 1; it is what replicas counts
			// from, so that a Deployment without replicas is no finding here.
			v.within(least, 1, in.whole("minReplicas"), maxCount, "")
			v.require(func(f *facts) string {
				low, high := f.count(least, 0, 1), f.required(most, 1)
				if high > low {
					return ""
				}
				return fmt.Sprintf("maxReplicas %d is not above minReplicas %d", high, low)
			})
			v.pass("keeps %s pods and may have %s", show(least), show(most))
		}, hpaTypes...),
	}
}

// hpaSingle prevents two autoscalers that pull one workload in two directions.
func hpaSingle() Rule {
	return Rule{
		ID: "hpa-single", Severity: High, Level: Mandatory,
		What:    "one workload has one autoscaler",
		Why:     "two of them set replicas in turn, every 15 seconds, for ever",
		Fix:     "put all metrics into one HorizontalPodAutoscaler: it takes the largest answer",
		Anchors: []string{"KY prevent-duplicate-hpa (live)"},
		Types:   append(append([]string{}, hpaTypes...), workloadTypes...),
		Eval: func(in Input) []Finding {
			services := in.services()
			neighbors := bySpace(services, func(s service) string { return s.namespace })
			var all []Finding
			for _, s := range services {
				v := &verdict{}
				v.judgeSingle(s, neighbors.near(s.namespace))
				all = append(all, v.finding(s.hpa, "whether it is the only one of its workload"))
			}
			return all
		},
	}
}

func (v *verdict) judgeSingle(s service, all []service) {
	v.pass("the only one of %s", s.subject())
	if s.name == "" {
		v.waits = append(v.waits, s.facts.waits...)
		return
	}
	for _, other := range all {
		if other.hpa.URN == s.hpa.URN || other.name != s.name {
			continue
		}
		switch {
		case s.namespace == anyNamespace || other.namespace == anyNamespace:
			v.wait("the namespaces of %s and %s", s.hpa.label(), other.hpa.label())
		case !v.readable(s.kind()) || !v.readable(other.kind()):
			// Two kinds may have the name.
		default:
			v.fault("%s scales %s too", other.hpa.label(), s.name)
		}
	}
}

// hpaScaleDown prevents flapping, and scale-downs faster than pods can leave.
func hpaScaleDown() Rule {
	return Rule{
		ID: "hpa-scale-down", Severity: Medium, Level: Mandatory,
		What:    "an autoscaler waits longer before it removes pods than a pod takes to leave",
		Why:     "a shorter window removes pods on a dip that is over before they are gone, and adds them again",
		Fix:     "leave behavior.scaleDown.stabilizationWindowSeconds out (300), or set it above preStop + drain",
		Anchors: []string{"S5"},
		Types:   []string{typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeConfigMap},
		Eval:    eachHPA("whether it waits long enough before it removes pods", judgeScaleDown),
	}
}

// defaultDownWindow of autoscaling/v2
// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior, 2026-11).
const defaultDownWindow = 300

func judgeScaleDown(_ Input, v *verdict, s service) {
	down := s.hpa.at("spec.behavior.scaleDown")
	v.require(func(f *facts) string {
		window := f.count(down.at("stabilizationWindowSeconds"), 0, defaultDownWindow)
		v.pass("removes pods after %d s", window)
		if window == 0 {
			return "stabilizationWindowSeconds 0: every dip removes pods"
		}
		own := facts{}
		_, leave := s.preStop(&own)
		if s.settings != nil {
			leave += float64(own.count(s.settings.annotation(noteDrain), 0, 0))
		}
		f.waits = append(f.waits, own.waits...)
		if float64(window) < leave {
			return fmt.Sprintf("stabilizationWindowSeconds %d < preStop + drain %gs", window, leave)
		}
		return ""
	})
}

// hpaMemory prevents the two traps of scaling by memory: a target above the
// limit is killed before it is reached, and a floor of pods that idle above the
// target is never left again.
func hpaMemory() Rule {
	return Rule{
		ID: "hpa-memory", Severity: High, Level: Mandatory,
		What:    "a memory target lies below the limit, and memory is not the only metric",
		Why:     "pods are killed before the target is reached; and a runtime that keeps its memory never scales down again",
		Fix:     "set averageUtilization below 100 × limit ÷ request, and scale by requests or CPU as well",
		Anchors: []string{"S7", "k8s 78761", "k8s 95762"},
		Types:   []string{typeHPA, typeDeployment, typeDeploymentPatch},
		Eval:    eachHPA("whether its memory target can be reached", judgeMemory),
	}
}

func judgeMemory(_ Input, v *verdict, s service) {
	metrics := v.list(s.hpa.at("spec.metrics"))
	steers := 0
	for _, m := range metrics {
		from, of := v.measured(m)
		if v.textOr(from.at("name"), "") != "memory" {
			continue
		}
		steers++
		v.require(func(f *facts) string { return s.memoryReachable(f, from.at("target.averageUtilization"), of) })
	}
	switch steers {
	case 0:
		v.notApplicable("does not steer by memory")
	case len(metrics):
		v.fault("memory is its only metric: a runtime that keeps its memory never scales down")
	}
	v.pass("the target lies below the limits")
}

func (s service) memoryReachable(f *facts, target leaf, of scope) string {
	if s.workload == nil {
		f.wait("the containers of %s, not in this stack", s.deployment())
		return ""
	}
	percent := f.required(target, 1)
	pod := podOf(*s.workload)
	judged := of.among(f, f.containers(*s.workload))
	limits := f.most(pod, judged, computeMemory)
	if math.IsInf(limits, 1) {
		return ""
	}
	requests, dead := f.measures(pod, of, judged, computeMemory), 1+f.tolerance(s.hpa)
	trigger := math.Round(float64(percent) / 100 * requests * dead)
	if limits > trigger || requests == 0 {
		return ""
	}
	return fmt.Sprintf("limits %.0f MiB ≤ %.0f MiB = %d%% × requests × %g: pods are killed before the autoscaler acts",
		limits/(1<<20), trigger/(1<<20), percent, dead)
}
