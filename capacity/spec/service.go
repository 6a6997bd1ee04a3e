package spec

import "math"

// Service is one autoscaled workload.
type Service struct {
	// Mode of the Deployment. External (the default) leaves image, command and
	// secrets with the team's delivery; Headroom then writes the HPA, the PDB
	// and a ConfigMap that the Deployment includes by envFrom. Adopt imports the
	// live Deployment and sets only what the plan decides.
	Mode Mode `json:"mode,omitempty"`
	// ID of the live Deployment, as "namespace/name"; required when adopted.
	ID ObjectID `json:"id,omitempty"`
	// Adopt are live objects around the Deployment that Headroom takes over.
	Adopt AdoptService `json:"adopt,omitzero"`
	// Deployment is the name of an external Deployment. Default: the service's.
	Deployment string `json:"deployment,omitempty"`
	// Container that serves, of an adopted or patched Deployment. Default: the
	// service's name.
	Container string `json:"container,omitempty"`
	// Selector are the labels that find the pods of an external Deployment.
	// Default: app.kubernetes.io/name with the service's name.
	Selector map[string]string `json:"selector,omitempty"`
	// Patch lets Headroom set env, requests, probes, preStop, grace and
	// minReadySeconds on an external Deployment by server-side apply. A Deployment
	// made by a client-side apply must first be handed over once, as
	// components/service/README.md says.
	Patch bool `json:"patch,omitempty"`
	// Image of a managed Deployment, with a tag or digest other than latest.
	Image string `json:"image,omitempty"`
	// Command of a managed Deployment; the image's own when absent.
	Command []string `json:"command,omitempty"`
	// Env are plain variables of a managed Deployment; a secret belongs in envFrom.
	Env map[string]string `json:"env,omitempty"`
	// EnvFrom are existing Secrets and ConfigMaps of a managed Deployment.
	EnvFrom []EnvFrom `json:"envFrom,omitempty"`
	// ServiceAccount of a managed Deployment; it must exist.
	ServiceAccount string `json:"serviceAccount,omitempty"`
	// Port that the container listens on.
	Port int `json:"port"`
	// Workers are the processes per pod (WEB_CONCURRENCY). Default: 1.
	Workers int `json:"workers,omitempty" nonzero:"true"`
	// PeakRPS is today's peak as users send it, before the CDN.
	PeakRPS RPS `json:"peakRps"`
	// CDNHitRatio is the share of this service's requests that the CDN
	// answers. Default: traffic.cdnHitRatio.
	CDNHitRatio *Percent `json:"cdnHitRatio,omitempty"`
	// Routes are the parts of the traffic that differ in cost or promise.
	// Default: one core route with all of the traffic.
	Routes []Route `json:"routes,omitempty"`
	// Resources of the container.
	Resources Resources `json:"resources"`
	// Probes of the container.
	Probes Probes `json:"probes,omitzero"`
	// Balancing is how requests are spread over pods. Default: roundRobin.
	Balancing Balancing `json:"balancing,omitempty"`
	// Autoscaling overrides what the plan derives.
	Autoscaling Autoscaling `json:"autoscaling,omitzero"`
	// Metrics are the names under which the service exports its load.
	Metrics MetricNames `json:"metrics,omitzero"`
	// Pool overrides the derived database pool. A service whose baseline has no
	// database use has no pool unless this is set.
	Pool *Pool `json:"pool,omitempty"`
	// Rollout is how pods are replaced.
	Rollout Rollout `json:"rollout,omitzero"`
	// Ingress is the existing way in.
	Ingress *Ingress `json:"ingress,omitempty"`
}

// EnvFrom includes an existing Secret or ConfigMap; exactly one is set.
type EnvFrom struct {
	// Secret is the name of a Secret.
	Secret string `json:"secret,omitempty"`
	// ConfigMap is the name of a ConfigMap.
	ConfigMap string `json:"configMap,omitempty"`
}

// Route is a part of a service's traffic.
type Route struct {
	// Method such as "GET".
	Method string `json:"method"`
	// Path pattern such as "/api/items/{id}".
	Path string `json:"path"`
	// Share of the service's requests. The shares of a service add up to 100%.
	Share Percent `json:"share"`
	// Core routes carry the promises of slo.
	Core bool `json:"core,omitempty"`
	// P99 overrides slo.p99.
	P99 *Duration `json:"p99,omitempty"`
	// TTFB overrides slo.ttfb.
	TTFB *Duration `json:"ttfb,omitempty"`
}

// Key is the route's key in the baseline file.
func (r Route) Key() string { return r.Method + " " + r.Path }

