package station

import "math"

// sharedPod is a pod whose servers are cores that all its requests share: each
// gets the same speed, at most one core. Attained is how much work every request
// that was there all along has got; one with work w that came at attained a is
// done at a + w.
type sharedPod struct {
	jobs     []job // a heap by done
	attained float64
	at       float64
	burned   float64
}

type job struct {
	done, arrived, extra float64
	attempt, kind        int
}

// share gives a request to a pod that shares its servers.
func (s *Station) share(at float64, attempt, k int, draw float64, id int) {
	p := &s.pods[id]
	s.shareUntil(p, at)
	if len(p.shared.jobs) >= s.config.Queue+s.config.Servers {
		s.fail(at, attempt, k, &s.window.failures.Dropped)
		return
	}
	cpu := s.cpu.at(draw)
	wait, cause := s.connect(p, 0, at)
	if cause != nil {
		s.fail(at+wait, attempt, k, cause)
		return
	}
	extra := wait + math.Max(0, s.kinds[k].service.at(draw)-cpu)
	p.shared.push(job{p.shared.attained + cpu, at, extra, attempt, k})
	p.outstanding++
	s.flights.shared++
}

// shareAll brings every pod up to now.
func (s *Station) shareAll(now float64) {
	for i := range s.pods {
		if p := &s.pods[i]; p.alive {
			s.shareUntil(p, now)
		}
	}
}

// shareUntil serves the requests of one pod until now.
func (s *Station) shareUntil(p *pod, now float64) {
	h := &p.shared
	for len(h.jobs) > 0 {
		n := float64(len(h.jobs))
		speed := math.Min(1, float64(s.config.Servers)/n)
		end := h.at + (h.jobs[0].done-h.attained)/speed
		if end > now {
			gained := float64((now - h.at) * speed)
			h.attained += gained
			h.burned += float64(gained * n)
			h.at = now
			return
		}
		h.burned += float64((h.jobs[0].done - h.attained) * n)
		h.attained, h.at = h.jobs[0].done, end
		j := h.pop()
		p.outstanding--
		s.flights.shared--
		s.answer(j.arrived, j.attempt, j.kind, end-j.arrived+j.extra)
	}
	h.at = now
}

// drop ends all requests and says how many there were.
func (h *sharedPod) drop() int {
	n := len(h.jobs)
	h.jobs = h.jobs[:0]
	return n
}

func (h *sharedPod) push(x job) {
	h.jobs = append(h.jobs, x)
	q := h.jobs
	i := len(q) - 1
	for i > 0 && x.done < q[(i-1)/2].done {
		q[i] = q[(i-1)/2]
		i = (i - 1) / 2
	}
	q[i] = x
}

func (h *sharedPod) pop() job {
	q := h.jobs
	first, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	h.jobs = q
	i := 0
	for 2*i+1 < len(q) {
		down := 2*i + 1
		if down+1 < len(q) && q[down+1].done < q[down].done {
			down++
		}
		if last.done <= q[down].done {
			break
		}
		q[i] = q[down]
		i = down
	}
	if len(q) > 0 {
		q[i] = last
	}
	return first
}
