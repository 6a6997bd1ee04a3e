package station

// sharedPod is a pod whose servers are cores that all its requests share: each
// gets the same speed, at most one core. Attained is how much work every request
// that was there all along has got; one with work w that came at attained a is
// done at a + w. State is that of the last arrival or end, and only they move it,
// so that looking at a pod changes no bit.
type sharedPod struct {
	jobs             heap[int32]
	attained, burned float64
	at               float64
}

// job is a request whose work on a shared pod goes on.
type job struct {
	request
	// rest is what follows the work on the cores.
	rest float64
	// turn tells one use of a place in the list from the next.
	turn uint32
}

// jobs of all pods, in places that are used again.
type jobs struct {
	all  []job
	free []int32
	// deadlines at which clients give up, in order because all wait equally long.
	deadlines fifo[deadline]
}

type deadline struct {
	place int32
	turn  uint32
}

func (j *jobs) put(r request, rest float64) int32 {
	if n := len(j.free); n > 0 {
		place := j.free[n-1]
		j.free = j.free[:n-1]
		j.all[place].request, j.all[place].rest = r, rest
		return place
	}
	j.all = append(j.all, job{request: r, rest: rest})
	return int32(len(j.all) - 1)
}

func (j *jobs) take(place int32) (r request, rest float64) {
	x := &j.all[place]
	x.turn++
	j.free = append(j.free, place)
	return x.request, x.rest
}

// share gives a request to a pod that shares its servers.
func (s *Station) share(r request, draw float64, p *pod) {
	s.drain(p, s.at)
	h := &p.shared
	if len(h.jobs) >= s.config.Queue+s.config.Servers {
		s.fail(&r, s.at, &s.window.failures.Dropped)
		return
	}
	h.move(s.at, s.config.Servers)
	p.accepted++
	cpu := s.cpu.at(draw)
	v := s.connect(p, r.pod, 0, s.at)
	rest := v.wait + max(0, s.kinds[r.kind].service.at(draw)+v.slower-cpu)
	if v.cause != nil {
		rest = v.wait
		s.conclude(&r, s.at+v.wait, v.cause)
	}
	place := s.jobs.put(r, rest)
	h.jobs.push(h.attained+cpu, place)
	p.outstanding++
	s.working++
	if limit := s.config.Client.Timeout; limit > 0 && !r.failed {
		s.jobs.deadlines.push(s.at+limit, deadline{place, s.jobs.all[place].turn})
	}
}

// giveUp is the moment at which a client stops waiting.
func (s *Station) giveUp() {
	d := s.jobs.deadlines.pop()
	j := &s.jobs.all[d.of.place]
	if j.turn != d.of.turn {
		return
	}
	s.drain(&s.pods[j.pod], d.at)
	if j.turn == d.of.turn && !j.failed {
		j.failed = true
		s.fail(&j.request, d.at, &s.window.failures.TimedOut)
	}
}

// move accounts for the work since the last arrival or end.
func (h *sharedPod) move(to float64, servers int) {
	gained := float64((to - h.at) * h.speed(servers))
	h.attained += gained
	h.burned += float64(gained * float64(len(h.jobs)))
	h.at = to
	if len(h.jobs) == 0 {
		h.attained = 0
	}
}

func (h *sharedPod) speed(servers int) float64 {
	return min(1, float64(servers)/max(1, float64(len(h.jobs))))
}

// drain ends the work that is done by now.
func (s *Station) drain(p *pod, now float64) {
	h := &p.shared
	for len(h.jobs) > 0 {
		work := max(0, h.jobs[0].at-h.attained)
		end := h.at + work/h.speed(s.config.Servers)
		if end > now {
			return
		}
		h.burned += float64(work * float64(len(h.jobs)))
		h.attained, h.at = h.jobs[0].at, end
		r, rest := s.jobs.take(h.jobs.pop().of)
		s.working--
		if !r.failed {
			s.conclude(&r, end+rest, nil)
		}
		s.flights.add(s.at, end+rest, r)
		s.finished(r.pod, end+rest)
	}
}

func (s *Station) drainAll(now float64) {
	for i := range s.pods {
		if p := &s.pods[i]; p.alive && len(p.shared.jobs) > 0 {
			s.drain(p, now)
		}
	}
}