// Resources are what the container asks for and is limited to.
type Resources struct {
	// Requests are reserved on the node; both are required.
	Requests Amounts `json:"requests"`
	// Limits cap the container. A CPU limit throttles; leave it out unless
	// neighbors need protection.
	Limits Amounts `json:"limits,omitzero"`
}

// Amounts are amounts of CPU and memory.
type Amounts struct {
	CPU    MilliCPU `json:"cpu,omitempty"`
	Memory MiB      `json:"memory,omitempty"`
}

// Probes are the HTTP paths that Kubernetes asks.
type Probes struct {
	// Readiness path. Default: "/health/ready".
	Readiness string `json:"readiness,omitempty"`
	// Liveness path. Default: "/health/live".
	Liveness string `json:"liveness,omitempty"`
}

// Balancing is how requests are spread over pods.
type Balancing string

// The ways to spread requests.
const (
	RoundRobin       Balancing = "roundRobin"
	Random           Balancing = "random"
	LeastOutstanding Balancing = "leastOutstanding"
)

// Values are the allowed ways to spread requests.
func (Balancing) Values() []string {
	return []string{string(RoundRobin), string(Random), string(LeastOutstanding)}
}

// Autoscaling overrides the derived HPA.
type Autoscaling struct {
	// Metric that leads; CPU stays as the backstop. Default: inFlight.
	Metric Metric `json:"metric,omitempty"`
	// MinReplicas overrides the derived warm floor.
	MinReplicas *int `json:"minReplicas,omitempty"`
	// MaxReplicas overrides the derived ceiling.
	MaxReplicas *int `json:"maxReplicas,omitempty"`
	// PausePods of the size of one pod keep room on the nodes and give way at
	// once to any other pod: Cluster Autoscaler adds nodes for them before the
	// service needs any. Default: 0, room is kept by nodes.groups[].minSize.
	PausePods *int `json:"pausePods,omitempty"`
	// TargetUtilization overrides the derived share of a pod's capacity at
	// the knee that the autoscaler steers to.
	TargetUtilization *Percent `json:"targetUtilization,omitempty"`
	// Margin on top of the pods needed at growth times peak. Default: 20%.
	Margin *Percent `json:"margin,omitempty"`
	// Tolerance above the target without a scale-up, from Kubernetes 1.35.
	// Default: the controller's 10%.
	Tolerance *Percent `json:"tolerance,omitempty"`
	// ScaleUpWindow in which the lowest recommendation counts. Default: 0s.
	ScaleUpWindow Duration `json:"scaleUpWindow,omitempty"`
	// ScaleUpPercent by which replicas may grow every 15 s, where that is more than
	// four pods. Default: what reaches traffic.growth in one step, at least 100.
	ScaleUpPercent *int `json:"scaleUpPercent,omitempty"`
	// ScaleDownWindow in which the highest recommendation counts. Default: 5m, or
	// the time a leaving pod takes to drain if that is longer.
	ScaleDownWindow *Duration `json:"scaleDownWindow,omitempty"`
	// ScaleDownPercent by which replicas may shrink every minute. Default: 10.
	ScaleDownPercent *int `json:"scaleDownPercent,omitempty"`
}

// Metric is a kind of autoscaling metric.
type Metric string

// The metrics that may lead.
const (
	// InFlight is the number of requests in progress: no rate window, so it
	// reacts first.
	InFlight Metric = "inFlight"
	// RequestRate is requests per second over a window.
	RequestRate Metric = "requestRate"
	// CPU is CPU utilization alone.
	CPU Metric = "cpu"
)

// Values are the allowed metrics.
func (Metric) Values() []string {
	return []string{string(InFlight), string(RequestRate), string(CPU)}
}

// MetricNames are the names of the Prometheus series that the app exports.
type MetricNames struct {
	// Requests is a counter. Default: "http_requests_total".
	Requests string `json:"requests,omitempty"`
	// InProgress is a gauge. Default: "http_requests_in_progress".
	InProgress string `json:"inProgress,omitempty"`
	// Duration is a histogram of latencies in seconds, read by headroom baseline
	// and by the alerts, which need a bucket that ends at every promised p99.
	// Default: "http_request_duration_seconds".
	Duration string `json:"duration,omitempty"`
	// PoolTimeouts is a counter of requests that found no database connection in
	// time; without it nothing alerts on them.
	PoolTimeouts string `json:"poolTimeouts,omitempty"`
	// Method is the label of requests and duration with the HTTP method. Default:
	// "method".
	Method string `json:"method,omitempty"`
	// Route is their label with the path pattern of the route. Default: "handler".
	Route string `json:"route,omitempty"`
	// Status is their label with the status code, or its class such as 5xx.
	// Default: "status".
	Status string `json:"status,omitempty"`
	// Port that serves the metrics. Default: the service's port.
	Port int `json:"port,omitempty" nonzero:"true"`
	// Path of the metrics. Default: "/metrics".
	Path string `json:"path,omitempty"`
}

