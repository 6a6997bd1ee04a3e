package sim

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
)

// reconcile is the Deployment controller: it creates and deletes pods until they
// are as many and as new as asked for, at once as far as it may. Where replicas
// change during a rollout, the controller spreads the change over old and new
// pods in proportion; here new ones come and old ones go, in the same numbers.
func (r *run) reconcile(w *workload) {
	for r.roll(w) {
	}
	if n := w.census(r.now); n.old == 0 {
		for ; n.young < w.replicas; n.young++ {
			r.create(w)
		}
		r.deleteFirst(w, n.young-w.replicas, func(*pod) bool { return true })
	}
}

// census counts the pods of older generations and of the present one, and those
// of them that have been Ready for as long as a rollout wants.
type census struct{ old, young, oldAvailable, youngAvailable int }

func (w *workload) census(now time.Duration) (n census) {
	for _, id := range w.live {
		p := &w.pods[id]
		if !p.exists() {
			continue
		}
		available := 0
		if p.phase == ready && now >= p.ready+w.MinReady {
			available = 1
		}
		if p.generation < w.generation {
			n.old, n.oldAvailable = n.old+1, n.oldAvailable+available
		} else {
			n.young, n.youngAvailable = n.young+1, n.youngAvailable+available
		}
	}
	return n
}

// roll is one turn of a rolling update
// (github.com/kubernetes/kubernetes pkg/controller/deployment/rolling.go, v1.36),
// and says whether it changed anything.
func (r *run) roll(w *workload) bool {
	n := w.census(r.now)
	if n.old == 0 {
		return false
	}
	surge, unavailable := w.fenceposts()
	older := func(p *pod) bool { return p.generation < w.generation }
	if extra := n.young - w.replicas; extra > 0 {
		r.deleteFirst(w, extra, func(p *pod) bool { return !older(p) })
		return true
	}
	if missing := min(w.replicas+surge-n.old-n.young, w.replicas-n.young); missing > 0 {
		for range missing {
			r.create(w)
		}
		return true
	}
	least := w.replicas - unavailable
	most := n.old + n.youngAvailable - least
	if most <= 0 {
		return false
	}
	unhealthy := min(most, n.old-n.oldAvailable)
	spare := min(max(0, n.oldAvailable+n.youngAvailable-least), n.old-unhealthy)
	r.deleteFirst(w, unhealthy+spare, older)
	return unhealthy+spare > 0
}

// fenceposts are the pods that a rollout may have beyond the replicas and below
// them.
func (v *workload) fenceposts() (surge, unavailable int) {
	return budget.Fenceposts(v.replicas, v.SurgePercent, v.UnavailablePercent)
}

// victim is a pod in the order in which a ReplicaSet gives pods up: first those
// without a node, then those whose container does not run, then those not Ready;
// then those that share their node with most others; then the youngest by the
// power of two of their age; then any
// (github.com/kubernetes/kubernetes pkg/controller/controller_utils.go ActivePodsWithRanks, v1.36).
type victim struct {
	id, stage, neighbors, age int
	uid                       uint64
}

func (v victim) compare(w victim) int {
	return cmp.Or(cmp.Compare(v.stage, w.stage), cmp.Compare(w.neighbors, v.neighbors), cmp.Compare(v.age, w.age), cmp.Compare(v.uid, w.uid))
}

// deleteFirst deletes up to n of the pods that qualify.
func (r *run) deleteFirst(w *workload, n int, qualifies func(*pod) bool) {
	if n <= 0 {
		return
	}
	r.here = r.here[:0]
	for _, id := range w.live {
		if p := &w.pods[id]; p.exists() {
			r.here = append(r.here, r.fleet.Node(p.fleet))
		}
	}
	r.victims = r.victims[:0]
	for _, id := range w.live {
		if p := &w.pods[id]; p.exists() && qualifies(p) {
			r.victims = append(r.victims, victim{id, p.stage(r.now), count(r.here, r.fleet.Node(p.fleet)), p.age(r.now), p.uid})
		}
	}
	slices.SortFunc(r.victims, victim.compare)
	for _, v := range r.victims[:min(n, len(r.victims))] {
		r.delete(w, v.id)
	}
}

func count(all []int, x int) (n int) {
	for _, y := range all {
		if y == x {
			n++
		}
	}
	return n
}

func (p *pod) stage(now time.Duration) int {
	switch {
	case p.phase == pending:
		return 0
	case p.phase == starting && now < p.running():
		return 1
	case p.phase == starting:
		return 2
	}
	return 3
}

// age is the power of two of how long a pod has been Ready, else of how long it
// exists.
func (p *pod) age(now time.Duration) int {
	since := p.created
	if p.phase == ready {
		since = p.ready
	}
	return bits.Len64(uint64(now - since))
}
