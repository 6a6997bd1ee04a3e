package sim

import "github.com/agencyos/headroom/capacity/sim/fleet"

// nowhere is the fleet id of a pod that the fleet no longer knows.
const nowhere = -1

// create adds a pod, on a node if there is room.
func (r *run) create(w *workload) {
	id := len(w.pods)
	at, placed := r.fleet.Add(r.now, w.Demand)
	w.pods = append(w.pods, pod{fleet: at, generation: w.generation, created: r.now})
	w.live = append(w.live, id)
	r.owner(at, w.index, id)
	if placed {
		r.start(w, id)
	}
}

// start begins on a node.
func (r *run) start(w *workload, id int) {
	p := &w.pods[id]
	p.phase, p.started = starting, r.now
	r.at(r.now+scheduling+w.Start, podReady, w.index, id)
}

// becomeReady lets a pod take requests.
func (r *run) becomeReady(w *workload, id int) {
	p := &w.pods[id]
	if p.phase != starting {
		return
	}
	r.advance(w)
	p.phase, p.ready = ready, r.now
	w.readyNow++
	w.plane.Join(id)
	w.story.readied(r.since(), w.readyNow)
	if w.generation > 0 {
		r.at(r.now+w.MinReady, podAvailable, w.index, id)
		r.reconcile(w)
	}
}

// delete takes a pod away: it serves until the balancer has stopped sending, and
// ends after preStop and drain.
func (r *run) delete(w *workload, id int) {
	p := &w.pods[id]
	switch p.phase {
	case ready:
		r.advance(w)
		w.readyNow--
		p.phase = terminating
		r.at(r.now+w.Deregistration, podDeaf, w.index, id)
		if w.Deregistration > w.PreStop {
			r.at(r.now+w.PreStop, podDead, w.index, id)
		}
		r.at(r.now+max(w.PreStop+w.Drain, w.Deregistration), podGone, w.index, id)
	case pending, starting:
		p.phase = terminating
		r.remove(w, id)
	case lost: // its own timers see to it
	}
}

// lose ends a pod with its node.
func (r *run) lose(w *workload, id int) {
	p := &w.pods[id]
	r.advance(w)
	w.plane.Fail(id)
	switch p.phase {
	case ready:
		w.readyNow--
		p.phase = lost
		r.at(r.now+balancerNotices, podDeaf, w.index, id)
		r.at(r.now+clusterNotices, podGone, w.index, id)
	case terminating:
		r.at(r.now, podGone, w.index, id)
	case starting:
		p.phase = lost
		r.at(r.now+clusterNotices, podGone, w.index, id)
	}
}

// vanish ends a pod's existence, and the controller replaces what is missing.
func (r *run) vanish(w *workload, id int) {
	replace := w.pods[id].phase == lost
	r.remove(w, id)
	if replace {
		r.reconcile(w)
	}
}

// remove forgets a pod.
func (r *run) remove(w *workload, id int) {
	p := &w.pods[id]
	if p.phase == gone {
		return
	}
	r.advance(w)
	w.plane.Leave(id)
	if p.fleet >= 0 {
		r.fleet.Remove(r.now, p.fleet)
	}
	p.phase = gone
	w.story.podSeconds += (r.now - max(p.created, r.Warmup)).Seconds()
	for i, other := range w.live {
		if other == id {
			w.live = append(w.live[:i], w.live[i+1:]...)
			break
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
			w.pods[h.pod].fleet = nowhere
			r.delete(w, h.pod)
			r.reconcile(w)
		}
	}
}
