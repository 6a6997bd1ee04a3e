package flow

import (
	"math"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// window collects what Take returns.
type window struct {
	requests, broken float64
	failures         station.Failures
	p99, poolWait    float64
	connections      int
}

// Take returns what happened since the last call. Its p99 is that of the worst
// moment.
func (s *Station) Take() station.Window {
	s.flush()
	w := s.window
	s.window = window{}
	failed, promised := w.failures.Sum(), w.requests*s.table.promised
	out := station.Window{Requests: w.requests, Promised: promised, Broken: min(promised, w.broken+failed*s.table.promised),
		Failures: w.failures, P99: w.p99, PoolWait: w.poolWait, Connections: w.connections}
	if failed > 0.01*w.requests {
		out.P99 = math.Inf(1)
	}
	return out
}

// mixture is the response time over the run: how many requests met which state,
// and how long they had waited before they did.
type mixture struct {
	cells [bins][]cell
	// requests of the run and how many of them failed.
	requests, failed float64
}

// cell are requests that met one state after about the same delay.
type cell struct{ n, delays float64 }

const (
	// shortDelay in seconds: all delays below it share one cell, by their mean.
	shortDelay = 1e-3
	// cellsPerOctave above it, up to longest.
	cellsPerOctave = 8
)

// mostCells of a state.
var mostCells = 2 + int(cellsPerOctave*math.Log2(longest/shortDelay))

func cellOf(delay float64) int {
	if delay < shortDelay {
		return 0
	}
	return min(mostCells-1, 1+int(cellsPerOctave*math.Log2(delay/shortDelay)))
}

func (m *mixture) add(bin int, part, n, delay float64) {
	m.count(bin, n*(1-part), delay)
	if part > 0 {
		m.count(bin+1, n*part, delay)
	}
}

func (m *mixture) count(bin int, n, delay float64) {
	if m.cells[bin] == nil {
		m.cells[bin] = make([]cell, mostCells)
	}
	c := &m.cells[bin][cellOf(delay)]
	c.n += n
	c.delays += n * delay
}

// Reset forgets all statistics and keeps the state.
func (s *Station) Reset() { s.even, s.window, s.run = even{}, window{}, mixture{} }

// Quantiles of the response time over the run, failed requests counting as +Inf.
// What was lost with a pod has been taken for answered before.
func (s *Station) Quantiles() station.Quantiles {
	s.flush()
	var tail [grid]float64
	answered := 0.0
	for bin := range s.run.cells {
		for _, c := range s.run.cells[bin] {
			if c.n > 0 {
				answered += c.n
				s.table.at(bin).addTo(&tail, c.n, c.delays/c.n)
			}
		}
	}
	all := max(s.run.requests, s.run.failed)
	if all == 0 {
		return station.Quantiles{}
	}
	for i := range tail {
		if answered > 0 {
			tail[i] *= (all - s.run.failed) / answered
		}
		tail[i] = (tail[i] + s.run.failed) / all
	}
	return station.Quantiles{P50: quantile(&tail, 0.5), P90: quantile(&tail, 0.9), P99: quantile(&tail, 0.99), P999: quantile(&tail, 0.999)}
}
