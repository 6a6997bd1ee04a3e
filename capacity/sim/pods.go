package sim

import (
	"slices"

	"github.com/agencyos/headroom/capacity/sim/fleet"
)

// nowhere is the fleet id of a pod that the fleet no longer knows.
const nowhere = -1

// create adds a pod, on a node if there is room.
func (r *run) create(w *workload) {
	id := len(w.pods)
	at, placed := r.fleet.Add(r.now, w.Demand)
	w.pods = append(w.pods, pod{fleet: at, generation: w.generation, uid: w.uids.Uint64(), created: r.now, started: unplaced})
	w.live, w.young = append(w.live, id), append(w.young, id)
	r.owner(at, w.index, id)
	if placed {
		r.start(w, id)
	}
}

// start begins on a node.
func (r *run) start(w *workload, id int) {
	p := &w.pods[id]
	p.phase, p.started = starting, r.now
	r.opens(w, 1)
	r.at(p.running()+w.Start, podReady, w.index, id)
}

// becomeReady lets a pod take requests: endpoints and targets of the load balancer
// are taken to follow at once.
func (r *run) becomeReady(w *workload, id int) {
	p := &w.pods[id]
	if p.phase != starting || p.lost {
		return
	}
	r.advance(w)
	p.phase, p.ready = ready, r.now
	w.readyNow++
	w.plane.Join(id)
	w.story.readied(r.since(), w.readyNow)
	r.at(r.now+w.MinReady, podAvailable, w.index, id)
	r.reconcile(w)
	r.evict(w)
}

// delete takes a pod away. The balancer goes on sending for a while, which the
// pod serves during preStop and refuses after it; what it has it may finish
// during preStop and drain, at the end of which it is killed. It stays for all of
// that time: the longest that it may take.
func (r *run) delete(w *workload, id int) {
	p := &w.pods[id]
	was := p.phase
	p.phase = terminating
	w.demote(id)
	switch {
	case p.lost: // nobody is there to stop it: it goes when its node is forgotten
	case was == ready:
		r.advance(w)
		w.readyNow--
		w.story.readied(r.since(), w.readyNow)
		r.at(r.now+w.Deregistration, podDeaf, w.index, id)
		if w.Deregistration > w.PreStop {
			r.at(r.now+w.PreStop, podStops, w.index, id)
		}
		r.at(r.now+w.PreStop+w.Drain, podGone, w.index, id)
	default:
		r.remove(w, id)
	}
}

// lose ends a pod with its node. The API server shows it as it was until the node
// is forgotten.
func (r *run) lose(w *workload, id int) {
	p := &w.pods[id]
	r.advance(w)
	w.plane.Fail(id)
	w.demote(id)
	p.lost = true
	switch p.phase {
	case ready:
		w.readyNow--
		w.story.readied(r.since(), w.readyNow)
		r.at(r.now+balancerNotices, podDeaf, w.index, id)
		r.at(r.now+clusterNotices, podGone, w.index, id)
	case starting:
		r.at(r.now+clusterNotices, podGone, w.index, id)
	case terminating:
		r.at(r.now, podGone, w.index, id)
	}
}

// vanish ends a pod's existence, and the controller replaces what is missing.
func (r *run) vanish(w *workload, id int) {
	replace := w.pods[id].exists()
	r.remove(w, id)
	if replace {
		r.reconcile(w)
	}
}

// remove forgets a pod, killing what it still worked on.
func (r *run) remove(w *workload, id int) {
	p := &w.pods[id]
	if p.phase == gone {
		return
	}
	r.advance(w)
	w.plane.Fail(id)
	r.fleet.Remove(r.now, p.fleet)
	if p.started != unplaced {
		r.opens(w, -1)
	}
	p.phase = gone
	w.story.lived(p, r.since(), r.Warmup)
	same := func(other int) bool { return other == id }
	w.live, w.young = slices.DeleteFunc(w.live, same), slices.DeleteFunc(w.young, same)
}

// evict lets pods leave nodes that are drained, as far as the disruption budget
// allows: the eviction API refuses the others, and Cluster Autoscaler asks again.
// That it gives up after two minutes (--max-pod-eviction-time) is left out.
func (r *run) evict(w *workload) {
	for len(w.leaving) > 0 {
		id := w.leaving[0]
		p := &w.pods[id]
		if p.serves() && w.DisruptionBudget > 0 && w.healthy() <= w.replicas-w.DisruptionBudget {
			return
		}
		w.leaving = w.leaving[1:]
		if p.exists() && !p.lost {
			r.delete(w, id)
			r.reconcile(w)
		}
	}
}

// owner remembers whose pod a pod of the fleet is.
func (r *run) owner(at, service, id int) {
	for at >= len(r.owners) {
		r.owners = append(r.owners, holder{service: -1})
	}
	r.owners[at] = holder{service, id}
}

// holder is a pod as the run knows it; service is -1 for a pod of the fleet's own.
type holder struct{ service, pod int }

// happened follows what the fleet did.
func (r *run) happened(events []fleet.Event) {
	for _, e := range events {
		r.tellFleet(e)
		if e.Pod < 0 || e.Pod >= len(r.owners) || r.owners[e.Pod].service < 0 {
			continue
		}
		h := r.owners[e.Pod]
		w := r.services[h.service]
		switch e.Kind {
		case fleet.Placed:
			r.start(w, h.pod)
		case fleet.Lost:
			w.pods[h.pod].fleet = nowhere
			r.lose(w, h.pod)
		case fleet.Evicted:
			w.leaving = append(w.leaving, h.pod)
			r.evict(w)
		}
	}
	if len(events) > 0 {
		r.priced()
	}
}
