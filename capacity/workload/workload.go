package workload

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/workload/podname"
)

// Set is what was read together.
type Set struct {
	Workloads   []Workload
	Autoscalers []Autoscaler
}

// Ref names a workload.
type Ref struct{ Namespace, Kind, Name string }

// String is such as "Deployment shop/backend".
func (r Ref) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// Workload is an object that runs pods of one template.
type Workload struct {
	Ref
	// Where it was read, such as "backend.yaml:12".
	Where string
	// Replicas that are asked for; nil where the object does not say, as in the
	// manifest of a DaemonSet or of a Deployment that is autoscaled.
	Replicas *int
	// Selector are the labels that find the pods.
	Selector map[string]string
	// MinReady, Surge and Unavailable are a rollout's settings as they are written;
	// empty where the API's default holds.
	MinReady           time.Duration
	Surge, Unavailable string
	// Grace between the order to stop and the kill. Default: 30 s.
	Grace time.Duration
	// Budgets are the names of the PodDisruptionBudgets over the pods, where those of
	// the namespace were read.
	Budgets []string
	// Pod are requests and limits of the pod as a whole (KEP-2837).
	Pod Resources
	// Containers that run as long as the pod, among them sidecars: init containers
	// that are restarted.
	Containers []Container
	// Init are the containers that end before the others start.
	Init []Container
}

// Container of a pod.
type Container struct {
	Name, Image string
	// Sidecar is an init container with restartPolicy Always.
	Sidecar bool
	Resources
	// Ports that it says it listens on.
	Ports []Port
	// Env are the plain variables; one that comes from elsewhere is in EnvElsewhere.
	Env map[string]string
	// EnvElsewhere are variables whose value is that of another object, and
	// EnvFrom the objects from which all keys become variables.
	EnvElsewhere, EnvFrom []string
	// Probes by HTTP: the path, or empty.
	Readiness, Liveness string
	// PreStop is how long the hook sleeps; OtherPreStop is a hook that does
	// something else.
	PreStop      time.Duration
	OtherPreStop bool
}

// Port that a container listens on.
type Port struct {
	Name   string
	Number int
}

// Resources of a container or a pod. A request that is not stated is its limit, as
// the API fills in
// (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/, 2026-11).
type Resources struct {
	Request, Limit Amounts
}

// Amounts of CPU in thousandths of a core and of memory in MiB; nil is not stated.
type Amounts struct {
	CPUMilli, MemoryMiB *float64
}

// Autoscaler is a HorizontalPodAutoscaler.
type Autoscaler struct {
	Namespace, Name string
	Where           string
	// TargetKind and TargetName are what it scales.
	TargetKind, TargetName string
	Min, Max               int
	// CPU and Memory are the utilizations that it steers to.
	CPU, Memory []Target
}

// Target is a utilization, in percent of the request.
type Target struct {
	Percent int
	// Container that is looked at; empty is the whole pod.
	Container string
}

// Scaler of a workload; nil where there is none. A manifest without a namespace
// can be of any.
func (s Set) Scaler(r Ref) *Autoscaler {
	for i, a := range s.Autoscalers {
		near := a.Namespace == r.Namespace || a.Namespace == "" || r.Namespace == ""
		if near && a.TargetKind == r.Kind && a.TargetName == r.Name {
			return &s.Autoscalers[i]
		}
	}
	return nil
}

// Add puts in what else was read.
func (s *Set) Add(o Set) {
	s.Workloads = append(s.Workloads, o.Workloads...)
	s.Autoscalers = append(s.Autoscalers, o.Autoscalers...)
}

// In gives a namespace to what states none.
func (s Set) In(namespace string) Set {
	out := Set{slices.Clone(s.Workloads), slices.Clone(s.Autoscalers)}
	for i := range out.Workloads {
		if out.Workloads[i].Namespace == "" {
			out.Workloads[i].Namespace = namespace
		}
	}
	for i := range out.Autoscalers {
		if out.Autoscalers[i].Namespace == "" {
			out.Autoscalers[i].Namespace = namespace
		}
	}
	return out
}

// Quality is the class by which the kubelet decides whom to kill first.
type Quality string

// The classes (github.com/kubernetes/kubernetes pkg/apis/core/v1/helper/qos/qos.go, v1.36).
const (
	Guaranteed Quality = "Guaranteed"
	Burstable  Quality = "Burstable"
	BestEffort Quality = "BestEffort"
)

// Quality of the pods: Guaranteed where every container has limits of CPU and
// memory and requests equal to them, BestEffort where none states anything. The
// pod's own resources, where there are any, decide alone.
func (w Workload) Quality() Quality {
	judged := []Resources{w.Pod}
	if w.Pod == (Resources{}) {
		judged = nil
		for _, c := range slices.Concat(w.Containers, w.Init) {
			judged = append(judged, c.Resources)
		}
	}
	if !slices.ContainsFunc(judged, Resources.states) {
		return BestEffort
	}
	if slices.ContainsFunc(judged, func(r Resources) bool { return !r.fixed() }) {
		return Burstable
	}
	return Guaranteed
}

// states says that anything above 0 is asked for or limited.
func (r Resources) states() bool {
	for _, a := range []*float64{r.Request.CPUMilli, r.Request.MemoryMiB, r.Limit.CPUMilli, r.Limit.MemoryMiB} {
		if a != nil && *a > 0 {
			return true
		}
	}
	return false
}

// fixed says that requests are limits, and all are stated.
func (r Resources) fixed() bool {
	same := func(request, limit *float64) bool {
		return request != nil && limit != nil && *limit > 0 && *request == *limit
	}
	return same(r.Request.CPUMilli, r.Limit.CPUMilli) && same(r.Request.MemoryMiB, r.Limit.MemoryMiB)
}

// PodNames is a regular expression of the names of the workload's pods, anchored
// as Prometheus does by itself.
func (w Workload) PodNames() string { return podname.Of(w.Kind, w.Name) }

// Main is the container that serves: the one that states a port, else that with
// the workload's name, else the first.
func (w Workload) Main() Container {
	var own []Container
	for _, c := range w.Containers {
		if !c.Sidecar {
			own = append(own, c)
		}
	}
	for _, fits := range []func(Container) bool{
		func(c Container) bool { return c.Name == w.Name && len(c.Ports) > 0 },
		func(c Container) bool { return len(c.Ports) > 0 },
		func(c Container) bool { return c.Name == w.Name },
		func(Container) bool { return true },
	} {
		if i := slices.IndexFunc(own, fits); i >= 0 {
			return own[i]
		}
	}
	return Container{}
}

// Sorted puts workloads in the order of namespace, name and kind.
func (s Set) Sorted() Set {
	slices.SortStableFunc(s.Workloads, func(a, b Workload) int {
		return strings.Compare(fmt.Sprint(a.Namespace, "\x00", a.Name, "\x00", a.Kind), fmt.Sprint(b.Namespace, "\x00", b.Name, "\x00", b.Kind))
	})
	return s
}
