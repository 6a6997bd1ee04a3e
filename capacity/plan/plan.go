// Package plan derives every number of a stack from its stack file and its
// measured baseline, and proves that the numbers fit together. It is total and
// deterministic: the same input, the date among it, gives the same plan.
package plan

import (
	"time"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
)

// Plan is what the stack file and the baseline lead to. Its JSON is an
// interface: fields are only added. An [Amount] without a bound is null there.
type Plan struct {
	// Stack is the name of the stack.
	Stack string `json:"stack"`
	// Headroom is the product's one number.
	Headroom Headroom `json:"headroom"`
	// Growth is the multiple of today's peak that the plan must hold.
	Growth float64 `json:"growth"`
	// Measured says where the measured facts come from.
	Measured Measured `json:"baseline"`
	// Services by name.
	Services map[string]Service `json:"services"`
	// Nodes of the cluster.
	Nodes Nodes `json:"nodes"`
	// Database, when the stack has one.
	Database *Database `json:"database"`
	// Cache, when the stack has one.
	Cache *Cache `json:"cache"`
	// Edge in front of the cluster.
	Edge Edge `json:"edge"`
	// Cost per month.
	Cost Cost `json:"cost"`
	// Monitoring are the programs that Headroom runs to watch the stack.
	Monitoring []Workload `json:"monitoring,omitempty"`
	// Alerts are the ceilings with the threshold below each.
	Alerts []Alert `json:"alerts"`
	// Checks in the order of the documentation.
	Checks []Check `json:"checks"`
	// Waivers of the stack file, with whether they still hold.
	Waivers []Waiver `json:"waivers"`
	// Numbers explain every derived number.
	Numbers []Number `json:"numbers"`
	// Relies lists what external parts must really be for the proof to hold.
	Relies []string `json:"relies"`
}

// Headroom is the largest multiple of today's peak at which every check holds:
// with the numbers of this plan or, where those break a check that less load does
// not mend, with those of the largest load that may be asked for.
type Headroom struct {
	// Factor in multiples of today's peak, rounded down to a hundredth. 0 when a
	// check is violated at any load.
	Factor float64 `json:"factor"`
	// FirstLimit is the id of the check that breaks first beyond the factor.
	FirstLimit string `json:"firstLimit"`
	// Subject of that check, such as the service.
	Subject string `json:"subject,omitempty"`
}

// Measured is where the measured facts come from.
type Measured struct {
	Source string `json:"source"`
	Date   string `json:"date"`
	// Example is true when nobody measured the values, or not all of them.
	Example bool `json:"example"`
	// MeasuredFigures of so many Figures were measured, of an example in part.
	MeasuredFigures int `json:"measuredFigures,omitempty"`
	Figures         int `json:"figures,omitempty"`
	// Ahead is true when the date is after today's, of any time zone: a slip, or a
	// clock that is wrong.
	Ahead bool `json:"ahead,omitempty"`
}

// Number is one derived number and how it came about.
type Number struct {
	// Path such as "services.backend.maxReplicas".
	Path  string `json:"path"`
	Value string `json:"value"`
	// Why is the formula with the values filled in.
	Why string `json:"why"`
}

// Service is the plan of one workload.
type Service struct {
	// OriginRPS that reach the pods at growth times today's peak.
	OriginRPS float64 `json:"originRps"`
	// PeakOriginRPS that reach them at today's peak.
	PeakOriginRPS float64 `json:"peakOriginRps"`
	// KneeRPS that one pod carries at its knee.
	KneeRPS float64 `json:"kneeRps"`
	// TargetPercent of the knee that the autoscaler steers to.
	TargetPercent float64 `json:"targetPercent"`
	// TargetRPS that one pod carries at the target.
	TargetRPS float64 `json:"targetRps"`
	// SafePercent of the knee up to which the promises of slo hold.
	SafePercent float64 `json:"safePercent"`
	// MinReplicas is the warm floor, MaxReplicas the ceiling.
	MinReplicas int `json:"minReplicas"`
	MaxReplicas int `json:"maxReplicas"`
	// PeakReplicas run at today's peak, GrowthReplicas at growth times it.
	PeakReplicas   int `json:"peakReplicas"`
	GrowthReplicas int `json:"growthReplicas"`
	// PausePods of its size keep room on the nodes and give way to any other pod.
	PausePods int `json:"pausePods"`
	// Metrics that the autoscaler follows; the largest answer wins.
	Metrics []Metric `json:"metrics"`
	// CPUTargetPercent of the request, the backstop; 0 when CPU cannot reach it.
	CPUTargetPercent int `json:"cpuTargetPercent"`
	// Behavior of the autoscaler.
	Behavior Behavior `json:"behavior"`
	// Pool per engine and worker process; nil without a database.
	Pool *Pool `json:"pool"`
	// CacheConnections per worker process; 0 without a cache.
	CacheConnections int `json:"cacheConnections"`
	// Rollout is how pods are replaced.
	Rollout Rollout `json:"rollout"`
	// DisruptionBudget is maxUnavailable of the PDB.
	DisruptionBudget int `json:"disruptionBudget"`
	// Timeline of a scale-up.
	Timeline Timeline `json:"timeline"`
	// P99Ms is the worst predicted p99 of a core route at growth times peak.
	P99Ms Amount `json:"p99Ms"`
	// Routes with their predictions.
	Routes []Route `json:"routes"`
	// Env is the app environment.
	Env map[string]string `json:"env"`
}

