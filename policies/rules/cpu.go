package rules

// defaultCPUTarget is what autoscaling/v2 fills in without any metric
// (github.com/kubernetes/kubernetes pkg/apis/autoscaling/v2/defaults.go, v1.36).
const defaultCPUTarget = 80

// cpuTarget is a CPU utilization that an autoscaler steers to.
type cpuTarget struct {
	percent int
	// container that it looks at; empty for the whole pod.
	container string
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
	var t cpuTarget
	var from leaf
	switch f.textOr(metric.at("type"), "") {
	case "Resource":
		from = metric.at("resource")
	case "ContainerResource":
		from = metric.at("containerResource")
		t.container = f.textOr(from.at("container"), "")
	default:
		return t, false
	}
	utilization := from.at("target.averageUtilization")
	if f.textOr(from.at("name"), "") != "cpu" || (utilization.Absent() && f.textOr(from.at("target.type"), "") != "Utilization") {
		return t, false
	}
	t.percent = f.required(utilization, 1)
	return t, true
}

// judged are the containers that a target looks at.
func (t cpuTarget) judged(f *facts, containers []leaf) []leaf {
	if t.container == "" {
		return containers
	}
	var own []leaf
	for _, c := range containers {
		if f.textOr(c.at("name"), "") == t.container {
			own = append(own, c)
		}
	}
	if len(own) == 0 {
		f.wait("container %s, which the autoscaler looks at", t.container)
	}
	return own
}

// request is what a container asks for: without a request its limit counts.
func (f *facts) request(container leaf) (float64, bool) {
	before := len(f.waits)
	n, ok := f.milli(container.at("resources.requests.cpu"))
	if ok || len(f.waits) > before {
		return n, ok
	}
	return f.milli(container.at("resources.limits.cpu"))
}
