// Package budget holds the arithmetic that must agree everywhere: database
// connections, node and address space, and time. Each budget is one pure
// function, called by the plan that derives a stack and by the rules that judge
// the resources on their own.
package budget

import "math"

const (
	// ReservedRDS are the connection slots that an RDS instance keeps from
	// applications: 3 superuser_reserved_connections, 2
	// rds.rds_superuser_reserved_connections and 6 of rdsadmin
	// (https://aws.amazon.com/premiumsupport/knowledge-center/rds-postgresql-error-connection-slots/
	// for the first two; the six were measured on live instances by
	// github.com/mitodl/ol-infrastructure, 2026-08-14).
	ReservedRDS = 11
	// ReservedPostgres is superuser_reserved_connections of a plain PostgreSQL
	// (https://www.postgresql.org/docs/17/runtime-config-connection.html, 2026-11).
	ReservedPostgres = 3
)

// Workload is what one autoscaled service can hold at its ceiling.
type Workload struct {
	// Name of the service.
	Name string
	// MaxReplicas of its autoscaler.
	MaxReplicas int
	// SurgePercent and UnavailablePercent of its rolling update.
	SurgePercent, UnavailablePercent float64
	// GraceSeconds is terminationGracePeriodSeconds.
	GraceSeconds float64
	// MinReadySeconds is how long a new pod must be Ready before the rollout goes on.
	MinReadySeconds float64
	// Recreate says that old pods are gone before new ones start.
	Recreate bool
	// Workers are the processes per pod.
	Workers int
	// PerWorker is Σ over engines of pool size + overflow, in one process.
	PerWorker int
}

// PerPod is the most connections that one pod holds.
func (w Workload) PerPod() int { return w.Workers * w.PerWorker }

// Surge are the pods above maxReplicas during a rollout.
func (w Workload) Surge() int { return Surge(w.MaxReplicas, w.SurgePercent) }

// Terminating bounds the pods that still hold connections while newer ones
// already run; a step of the rollout retires surge + maxUnavailable pods.
func (w Workload) Terminating() int {
	if w.Recreate {
		return 0
	}
	surge, unavailable := Fenceposts(w.MaxReplicas, w.SurgePercent, w.UnavailablePercent)
	return Terminating(w.MaxReplicas, surge+unavailable, w.GraceSeconds, w.MinReadySeconds)
}

// Terminating bounds the pods of a rollout that retires step pods at a time: a
// step takes at least minReadySeconds and a retired pod lives for grace.
// Without minReadySeconds a rollout may retire every pod at once.
func Terminating(replicas, step int, graceSeconds, minReadySeconds float64) int {
	if minReadySeconds <= 0 {
		return replicas
	}
	alive := 1 + math.Ceil(graceSeconds/minReadySeconds)
	return int(math.Min(float64(replicas), float64(step)*alive))
}

// Steady is the most connections with every replica and its surge running.
func (w Workload) Steady() int { return (w.MaxReplicas + w.Surge()) * w.PerPod() }

// Rollout is Steady and the pods that are still terminating.
func (w Workload) Rollout() int { return w.Steady() + w.Terminating()*w.PerPod() }

// Surge rounds a share of replicas up, as Kubernetes rounds maxSurge
// (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge, 2026-11).
func Surge(replicas int, percent float64) int {
	return int(math.Ceil(float64(replicas)*percent/100 - 1e-9))
}

// Unavailable rounds a share of replicas down, as Kubernetes rounds maxUnavailable
// (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable, 2026-11).
func Unavailable(replicas int, percent float64) int {
	return int(math.Floor(float64(replicas)*percent/100 + 1e-9))
}

// Fenceposts are the pods that a rollout may have above some replicas and below
// them. Where both shares round to none Kubernetes takes one pod away, so that the
// rollout can move
// (github.com/kubernetes/kubernetes pkg/controller/deployment/util/deployment_util.go ResolveFenceposts, v1.36).
func Fenceposts(replicas int, surgePercent, unavailablePercent float64) (surge, unavailable int) {
	surge, unavailable = Surge(replicas, surgePercent), Unavailable(replicas, unavailablePercent)
	if surge == 0 && unavailable == 0 {
		unavailable = min(1, replicas)
	}
	return surge, unavailable
}

// Connections are the database connections of all services at their ceilings.
type Connections struct {
	// Steady counts every replica with its surge, Rollout adds terminating pods.
	Steady, Rollout int
}

// SumConnections adds the services up and then what other clients hold.
func SumConnections(services []Workload, others int) Connections {
	sum := Connections{Steady: others, Rollout: others}
	for _, w := range services {
		sum.Steady += w.Steady()
		sum.Rollout += w.Rollout()
	}
	return sum
}

// UsableConnections are the slots of max_connections that applications may take.
func UsableConnections(maxConnections int, rds bool) int {
	reserved := ReservedPostgres
	if rds {
		reserved = ReservedRDS
	}
	return max(0, maxConnections-reserved)
}

// Pooler is a PgBouncer Deployment; every limit of PgBouncer is per process.
type Pooler struct {
	// Replicas of the Deployment, and while it is rolled itself Surge above them
	// and Terminating pods that still hold their pools.
	Replicas, Surge, Terminating int
	// MaxClientConn, PoolSize and ReservePool per replica.
	MaxClientConn, PoolSize, ReservePool int
}

// ClientSlots are the client connections that remain with one replica lost.
func (p Pooler) ClientSlots() int { return max(0, p.Replicas-1) * p.MaxClientConn }

// ServerConnections are the connections that the pooler opens to the database
// at most.
func (p Pooler) ServerConnections() int {
	return (p.Replicas + p.Surge + p.Terminating) * (p.PoolSize + p.ReservePool)
}