// Metric is one custom metric; HPA, adapter rules, monitors, alerts and load
// tests render only from it.
type Metric struct {
	// Name under which the adapter serves it.
	Name string `json:"name"`
	// Kind is what it counts.
	Kind spec.Metric `json:"kind"`
	// Query is the PromQL of the service's total, never divided by pods.
	Query string `json:"query"`
	// TargetAverageValue is the total per replica that the autoscaler steers to.
	TargetAverageValue float64 `json:"targetAverageValue"`
	// ScrapeSeconds and WindowSeconds of the query; a gauge has no window.
	ScrapeSeconds float64 `json:"scrapeSeconds"`
	WindowSeconds float64 `json:"windowSeconds"`
	// DecisionSeconds is its worst case from high load to the decision, where the
	// first scrape shows the load; TriggerSeconds where that one may read a gauge
	// at a low moment.
	DecisionSeconds float64 `json:"decisionSeconds"`
	TriggerSeconds  float64 `json:"triggerSeconds"`
}

// Behavior of the autoscaler in both directions.
type Behavior struct {
	ScaleUp   Scaling `json:"scaleUp"`
	ScaleDown Scaling `json:"scaleDown"`
}

// Scaling is one direction of a Behavior. The policy that changes most wins.
type Scaling struct {
	StabilizationSeconds int `json:"stabilizationSeconds"`
	// Tolerance around the target, as a share; nil leaves the controller's 0.1.
	Tolerance *float64 `json:"tolerance,omitempty"`
	Policies  []Policy `json:"policies"`
}

// Policy bounds the change per period.
type Policy struct {
	// Type is Percent or Pods.
	Type          string `json:"type"`
	Value         int    `json:"value"`
	PeriodSeconds int    `json:"periodSeconds"`
}

// Pool is the SQLAlchemy pool of one engine in one worker process.
type Pool struct {
	Size        int `json:"size"`
	MaxOverflow int `json:"maxOverflow"`
	Engines     int `json:"engines"`
	// TimeoutSeconds waiting for a connection, RecycleSeconds of its age.
	TimeoutSeconds float64 `json:"timeoutSeconds"`
	RecycleSeconds float64 `json:"recycleSeconds"`
	// WaitP99Ms is the predicted wait for a connection at growth times peak.
	WaitP99Ms Amount `json:"waitP99Ms"`
}

// Rollout is how pods are replaced.
type Rollout struct {
	MaxSurgePercent       float64 `json:"maxSurgePercent"`
	MaxUnavailablePercent float64 `json:"maxUnavailablePercent"`
	// MinReadySeconds keeps at most two generations of a step terminating.
	MinReadySeconds int `json:"minReadySeconds"`
	GraceSeconds    int `json:"graceSeconds"`
	PreStopSeconds  int `json:"preStopSeconds"`
	// DeregistrationSeconds of the load balancer; 0 without an ingress.
	DeregistrationSeconds int `json:"deregistrationSeconds"`
}

// Timeline of a scale-up.
type Timeline struct {
	// DecisionSeconds from sustained high load to the autoscaler's decision, by the
	// first scrape that shows it; a ramp goes on to show more of it at each.
	DecisionSeconds float64 `json:"decisionSeconds"`
	// TriggerSeconds of a step, where a gauge may at first be read at a low moment.
	TriggerSeconds float64 `json:"triggerSeconds"`
	// LagSeconds from load to Ready pods for it, on warm nodes.
	LagSeconds float64 `json:"lagSeconds"`
	// WarmSeconds of the ramp that the pods already running absorb.
	WarmSeconds Amount `json:"warmSeconds"`
	// CapacitySeconds from the start of the ramp until pods for growth times
	// peak are Ready.
	CapacitySeconds float64 `json:"capacitySeconds"`
	// StepSeconds until they are Ready when load steps up at once.
	StepSeconds float64 `json:"stepSeconds"`
}

