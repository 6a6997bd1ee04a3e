package plan

import "time"

// Planning constants. Each is a default of this product, not a law: the source
// or the reason stands beside it, and the stack file can override what differs
// from team to team.
const (
	// targetFloor is the lowest target; below it, more warm pods are cheaper
	// than a lower target for all of them. A planning choice.
	targetFloor = 0.30
	// leastReplicas keep a service up while one pod is replaced.
	leastReplicas = 2
	// targetCeiling leaves the autoscaler's tolerance between target and knee.
	targetCeiling = 0.85
	// degradation is how much worse than today's peak the p99 may get: "without
	// degradation" with room for rounding to whole pods.
	degradation = 1.10
	// poolWaitShare of the p99 promise may be spent waiting for a connection.
	poolWaitShare = 0.05
	// overflowShare of the pool size absorbs bursts beyond the predicted wait.
	overflowShare = 0.25
	// schedulingSeconds from a created pod to a started container, without image
	// pull: the Kubernetes pod startup SLO
	// (github.com/kubernetes/community sig-scalability/slos/pod_startup_latency.md, 2026-11).
	schedulingSeconds = 5
	// DatabaseCPUShare of the vCPUs may be busy at growth times peak; the rest is
	// for maintenance, failover and variance. A planning choice.
	DatabaseCPUShare = 0.70
	// SingleCoreShare of one core may be busy in a single-threaded server (Redis,
	// PgBouncer). A planning choice.
	SingleCoreShare = 0.70
	// BufferHits below which the database's working set does not fit its memory:
	// what reads the disk is two orders of magnitude slower. A planning choice.
	BufferHits = 0.98
	// IdleInTransaction is when the database ends a session that holds a
	// transaction open and does nothing. A planning choice.
	IdleInTransaction = time.Minute
	// pgbouncerMicros of CPU that PgBouncer spends per transaction. An estimate;
	// override by measuring and sizing replicas.
	pgbouncerMicros = 50.0
	// pgbouncerPreStopSeconds let the endpoint's removal reach every node before
	// the pooler stops accepting; pgbouncerDrainSeconds are for transactions in
	// progress. Planning choices.
	pgbouncerPreStopSeconds = 15
	pgbouncerDrainSeconds   = 30
	// cacheHoldMillis is how long a Redis operation holds its connection on a
	// network within one region. An estimate.
	cacheHoldMillis = 1.0
	// cacheMinConnections per worker process keep a burst of parallel operations
	// of one request from queueing.
	cacheMinConnections = 4
	// cacheWaitShare of the p99 promise may pass before a request goes on without
	// the cache. A planning choice: two such waits leave half of it for the rest.
	cacheWaitShare = 0.25
	// HoursPerMonth of the price lists.
	HoursPerMonth = 730
	// scaleDownWindowSeconds is the default stabilization of Kubernetes
	// (github.com/kubernetes/kubernetes pkg/controller/podautoscaler/config/v1alpha1/defaults.go, v1.36).
	scaleDownWindowSeconds = 300
	// scaleDownPercent of the replicas that may go per minute. A planning choice.
	scaleDownPercent = 10
	// rateWindowSeconds of a request rate: four scrapes.
	rateWindowSeconds = 60
	// policyPeriodSeconds of the scaling policies: one sync.
	policyPeriodSeconds = 15
	// alertShare of a ceiling at which its alert fires.
	alertShare = 0.80
	// postgresExporterConnections: one that stays for its own queries, and one
	// per scrape for the collectors
	// (github.com/prometheus-community/postgres_exporter exporter/server.go and
	// collector/instance.go, SetMaxOpenConns, v0.19.1).
	postgresExporterConnections = 2
	// creditMinutes is how long a burstable class earns credits, one per
	// vCPU-minute, until its balance is full: 24 hours
	// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html, 2026-11).
	creditMinutes = 24 * 60
)
