package discover

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/workload"
)

// Found is a service as it runs.
type Found struct {
	Name    string
	Service spec.Service
	// Open is what its objects do not state. The peak is always part of it.
	Open []Open
}

// Open is a field that somebody has to fill in or to check.
type Open struct {
	// Path in the stack file, such as "services.backend.port".
	Path string
	Why  string
}

// String is "path: why".
func (o Open) String() string { return o.Path + ": " + o.Why }

// Skipped is a workload that is no service, and why.
type Skipped struct {
	workload.Ref
	Why string
}

// String is such as "Deployment shop/worker: its containers state no port".
func (s Skipped) String() string { return s.Ref.String() + ": " + s.Why }

// Services are the Deployments that serve: they state a port. The mode is
// spec.External, which leaves the Deployment with its owner, or spec.Adopt, which
// carries the ids of the Deployment and its autoscaler.
func Services(set workload.Set, mode spec.Mode) (found []Found, skipped []Skipped) {
	set = set.Sorted()
	taken := map[string]string{}
	for _, w := range set.Workloads {
		why := unfit(w)
		if first, twice := taken[w.Name]; twice && why == "" {
			why = "a service of this name was found in namespace " + first
		}
		if why != "" {
			skipped = append(skipped, Skipped{w.Ref, why})
			continue
		}
		taken[w.Name] = w.Namespace
		r := reading{Found: Found{Name: w.Name}, workload: w, main: w.Main()}
		r.take(set.Scaler(w.Ref), mode)
		found = append(found, r.Found)
	}
	return found, skipped
}

// unfit says why a workload is no service; empty is that it is one.
func unfit(w workload.Workload) string {
	switch {
	case w.Kind != "Deployment":
		return "only a Deployment is autoscaled here"
	case len(w.Main().Ports) == 0:
		return "its containers state no port"
	case !spec.ServiceName(w.Name):
		return "its name is none of a service: lower-case letters, digits and dashes, at most 50"
	}
	return ""
}

// reading of one service.
type reading struct {
	Found
	workload workload.Workload
	main     workload.Container
}

func (r *reading) open(path, why string, args ...any) {
	r.Open = append(r.Open, Open{"services." + r.Name + "." + path, fmt.Sprintf(why, args...)})
}

func (r *reading) take(scaler *workload.Autoscaler, mode spec.Mode) {
	s := &r.Service
	s.Mode = mode
	if mode == spec.Adopt {
		s.ID = id(r.workload.Namespace, r.Name)
	}
	if r.main.Name != r.Name && mode == spec.Adopt {
		s.Container = r.main.Name
	}
	if own := map[string]string{"app.kubernetes.io/name": r.Name}; mode != spec.Adopt && len(r.workload.Selector) > 0 && !maps.Equal(r.workload.Selector, own) {
		s.Selector = r.workload.Selector
	}
	s.Probes = spec.Probes{Readiness: r.main.Readiness, Liveness: r.main.Liveness}
	r.open("peakRps", "no object states today's peak")
	r.port()
	r.workers()
	r.pool()
	r.resources()
	r.autoscaling(scaler)
	r.rollout()
	r.budget()
}

func id(namespace, name string) spec.ObjectID {
	return spec.ObjectID(namespace + "/" + name)
}

// port is the one called http, else the first.
func (r *reading) port() {
	ports := r.main.Ports
	i := max(0, slices.IndexFunc(ports, func(p workload.Port) bool { return p.Name == "http" }))
	r.Service.Port = ports[i].Number
	if len(ports) > 1 {
		r.open("port", "%d is one of %d; is it the one that serves?", ports[i].Number, len(ports))
	}
}

// workers per pod, as the plan's variable states them.
func (r *reading) workers() {
	text, stated := r.main.Env[plan.EnvWorkers]
	n, err := strconv.Atoi(text)
	switch {
	case stated && err == nil && n >= 1:
		r.Service.Workers = n
	case stated:
		r.open("workers", "%s is %q, which is no number of processes", plan.EnvWorkers, text)
	case slices.Contains(r.main.EnvElsewhere, plan.EnvWorkers):
		r.open("workers", "%s comes from another object, which was not read", plan.EnvWorkers)
	case len(r.main.EnvFrom) > 0:
		r.open("workers", "%s is not stated; it may come from %s, which was not read", plan.EnvWorkers, strings.Join(r.main.EnvFrom, ", "))
	default:
		r.open("workers", "%s is not stated", plan.EnvWorkers)
	}
}

// pool of the database, as the plan's variables state it; what none states is the
// plan's to derive.
func (r *reading) pool() {
	seconds := func(n *int) spec.Duration {
		if n == nil {
			return 0
		}
		return spec.Duration(time.Duration(*n) * time.Second)
	}
	p := spec.Pool{
		Size: r.number("pool.size", plan.EnvPoolSize, 1, spec.MostPooled), MaxOverflow: r.number("pool.maxOverflow", plan.EnvMaxOverflow, 0, spec.MostPooled),
		Timeout: seconds(r.number("pool.timeout", plan.EnvPoolTimeout, 1, mostSeconds)), Recycle: seconds(r.number("pool.recycle", plan.EnvPoolRecycle, 1, mostSeconds)),
	}
	if p != (spec.Pool{}) {
		r.Service.Pool = &p
	}
}

