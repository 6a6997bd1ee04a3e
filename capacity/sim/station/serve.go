package station

import (
	"math"

	"github.com/agencyos/headroom/capacity/queue"
)

// Advance serves until to, in seconds, under conditions that hold until then.
func (s *Station) Advance(to float64, c Conditions) {
	s.Conditions = c
	at := s.now
	for {
		next := math.Inf(1)
		if c.Arrival > 0 {
			next = at + s.hazard/c.Arrival
		}
		if again := s.retries.next(); again <= next && again <= to {
			s.hazard -= float64(math.Max(0, again-at) * c.Arrival)
			at = math.Max(at, again)
			s.request(at, s.retries.pop())
			continue
		}
		if next > to {
			s.hazard = math.Max(0, s.hazard-float64((to-at)*c.Arrival))
			break
		}
		at = next
		s.hazard = s.arrivals.ExpFloat64()
		s.request(at, 0)
	}
	s.now = math.Max(s.now, to)
	if s.sharing {
		s.shareAll(s.now)
	}
}

// request is one request at a moment, the first or a later attempt.
func (s *Station) request(at float64, attempt int) {
	s.arrived++
	s.lastArrival = at
	draw := s.work.ExpFloat64()
	pick := s.choice.Float64()
	k := 0
	for pick >= s.kinds[k].until {
		k++
	}
	s.window.requests++
	if s.kinds[k].promise > 0 {
		s.window.promised++
	}
	id := s.balance(at)
	if id < 0 {
		s.fail(at, attempt, k, &s.window.failures.Dropped)
		return
	}
	p := &s.pods[id]
	switch {
	case !p.alive:
		s.fail(at, attempt, k, &s.window.failures.Lost)
	case s.sharing:
		s.share(at, attempt, k, draw, id)
	default:
		s.serve(at, attempt, k, draw, id)
	}
}

// serve is first come, first served: the departure recursion over the servers.
func (s *Station) serve(at float64, attempt, k int, draw float64, id int) {
	p := &s.pods[id]
	server := 0
	for i := 1; i < len(p.free); i++ {
		if p.free[i] < p.free[server] {
			server = i
		}
	}
	start := at
	if p.free[server] > at {
		start = p.free[server]
		if p.starts.waiting(at) >= s.config.Queue {
			s.fail(at, attempt, k, &s.window.failures.Dropped)
			return
		}
		p.starts.push(start)
	}
	cpu := s.cpu.at(draw)
	p.free[server] = start + cpu
	p.given += cpu
	service := math.Max(cpu, s.kinds[k].service.at(draw))
	wait, cause := s.connect(p, server, start)
	if cause != nil {
		s.flights.add(at, id, start+cpu, p)
		s.fail(start+wait, attempt, k, cause)
		return
	}
	response := start - at + wait + service
	s.flights.add(at, id, at+response, p)
	s.answer(at, attempt, k, response)
}

// answer records a response, unless the client has given up before.
func (s *Station) answer(at float64, attempt, k int, response float64) {
	if limit := s.config.Client.Timeout; limit > 0 && response > limit {
		s.fail(at+limit, attempt, k, &s.window.failures.TimedOut)
		return
	}
	w := &s.window
	w.responses.add(response)
	w.sum += response
	if promise := s.kinds[k].promise; promise > 0 && response > promise {
		w.broken++
	}
}

// fail counts a failure, and lets the client come back.
func (s *Station) fail(at float64, attempt, k int, cause *float64) {
	*cause++
	if s.kinds[k].promise > 0 {
		s.window.broken++
	}
	if attempt < s.config.Client.Retries {
		backoff := s.config.Client.Backoff
		s.retries.push(retry{at + backoff + float64(backoff*s.jitter.Float64()), attempt + 1})
	}
}

// balance picks a pod, or -1 when there is none.
func (s *Station) balance(at float64) int {
	n := len(s.targets)
	if n == 0 {
		return -1
	}
	switch s.config.Balancing {
	case queue.Random:
		return s.targets[s.choice.IntN(n)]
	case queue.LeastOutstanding:
		return s.leastOutstanding(at)
	}
	if s.turn >= n {
		s.turn = 0
	}
	id := s.targets[s.turn]
	s.turn++
	return id
}

// leastOutstanding is the pod with the fewest open requests; equals take turns.
func (s *Station) leastOutstanding(at float64) int {
	s.settle(at)
	n := len(s.targets)
	if s.turn++; s.turn >= n {
		s.turn = 0
	}
	best := s.targets[s.turn]
	for i := 1; i < n; i++ {
		j := s.turn + i
		if j >= n {
			j -= n
		}
		if id := s.targets[j]; s.pods[id].outstanding < s.pods[best].outstanding {
			best = id
		}
	}
	return best
}

// settle takes what has departed off the pods' counts.
func (s *Station) settle(at float64) {
	if s.sharing {
		s.shareAll(at)
		return
	}
	for s.flights.due(at) {
		f := s.flights.pop()
		s.pods[f.pod].outstanding--
	}
}
