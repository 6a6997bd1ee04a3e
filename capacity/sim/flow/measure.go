package flow

import (
	"math"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// window collects what Take returns.
type window struct {
	requests, promised, broken float64
	failures                   station.Failures
	p99, poolWait              float64
	connections                int
}

// Take returns what happened since the last call. Its p99 is that of the worst
// moment.
func (s *Station) Take() station.Window {
	w := s.window
	s.window = window{}
	failed := w.failures.Sum()
	out := station.Window{Requests: w.requests, Promised: w.promised + failed*s.table.promised, Broken: w.broken + failed*s.table.promised,
		Failures: w.failures, P99: w.p99, PoolWait: w.poolWait, Connections: w.connections}
	if failed > 0.01*math.Max(w.requests, failed) {
		out.P99 = math.Inf(1)
	}
	return out
}

// mixture is the response time over the run: how many requests met which state.
type mixture struct {
	weight [bins]float64
	failed float64
	// shifted are the requests that met a backlog.
	shifted []shifted
}

// shifted are requests that waited for a backlog before they met a state.
type shifted struct {
	bin       int
	n, delays float64
}

func (m *mixture) add(bin int, part, n, shift float64) {
	if shift > settled {
		m.shifted = append(m.shifted, shifted{bin, n, shift})
		return
	}
	m.weight[bin] += n * (1 - part)
	if part > 0 {
		m.weight[bin+1] += n * part
	}
}

// Reset forgets all statistics and keeps the state.
func (s *Station) Reset() { s.window, s.run = window{}, mixture{} }

// Quantiles of the response time over the run, failed requests counting as +Inf.
func (s *Station) Quantiles() station.Quantiles {
	var tail [grid]float64
	total := s.run.failed
	for i := range tail {
		tail[i] = s.run.failed
	}
	for bin, n := range s.run.weight {
		if n > 0 {
			total += n
			state := s.table.at(bin)
			for i := range tail {
				tail[i] += n * state.tail[i]
			}
		}
	}
	for _, d := range s.run.shifted {
		total += d.n
		state := s.table.at(d.bin)
		for i, t := range times {
			tail[i] += d.n * tailAt(&state.tail, t-d.delays)
		}
	}
	if total <= 0 {
		return station.Quantiles{}
	}
	for i := range tail {
		tail[i] /= total
	}
	return station.Quantiles{P50: quantile(&tail, 0.5), P90: quantile(&tail, 0.9), P99: quantile(&tail, 0.99), P999: quantile(&tail, 0.999)}
}
