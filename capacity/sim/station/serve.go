package station

// request is one request now, the first attempt or a later one.
func (s *Station) request(attempt uint8) {
	s.arrived++
	s.window.requests++
	r := request{arrived: s.at, attempt: attempt}
	draw, route := s.work.ExpFloat64(), s.routes.Float64()
	if s.config.Client.Retries > 0 {
		r.jitter = s.jitter.Float32()
	}
	for route >= s.kinds[r.kind].until {
		r.kind++
	}
	if s.kinds[r.kind].promise > 0 {
		s.window.promised++
	}
	id := s.balance()
	if id < 0 {
		s.fail(&r, s.at, &s.window.failures.Dropped)
		return
	}
	r.pod = int32(id)
	p := &s.pods[id]
	switch {
	case !p.alive:
		p.outstanding++ // a dead pod never answers
		s.fail(&r, s.at, &s.window.failures.Lost)
	case p.refuses:
		s.fail(&r, s.at, &s.window.failures.Lost)
	case s.sharing:
		s.share(r, draw, p)
	default:
		s.serve(r, draw, p)
	}
}

// serve is first come, first served: the departure recursion over the servers.
func (s *Station) serve(r request, draw float64, p *pod) {
	server := 0
	for i := 1; i < len(p.free); i++ {
		if p.free[i] < p.free[server] {
			server = i
		}
	}
	start := s.at
	if p.free[server] > start {
		start = p.free[server]
		if p.starts.after(s.at) >= s.config.Queue {
			s.fail(&r, s.at, &s.window.failures.Dropped)
			return
		}
		p.starts.push(start, struct{}{})
	}
	p.accepted++
	cpu := s.cpu.at(draw)
	p.free[server] = start + cpu
	p.given += cpu
	v := s.connect(p, r.pod, server, start)
	done := start + v.wait + max(cpu, s.kinds[r.kind].service.at(draw)+v.slower)
	if v.cause != nil {
		done = start + max(cpu, v.wait)
		s.conclude(&r, start+v.wait, v.cause)
	} else {
		s.conclude(&r, done, nil)
	}
	p.outstanding++
	s.flights.add(s.at, done, r)
	p.last = max(p.last, done)
}

// conclude counts how a request ends, unless its client gives up before.
func (s *Station) conclude(r *request, done float64, cause *float64) {
	if limit := s.config.Client.Timeout; limit > 0 && done-r.arrived > limit {
		done, cause = r.arrived+limit, &s.window.failures.TimedOut
	}
	if cause != nil {
		r.failed = true
		s.fail(r, done, cause)
		return
	}
	response := done - r.arrived
	r.window = s.number
	w := &s.window
	w.responses.add(response)
	w.sum += response
	if promise := s.kinds[r.kind].promise; promise > 0 && response > promise {
		w.broken++
	}
}

// fail counts a failure, and lets the client come back.
func (s *Station) fail(r *request, at float64, cause *float64) {
	*cause++
	if s.kinds[r.kind].promise > 0 {
		s.window.broken++
	}
	s.comeBack(r, at)
}

func (s *Station) comeBack(r *request, at float64) {
	if int(r.attempt) < s.config.Client.Retries {
		backoff := s.config.Client.Backoff
		s.retries.push(at+backoff+float64(backoff*float64(r.jitter)), r.attempt+1)
	}
}

// finished notes the end of a request on a shared pod; one that leaves is gone
// with its last.
func (s *Station) finished(id int32, at float64) {
	p := &s.pods[id]
	p.last = max(p.last, at)
	if !p.serving && len(p.shared.jobs) == 0 {
		s.closeAll(int(id), p.last)
	}
}
