package sim

import (
	"time"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// slice is the longest over which the arrival rate of single requests stays the
// same.
const slice = time.Second

// advance serves a service until now.
func (r *run) advance(w *workload) {
	for w.advanced < r.now {
		to := r.now
		if r.Fidelity == Request {
			to = min(to, w.advanced+slice)
		}
		w.rate = w.PeakRPS * r.level(w, w.advanced, to) * (1 - w.cdnHits) * w.MissAmplification
		c := station.Conditions{Arrival: w.rate, MissShare: w.missing, HoldFactor: r.slow, HoldExtra: r.holdExtra}
		if w.Station.Pool != nil {
			c.Slots = r.slots(w)
		}
		w.plane.Advance(to.Seconds(), c)
		w.advanced = to
	}
}

func (r *run) advanceAll() {
	for _, w := range r.services {
		r.advance(w)
	}
}

// level is the mean level of the load; the warmup has the first one.
func (r *run) level(w *workload, from, to time.Duration) float64 {
	if to <= r.Warmup {
		return r.Load.Start()
	}
	return w.cursor.Mean(max(0, from-r.Warmup), to-r.Warmup)
}

// window ends a window: promises are judged, and database and pooler follow.
func (r *run) window() {
	r.advanceAll()
	r.contend(r.now - r.contended)
	r.contended = r.now
	warm := r.now > r.Warmup
	for _, w := range r.services {
		taken := w.plane.Take()
		if warm {
			w.story.add(taken, r.windowLength())
			r.shortfall(w, r.windowLength())
		}
	}
	r.judgeAll()
	if possible := r.possible(); r.Database != nil && possible > r.Database.Usable && warm {
		r.book.exhausted += r.windowLength()
	}
}
