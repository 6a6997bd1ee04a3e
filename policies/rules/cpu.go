package rules

// defaultCPUTarget is what autoscaling/v2 fills in without any metric
// (github.com/kubernetes/kubernetes pkg/apis/autoscaling/v2/defaults.go, v1.36).
const defaultCPUTarget = 80

// scope is the container that a metric looks at; empty for the whole pod.
type scope string

// cpuTarget is a CPU utilization that an autoscaler steers to.
type cpuTarget struct {
	percent int
	scope   scope
}

// cpuTargets are the CPU utilization metrics of an autoscaler.
func (f *facts) cpuTargets(hpa Resource) []cpuTarget {
	if hpa.Type == typeHPAv1 {
		return []cpuTarget{{percent: f.count(hpa.at("spec.targetCPUUtilizationPercentage"), 1, defaultCPUTarget)}}
	}
	metrics := hpa.at("spec.metrics")
	listed := f.list(metrics)
	if len(listed) == 0 && (metrics.Absent() || metrics.Known()) {
		return []cpuTarget{{percent: defaultCPUTarget}}
	}
	var targets []cpuTarget
	for _, metric := range listed {
		if t, ok := f.cpuTarget(metric); ok {
			targets = append(targets, t)
		}
	}
	return targets
}

func (f *facts) cpuTarget(metric leaf) (cpuTarget, bool) {
	from, of := f.measured(metric)
	utilization := from.at("target.averageUtilization")
	if f.textOr(from.at("name"), "") != "cpu" || (utilization.Absent() && f.textOr(from.at("target.type"), "") != "Utilization") {
		return cpuTarget{}, false
	}
	return cpuTarget{f.required(utilization, 1), of}, true
}

// measured is the resource that a metric is of, and whose it is; nothing for a
// metric of another type.
func (f *facts) measured(metric leaf) (leaf, scope) {
	switch f.textOr(metric.at("type"), "") {
	case "Resource":
		return metric.at("resource"), ""
	case "ContainerResource":
		from := metric.at("containerResource")
		return from, scope(f.textOr(from.at("container"), ""))
	}
	return leaf{}, ""
}

// among are the containers that a metric looks at.
func (s scope) among(f *facts, containers []leaf) []leaf {
	if s == "" {
		return containers
	}
	var own []leaf
	for _, c := range containers {
		if f.textOr(c.at("name"), "") == string(s) {
			own = append(own, c)
		}
	}
	if len(own) == 0 {
		f.wait("container %s, which the autoscaler looks at", legible(string(s)))
	}
	return own
}