// Of is the series behind an autoscaling metric.
func (m MetricNames) Of(kind Metric) string {
	if kind == RequestRate {
		return m.Requests
	}
	return m.InProgress
}

// Pool is the SQLAlchemy pool of one engine in one worker process.
type Pool struct {
	// Size overrides the derived pool_size. At least 1: SQLAlchemy reads 0 as
	// unlimited.
	Size *int `json:"size,omitempty"`
	// MaxOverflow overrides the derived max_overflow. At least 0: SQLAlchemy
	// reads -1 as unlimited.
	MaxOverflow *int `json:"maxOverflow,omitempty"`
	// Engines per process (read/write split, sync and async). Default: 1.
	Engines int `json:"engines,omitempty" nonzero:"true"`
	// Timeout waiting for a connection. Default: 5s.
	Timeout Duration `json:"timeout,omitempty" nonzero:"true"`
	// Recycle age of a connection. Default: 30m.
	Recycle Duration `json:"recycle,omitempty" nonzero:"true"`
}

// Rollout is how pods are replaced.
type Rollout struct {
	// MaxSurge are the pods above the desired count during a rollout, as a
	// share of it, rounded up. Default: 25%.
	MaxSurge *Percent `json:"maxSurge,omitempty"`
	// MaxUnavailable are the pods below it, rounded down. Default: 0%.
	MaxUnavailable Percent `json:"maxUnavailable,omitempty"`
	// PreStop is how long a pod keeps serving after it is told to stop.
	// Default: ingress.deregistrationSeconds, at least 5s.
	PreStop Duration `json:"preStop,omitempty" nonzero:"true"`
	// Drain is the longest a request in progress may take after preStop. Default: 20s.
	Drain Duration `json:"drain,omitempty" nonzero:"true"`
	// Grace is terminationGracePeriodSeconds. Default: preStop + drain + 5s.
	Grace Duration `json:"grace,omitempty" nonzero:"true"`

	// graceDerived remembers that grace follows preStop.
	graceDerived bool
}

// WithPreStop is the rollout with another preStop; a grace period that the stack
// file does not state follows it.
func (r Rollout) WithPreStop(d Duration) Rollout {
	r.PreStop = d
	if r.graceDerived {
		r.Grace = r.PreStop + r.Drain + graceSlack
	}
	return r
}

// Ingress is the existing way into a service.
type Ingress struct {
	// Host such as "api.example.com".
	Host string `json:"host"`
	// ProbePath that the blackbox exporter asks at the host; it must answer 2xx
	// to anybody. Default: probes.readiness.
	ProbePath string `json:"probePath,omitempty"`
	// DeregistrationSeconds that the load balancer keeps sending to a pod
	// after it left. Default: 30.
	DeregistrationSeconds *int `json:"deregistrationSeconds,omitempty"`
}

// Target is the name of the Deployment that serves.
func (v Service) Target(service string) string {
	if v.Deployment != "" {
		return v.Deployment
	}
	return v.ID.Name(service)
}

// SettingsName is the ConfigMap with the app environment.
func (v Service) SettingsName(service string) string {
	return v.Adopt.Settings.Name(service + "-headroom")
}

// ServingContainer is the name of the container that serves. That of an external
// Deployment without a patch is not known.
func (v Service) ServingContainer(service string) string { return orElse(v.Container, service) }

// KnowsContainer tells whether the serving container's name is known.
func (v Service) KnowsContainer() bool { return v.Mode != External || v.Patch }

// LabelName is the label that selects the pods of a workload.
const LabelName = "app.kubernetes.io/name"

// Labels find the pods of a service; nil where the Deployment is adopted, because
// it keeps its own.
func (v Service) Labels(service string) map[string]string {
	switch {
	case v.Mode == Adopt:
		return nil
	case len(v.Selector) > 0:
		return v.Selector
	}
	return map[string]string{LabelName: service}
}

// Servers are the requests that one pod truly works on at once: its worker
// processes, as far as the CPU limit lets them.
func (v Service) Servers() int {
	if limit := v.Resources.Limits.CPU; limit > 0 {
		return max(1, min(v.Workers, int(math.Floor(limit.Cores()))))
	}
	return v.Workers
}

// Stretch is how much longer CPU work takes when the limit is less than the
// servers could burn: below one core, and for the part of a core above a whole
// number nothing is gained, so only the first matters.
func (v Service) Stretch() float64 {
	limit := v.Resources.Limits.CPU
	if limit <= 0 || limit.Cores() >= 1 {
		return 1
	}
	return 1 / limit.Cores()
}