// mostSeconds are those of a year: more are no setting of a pool.
const mostSeconds = 366 * 24 * 3600

// number that a variable states; nil where it states none that a stack file could.
func (r *reading) number(path, variable string, least, most int) *int {
	text, stated := r.main.Env[variable]
	if !stated {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		r.open(path, "%s is %q, which is no number from %d to %d", variable, text, least, most)
		return nil
	}
	return &n
}

func (r *reading) resources() {
	to := &r.Service.Resources
	to.Requests, to.Limits = amounts(r.main.Request), amounts(r.main.Limit)
	if to.Requests.CPU == 0 {
		r.open("resources.requests.cpu", "not stated; headroom audit suggests one")
	}
	if to.Requests.Memory == 0 {
		r.open("resources.requests.memory", "not stated; headroom audit suggests one")
	}
	if n := len(r.workload.Containers); n > 1 {
		r.open("resources", "those of container %s alone; the pod has %d more, which ask for room on the nodes, too", r.main.Name, n-1)
	}
}

// amounts of a container; a part of a unit is rounded up.
func amounts(a workload.Amounts) spec.Amounts {
	var out spec.Amounts
	if a.CPUMilli != nil {
		out.CPU = spec.MilliCPU(math.Ceil(*a.CPUMilli))
	}
	if a.MemoryMiB != nil {
		out.Memory = spec.MiB(math.Ceil(*a.MemoryMiB))
	}
	return out
}

// autoscaling keeps the bounds that hold today: the plan says whether they are
// enough.
func (r *reading) autoscaling(scaler *workload.Autoscaler) {
	if scaler == nil {
		r.open("autoscaling", "no autoscaler scales it; the plan derives one")
		return
	}
	// What is scaled to zero has a floor that no stack file states.
	lowest, highest := max(1, scaler.Min), max(1, scaler.Max)
	r.Service.Autoscaling = spec.Autoscaling{MinReplicas: &lowest, MaxReplicas: &highest}
	if scaler.Min < 1 {
		r.open("autoscaling.minReplicas", "%s allows %d; a service that answers keeps one", scaler.Name, scaler.Min)
	}
	// Beside an external Deployment, too: a second autoscaler would undo the first.
	r.Service.Adopt.Autoscaler = id(scaler.Namespace, scaler.Name)
}

// rollout keeps what is stated as a percentage and what waits.
func (r *reading) rollout() {
	to := &r.Service.Rollout
	if share, ok := r.share("rollout.maxSurge", r.workload.Surge); ok {
		to.MaxSurge = &share
	}
	if share, ok := r.share("rollout.maxUnavailable", r.workload.Unavailable); ok {
		to.MaxUnavailable = share
	}
	if to.MaxSurge != nil && *to.MaxSurge == 0 && to.MaxUnavailable == 0 {
		to.MaxSurge = nil
		r.open("rollout.maxSurge", "0, which needs a maxUnavailable that a stack file can state")
	}
	switch {
	case r.main.OtherPreStop:
		r.open("rollout.preStop", "the preStop hook does something else than to sleep")
	case r.main.PreStop > 0:
		to.PreStop = spec.Duration(r.main.PreStop)
	default:
		r.open("rollout.preStop", "no preStop hook: a pod stops while the load balancer still sends to it")
	}
	if r.workload.Grace > 0 {
		to.Grace = spec.Duration(r.workload.Grace)
	}
}

// defaultShare is what the API fills in for both
// (k8s.io/kubernetes pkg/apis/apps/v1/defaults.go, v1.36).
const defaultShare = "25%"

// share of a rollout; a number of pods is a share only of a known number.
func (r *reading) share(path, text string) (spec.Percent, bool) {
	text = cmp.Or(text, defaultShare)
	percent, isShare := strings.CutSuffix(text, "%")
	n, err := strconv.Atoi(percent)
	if err == nil && n >= 0 && (isShare && n <= 100 || n == 0) {
		return spec.Percent(n), true
	}
	r.open(path, "%s pods; a stack file states a share", text)
	return 0, false
}

// budget over the pods: a second one beside it would keep all of them from being
// evicted (k8s.io/kubernetes pkg/registry/core/pod/storage/eviction.go, v1.36).
func (r *reading) budget() {
	all := r.workload.Budgets
	if len(all) == 0 {
		return
	}
	r.Service.Adopt.DisruptionBudget = id(r.workload.Namespace, all[0])
	if len(all) > 1 {
		r.open("adopt.disruptionBudget", "%s cover the same pods, and what two cover cannot be evicted; delete all but one", strings.Join(all, " and "))
	}
}