// Route is the prediction for one route at growth times peak.
type Route struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Core   bool   `json:"core"`
	P99Ms  Amount `json:"p99Ms"`
	TTFBMs Amount `json:"ttfbMs"`
	// PeakP99Ms is the p99 at today's peak, measured or predicted.
	PeakP99Ms Amount `json:"peakP99Ms"`
}

// Nodes of the cluster.
type Nodes struct {
	Groups []NodeGroup `json:"groups"`
	// WarmPods by service are the pods that must find room without a new node.
	WarmPods map[string]int `json:"warmPods"`
	// BootSeconds from a scale-up request to a Ready node.
	BootSeconds float64 `json:"bootSeconds"`
	// Autoscaler is the timing of Cluster Autoscaler.
	Autoscaler Autoscaler `json:"autoscaler"`
}

// Autoscaler is the timing of Cluster Autoscaler.
type Autoscaler struct {
	ScanSeconds float64 `json:"scanSeconds"`
	// UnneededSeconds before a node goes, and AfterAddSeconds without removals
	// after one was added.
	UnneededSeconds float64 `json:"unneededSeconds"`
	AfterAddSeconds float64 `json:"afterAddSeconds"`
	// UtilizationThreshold below which a node is unneeded, as a share.
	UtilizationThreshold float64 `json:"utilizationThreshold"`
	// GraceSeconds that a pod has at most on a node that is removed: its default, or
	// the longest grace period of the services.
	GraceSeconds int `json:"graceSeconds"`
}

// NodeGroup is one group with its bounds.
type NodeGroup struct {
	Name string `json:"name"`
	// InstanceType by which the plan counts room: the smallest of the group.
	InstanceType string `json:"instanceType"`
	// DearestType of the group, by which the plan counts money; empty when a price
	// is unknown.
	DearestType string   `json:"dearestType,omitempty"`
	Zones       []string `json:"zones"`
	MinSize     int      `json:"minSize"`
	MaxSize     int      `json:"maxSize"`
	// MaxPods per node.
	MaxPods int `json:"maxPods"`
	// FreeMilliCPU and FreeMiB of one node, less reserves and DaemonSets.
	FreeMilliCPU int64 `json:"freeMilliCpu"`
	FreeMiB      int64 `json:"freeMiB"`
	// USDPerHour of one node of the dearest type with its disk, and
	// LeastUSDPerHour of one of the cheapest; 0 when a price is unknown.
	USDPerHour      float64 `json:"usdPerHour"`
	LeastUSDPerHour float64 `json:"leastUsdPerHour"`
	// Priority for Cluster Autoscaler's expander: the highest that has room grows,
	// and among those the one that wastes least.
	Priority int `json:"priority"`
	// Pools are the EKS node groups that make up a managed one; their sizes add up
	// to its own.
	Pools []NodePool `json:"pools,omitempty"`
}

// NodePool is one EKS node group.
type NodePool struct {
	// Name is that of the group, and of the zone where it has only one of several.
	Name    string   `json:"name"`
	Zones   []string `json:"zones"`
	MinSize int      `json:"minSize"`
	MaxSize int      `json:"maxSize"`
}

// Database is the plan of the database and its pooler.
type Database struct {
	// InstanceClass, or empty for an external database that states none.
	InstanceClass string `json:"instanceClass"`
	// MaxConnections that the budget counts on; Explicit when the stack sets it.
	MaxConnections int  `json:"maxConnections"`
	Explicit       bool `json:"explicit"`
	// UsableConnections after what the server reserves.
	UsableConnections int `json:"usableConnections"`
	// SteadyConnections and RolloutConnections that the services can hold.
	SteadyConnections  int `json:"steadyConnections"`
	RolloutConnections int `json:"rolloutConnections"`
	// PlannedConnections that the database itself has at most: those of a rollout
	// or, with a pooler, of its server side, and of other clients.
	PlannedConnections int `json:"plannedConnections"`
	// OtherConnections of clients besides the services.
	OtherConnections int `json:"otherConnections"`
	// Cores that serve queries for good: the vCPUs, or the credit baseline of a
	// burstable class.
	Cores float64 `json:"cores"`
	// PgBouncer settings, when Headroom runs it.
	PgBouncer *PgBouncer `json:"pgbouncer,omitempty"`
}

