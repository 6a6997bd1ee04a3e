package station

// measure is what was counted: the present window, and the run since Reset.
type measure struct {
	arrived   float64
	window    window
	run       histogram
	runFailed float64
	runSum    float64
	// number of the window, and of the first since Reset.
	number, first uint32
}

// window is what Take returns, while it is counted.
type window struct {
	requests, promised, broken float64
	failures                   Failures
	sum                        float64
	responses, waits           histogram
	checkouts                  uint64
	connections                int
}

// lose makes a request in progress, counted as answered when its response was
// known, a failure. Where that was in an earlier window, the loss counts in this
// one; where it was before Reset, not at all.
func (s *Station) lose(f timed[request]) {
	r := &f.of
	response := f.at - r.arrived
	switch {
	case r.failed:
		return
	case r.window == s.number:
		s.window.responses.remove(response)
		s.window.sum -= response
	case r.window >= s.first:
		s.run.remove(response)
		s.runSum -= response
	default:
		s.comeBack(r, s.now)
		return
	}
	s.window.failures.Lost++
	if promise := s.kinds[r.kind].promise; promise > 0 && response <= promise {
		s.window.broken++
	}
	s.comeBack(r, s.now)
}

// Arrived are all requests since the start, retries included.
func (s *Station) Arrived() float64 { return s.arrived }

// Take returns what happened since the last call.
func (s *Station) Take() Window {
	w := &s.window
	failed := w.failures.Sum()
	out := Window{Requests: w.requests, Promised: w.promised, Broken: w.broken, Failures: w.failures,
		P99: w.responses.quantile(0.99, failed), Connections: max(w.connections, s.Connections())}
	if w.checkouts > 0 {
		w.waits.zero += w.checkouts - w.waits.total
		w.waits.total = w.checkouts
		out.PoolWait = w.waits.quantile(0.99, 0)
	}
	s.run.merge(&w.responses)
	s.runFailed += failed
	s.runSum += w.sum
	*w = window{connections: s.Connections()}
	s.number++
	return out
}

// Reset forgets all statistics and keeps the state: the end of a warm-up.
func (s *Station) Reset() {
	s.measure = measure{arrived: s.arrived, number: s.number + 1, first: s.number + 1}
	s.window.connections = s.Connections()
}

// Quantiles of the response time since Reset, failed requests counting as +Inf.
func (s *Station) Quantiles() Quantiles {
	all := s.run
	all.merge(&s.window.responses)
	failed := s.runFailed + s.window.failures.Sum()
	return Quantiles{P50: all.quantile(0.5, failed), P90: all.quantile(0.9, failed), P99: all.quantile(0.99, failed), P999: all.quantile(0.999, failed)}
}

// MeanResponse of the answered requests since Reset; 0 without any.
func (s *Station) MeanResponse() float64 {
	n := float64(s.run.total + s.window.responses.total)
	return (s.runSum + s.window.sum) / max(1, n)
}
