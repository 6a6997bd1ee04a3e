// Package sim replays traffic against a stack: arrivals, queues, the metric
// pipeline, the autoscaler, scheduling, nodes and the database, on a virtual
// clock. The same scenario and seed give the same result.
package sim

import (
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/fleet"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// Fidelity is how closely requests are followed.
type Fidelity string

// The fidelities.
const (
	// Control carries requests as a fluid with a backlog, and takes quantiles from
	// the steady state: for searches.
	Control Fidelity = "control"
	// Request follows every request: for truth.
	Request Fidelity = "request"
)

// Scenario is a stack under a load.
type Scenario struct {
	// Seed of every random choice.
	Seed uint64
	// Fidelity defaults to Control.
	Fidelity Fidelity
	// Load in multiples of today's peak. It ends the scenario.
	Load load.Curve
	// Warmup runs at the first level of the load and is not reported.
	Warmup time.Duration
	// Kubernetes are the controller settings.
	Kubernetes hpa.Settings
	// Services, each with an autoscaler.
	Services []Service
	// Fleet are the nodes.
	Fleet fleet.Config
	// Database that the services share; nil without one.
	Database *Database
	// MetricsResolution of metrics-server, ScrapeInterval of Prometheus.
	MetricsResolution, ScrapeInterval time.Duration
	// FixedUSDPerHour is what runs whatever the load: control plane, database,
	// cache.
	FixedUSDPerHour float64
	// Disturbances on the way.
	Disturbances []Disturbance
	// Points of the timeline. Default: 600.
	Points int
}

// Service is one autoscaled workload.
type Service struct {
	Name string
	// PeakRPS as users send it at today's peak; CDNHitRatio of it the CDN answers,
	// and every miss becomes MissAmplification requests at the pods.
	PeakRPS, CDNHitRatio, MissAmplification float64
	// Demand is the index of the service's pods in Fleet.Demands.
	Demand int
	// Replicas at the start.
	Replicas int
	// HPA is the autoscaler. Signals say, for each of its metrics, what it reads.
	HPA     hpa.Spec
	Signals []Signal
	// TargetRPS that one pod carries at the target, SafeRPS within the promises.
	TargetRPS, SafeRPS float64
	// CPURequest of a pod in millicores, IdleCPU what it burns without traffic.
	CPURequest, IdleCPU float64
	// Start is the time from the node to Ready.
	Start time.Duration
	// Deregistration is how long the load balancer still sends to a leaving pod,
	// PreStop how long it serves, Drain what requests in progress then have.
	Deregistration, PreStop, Drain time.Duration
	// SurgePercent and UnavailablePercent of a rollout, MinReady of its pods.
	SurgePercent, UnavailablePercent float64
	MinReady                         time.Duration
	// DisruptionBudget is how many of the replicas may be missing while pods are
	// evicted from a node that is drained; 0 is no budget and all go at once.
	DisruptionBudget int
	// Station is what requests meet.
	Station station.Config
}

// Signal is what an HPA metric reads.
type Signal struct {
	Kind SignalKind
	// Window of a rate.
	Window time.Duration
}

// SignalKind is a kind of metric.
type SignalKind string

// The kinds: CPU of the pods by metrics-server, or a total of the service by
// Prometheus and its adapter.
const (
	CPUUse      SignalKind = "cpu"
	InFlight    SignalKind = "inFlight"
	RequestRate SignalKind = "requestRate"
)

// Database is what the services share.
type Database struct {
	// Usable connections for services, after reserved ones and other clients.
	// With a pooler these are its client side.
	Usable int
	// Cores that serve queries.
	Cores float64
	// CPU per request of each service that reaches the database, in the order of
	// Services; 0 for one that does not.
	CPU []station.Work
	// Pooler are the server connections of a transaction pooler; 0 without one.
	Pooler int
}

// Disturbance is something that happens on the way.
type Disturbance struct {
	Kind DisturbanceKind
	// At is when, after the warmup; For is how long, where it lasts.
	At, For time.Duration
	// Service that it concerns; empty is every one. Nodes, zones and the database
	// are everyone's and take none.
	Service string
	// Zone that is lost.
	Zone string
	// Factor by which the database slows down.
	Factor float64
}

// DisturbanceKind is a kind of disturbance.
type DisturbanceKind string

// The disturbances.
const (
	// Rollout replaces every pod of the service.
	Rollout DisturbanceKind = "rollout"
	// NodeLoss takes one node away, ZoneLoss all of a zone.
	NodeLoss DisturbanceKind = "node-loss"
	ZoneLoss DisturbanceKind = "zone-loss"
	// MetricsOutage fails every metric of the autoscaler for a while, as when the
	// metrics API is away; scrapes go on, so that all is well at its end.
	MetricsOutage DisturbanceKind = "metrics-outage"
	// SlowDatabase multiplies the time that connections are held and the CPU of
	// every query, as a bad query plan does.
	SlowDatabase DisturbanceKind = "slow-database"
	// ColdCache sends every request to the database; ColdCDN every user request to
	// the pods.
	ColdCache DisturbanceKind = "cold-cache"
	ColdCDN   DisturbanceKind = "cold-cdn"
	// ControllerRestart makes the autoscaler forget its history. The syncs go on
	// in their rhythm: the election of a new leader, of some 15 s, is left out.
	ControllerRestart DisturbanceKind = "controller-restart"
)