// PgBouncer are the settings of every replica.
type PgBouncer struct {
	Replicas      int `json:"replicas"`
	MaxClientConn int `json:"maxClientConn"`
	PoolSize      int `json:"poolSize"`
	ReservePool   int `json:"reservePool"`
	// PreStopSeconds, GraceSeconds and MinReadySeconds of its pods, which are
	// replaced one at a time without a surge; Terminating are those that still
	// hold their pools meanwhile.
	PreStopSeconds  int `json:"preStopSeconds"`
	GraceSeconds    int `json:"graceSeconds"`
	MinReadySeconds int `json:"minReadySeconds"`
	Terminating     int `json:"terminating"`
	// QueryWaitSeconds is below the pool timeout of every service plus its
	// slack, so that the application and not the pooler gives up last.
	QueryWaitSeconds int `json:"queryWaitSeconds"`
}

// Cache is the plan of the cache.
type Cache struct {
	NodeType string `json:"nodeType"`
	// UsableMiB after reserved memory; WorkingSetMiB measured.
	UsableMiB     float64 `json:"usableMiB"`
	WorkingSetMiB float64 `json:"workingSetMiB"`
	// Connections that the services can hold; MaxClients of a node.
	Connections int `json:"connections"`
	MaxClients  int `json:"maxClients"`
	// Policy is maxmemory-policy.
	Policy string `json:"maxmemoryPolicy"`
	// HitRatio that the database was planned with, of all operations.
	HitRatio float64 `json:"hitRatio"`
	// Client is how every process uses the cache.
	Client CacheClient `json:"client"`
}

// CacheClient are the settings of a cache client, in seconds; the jitter is a
// fraction of the time to live.
type CacheClient struct {
	PoolTimeoutSeconds    float64 `json:"poolTimeoutSeconds"`
	SocketTimeoutSeconds  float64 `json:"socketTimeoutSeconds"`
	ConnectTimeoutSeconds float64 `json:"connectTimeoutSeconds"`
	TTLSeconds            float64 `json:"ttlSeconds"`
	TTLJitter             float64 `json:"ttlJitter"`
	StaleSeconds          float64 `json:"staleSeconds"`
}

// Edge is what the CDN takes away from the services.
type Edge struct {
	// OriginRPS of all services at growth times peak, UserRPS before the CDN.
	OriginRPS float64 `json:"originRps"`
	UserRPS   float64 `json:"userRps"`
	// Cloudflare is what the zone and the origin behind it are told.
	Cloudflare *cdn.Zone `json:"cloudflare,omitempty"`
	// CloudFront is what the distribution is told and how files are uploaded.
	CloudFront *cdn.Distribution `json:"cloudfront,omitempty"`
	// HitRatio that the services behind the Cloudflare zone were planned with.
	HitRatio float64 `json:"hitRatio"`
	// Vercel is the vercel.json of every edge-hosted project.
	Vercel map[string]cdn.Vercel `json:"vercel,omitempty"`
}

// Cost per month in USD.
type Cost struct {
	// FloorUSD with everything at its minimum, ExpectedUSD with today's peak all
	// month, CeilingUSD with everything scaled out all month.
	FloorUSD    float64 `json:"floorUsd"`
	ExpectedUSD float64 `json:"expectedUsd"`
	CeilingUSD  float64 `json:"ceilingUsd"`
	BudgetUSD   float64 `json:"budgetUsd"`
	Items       []Item  `json:"items"`
	// Unknown are the types without a sourced price.
	Unknown []string `json:"unknownPrices"`
	// Excludes lists what the price leaves out.
	Excludes []string `json:"excludes"`
	// Prices says where they come from.
	Prices string `json:"prices"`
}

// Item is one line of the cost.
type Item struct {
	Name       string  `json:"name"`
	FloorUSD   float64 `json:"floorUsd"`
	CeilingUSD float64 `json:"ceilingUsd"`
	Why        string  `json:"why"`
}

// Alert is a ceiling and the threshold below it. Its rule is made by package alerts.
type Alert struct {
	Name string `json:"name"`
	// Kind of ceiling, and the service or node group that it is about.
	Kind    Ceiling `json:"kind"`
	Subject string  `json:"subject,omitempty"`

	Ceiling   float64 `json:"ceiling"`
	Threshold float64 `json:"threshold"`
	Unit      string  `json:"unit"`
	// Exporter under monitoring.exporters that tells how near the ceiling is;
	// empty for what the cluster and the services tell themselves.
	Exporter string `json:"exporter,omitempty"`
}

// Waiver accepts a violated check until a date.
type Waiver struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
	Until  string `json:"until"`
	// Active is false once the date has passed or when nothing is waived.
	Active bool   `json:"active"`
	Note   string `json:"note,omitempty"`
}

// Options are the inputs besides stack file and baseline.
type Options struct {
	// Today decides whether a waiver has expired.
	Today time.Time
	// Lean leaves out the headroom factor and the fixes of violated checks: for
	// searches that make thousands of plans.
	Lean bool
}
