package sim

import (
	"math"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/load"
)

// scheduling is the time from a pod on a node to its container: binding, sandbox
// and container start. The SLO of Kubernetes allows 5 s at the 99th percentile
// (github.com/kubernetes/community sig-scalability/slos/pod_startup_latency.md,
// 2026-11); image pulls come on top of it.
const scheduling = 2 * time.Second

// A lost node is noticed by the load balancer's health checks first, two at 15 s
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html,
// 2026-11), and then by Kubernetes, whose node-monitor-grace-period is 50 s
// (github.com/kubernetes/kubernetes pkg/controller/nodelifecycle/config, v1.36);
// the cloud controller removes the node of a terminated instance soon after.
const (
	balancerNotices = 30 * time.Second
	clusterNotices  = 60 * time.Second
)

// phase of a pod.
type phase uint8

const (
	pending  phase = iota // no node
	starting              // on a node, not yet Ready
	ready
	terminating
	lost // its node is gone and nobody knows yet
	gone
)

// pod is one replica.
type pod struct {
	phase      phase
	fleet      int // id at the fleet
	generation int
	created    time.Duration
	started    time.Duration // on a node
	ready      time.Duration // became Ready
	cpu        usage
}

// workload is one service with its pods and its autoscaler.
type workload struct {
	*Service
	index  int
	plane  plane
	scaler *hpa.Autoscaler
	cursor load.Cursor
	// pods by id; live are the ids of those that exist.
	pods []pod
	live []int
	// replicas that were asked for, generation of the pod template.
	replicas   int
	generation int
	readyNow   int
	// advanced is until when the plane has served, rate what arrived last.
	advanced time.Duration
	rate     float64
	missing  float64 // share of requests that miss the cache
	cdnHits  float64
	outage   time.Duration // until when its metrics fail
	signals  []gauge
	view     view
	story    story
}

// reconcile is the Deployment controller: it creates and deletes pods until they
// are as many and as new as asked for.
func (r *run) reconcile(w *workload) {
	var old, young int
	for _, id := range w.live {
		if p := &w.pods[id]; p.exists() {
			if p.generation < w.generation {
				old++
			} else {
				young++
			}
		}
	}
	if old == 0 {
		r.scale(w, young)
		return
	}
	surge := int(math.Ceil(float64(w.replicas)*w.SurgePercent/100 - 1e-9))
	unavailable := int(math.Floor(float64(w.replicas)*w.UnavailablePercent/100 + 1e-9))
	if surge == 0 && unavailable == 0 {
		unavailable = 1 // as the API server resolves it
	}
	for n := min(w.replicas+surge-old-young, w.replicas-young); n > 0; n-- {
		r.create(w)
	}
	r.retire(w, r.available(w)-(w.replicas-unavailable))
}

// exists says whether the Deployment counts the pod.
func (p *pod) exists() bool { return p.phase <= ready || p.phase == lost }

// scale creates or deletes pods of the present generation.
func (r *run) scale(w *workload, have int) {
	for ; have < w.replicas; have++ {
		r.create(w)
	}
	if have == w.replicas {
		return
	}
	r.deleteFirst(w, have-w.replicas, deletedBefore, func(p *pod) bool { return true })
}

// retire deletes pods of older generations: those not Ready at once, others as
// far as enough are available.
func (r *run) retire(w *workload, spare int) {
	older := func(p *pod) bool { return p.generation < w.generation }
	unready := 0
	for _, id := range w.live {
		if p := &w.pods[id]; p.exists() && older(p) && p.phase != ready {
			unready++
		}
	}
	r.deleteFirst(w, unready+max(0, spare), deletedBefore, older)
}

// deletedBefore orders the pods of a scale-down: without a node first, then not
// Ready, then the youngest
// (github.com/kubernetes/kubernetes pkg/controller/controller_utils.go ActivePodsWithRanks, v1.36).
func deletedBefore(a, b *pod) bool {
	if a.phase != b.phase {
		return rank(a.phase) < rank(b.phase)
	}
	if a.phase == ready && a.ready != b.ready {
		return a.ready > b.ready
	}
	return a.created > b.created
}

func rank(p phase) int {
	switch p {
	case pending:
		return 0
	case lost, starting:
		return 1
	}
	return 2
}

// deleteFirst deletes up to n of the pods that qualify.
func (r *run) deleteFirst(w *workload, n int, before func(a, b *pod) bool, qualifies func(*pod) bool) {
	var ids []int
	for _, id := range w.live {
		if p := &w.pods[id]; p.exists() && qualifies(p) {
			ids = append(ids, id)
		}
	}
	slices.SortStableFunc(ids, func(a, b int) int {
		switch {
		case before(&w.pods[a], &w.pods[b]):
			return -1
		case before(&w.pods[b], &w.pods[a]):
			return 1
		}
		return b - a
	})
	for _, id := range ids[:min(n, len(ids))] {
		r.delete(w, id)
	}
}

// available counts pods that have been Ready long enough.
func (r *run) available(w *workload) int {
	n := 0
	for _, id := range w.live {
		if p := &w.pods[id]; p.phase == ready && (p.generation < w.generation || r.now >= p.ready+w.MinReady) {
			n++
		}
	}
	return n
}
