package rules

import (
	"math"
	"slices"
)

// compute is a resource that pods request and are limited in.
type compute struct {
	name string
	read func(*facts, leaf) (float64, bool)
}

// CPU in thousandths of a core, memory in bytes.
var (
	computeCPU    = compute{"cpu", (*facts).milli}
	computeMemory = compute{"memory", (*facts).bytes}
)

// request is what a container states; without a request its limit counts.
func (r compute) request(container leaf) leaf {
	resources := container.at("resources")
	return either(resources.at("requests").key(r.name), resources.at("limits").key(r.name))
}

// ofPod is what a pod states for all its containers (pod-level resources,
// Kubernetes 1.34): a request, or its limit where no container states any
// (github.com/kubernetes/kubernetes pkg/apis/core/v1/defaults.go defaultPodRequests, v1.36).
func (r compute) ofPod(pod leaf) leaf {
	own := pod.at("resources")
	if request := own.at("requests").key(r.name); !request.Absent() {
		return request
	}
	for _, containers := range []leaf{pod.at("containers"), pod.at("initContainers")} {
		states := func(c leaf) bool { return !r.request(c).Absent() }
		if !containers.Absent() && !containers.Known() || slices.ContainsFunc(containers.items(), states) {
			return leaf{}
		}
	}
	return own.at("limits").key(r.name)
}

// podLevel says that a pod states resources for all its containers.
func podLevel(pod leaf) bool {
	states := func(l leaf) bool { return !l.Absent() && (!l.Known() || len(l.Keys()) > 0) }
	return states(pod.at("resources.requests")) || states(pod.at("resources.limits"))
}

// asks is what one pod asks of a node, as the scheduler counts it. What nobody
// requests takes no room
// (github.com/kubernetes/kubernetes staging/src/k8s.io/component-helpers/resource/helpers.go PodRequests, v1.36).
func (f *facts) asks(pod leaf, r compute) float64 {
	n, stated := r.read(f, r.ofPod(pod))
	if !stated {
		n = f.together(pod, r)
	}
	overhead, _ := r.read(f, pod.at("overhead").key(r.name))
	return n + overhead
}

// together is what the containers ask for: those that live as long as the pod, or
// the largest that ends before they start, with the sidecars that already run.
func (f *facts) together(pod leaf, r compute) float64 {
	running, sidecars, starting := 0.0, 0.0, 0.0
	for _, c := range f.list(pod.at("containers")) {
		n, _ := r.read(f, r.request(c))
		running += n
	}
	for _, c := range f.list(pod.at("initContainers")) {
		n, _ := r.read(f, r.request(c))
		starting = max(starting, sidecars+n)
		if f.textOr(c.at("restartPolicy"), "") == "Always" {
			sidecars += n
		}
	}
	return max(running+sidecars, starting)
}

// measures is what utilization is a share of: the requests of the containers that
// a metric looks at, or of the pod where it states any
// (github.com/kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go calculateRequests, v1.36).
func (f *facts) measures(pod leaf, of scope, judged []leaf, r compute) float64 {
	if of == "" && podLevel(pod) {
		return f.asks(pod, r)
	}
	sum := 0.0
	for _, c := range judged {
		n, _ := r.read(f, r.request(c))
		sum += n
	}
	return sum
}

// most is what containers can use together: their limits, if all have one, or
// that of the pod; infinite where neither bounds them.
func (f *facts) most(pod leaf, judged []leaf, r compute) float64 {
	bound, limited := r.read(f, pod.at("resources.limits").key(r.name))
	if !limited {
		bound = math.Inf(1)
	}
	sum := 0.0
	for _, c := range judged {
		n, limited := r.read(f, c.at("resources.limits").key(r.name))
		if !limited {
			return bound
		}
		sum += n
	}
	return min(bound, sum)
}
