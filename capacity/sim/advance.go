package sim

import (
	"time"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// slice is the longest over which the arrival rate of single requests stays the
// same.
const slice = time.Second

// seconds of a duration, without the divisions of Duration.Seconds.
func seconds(d time.Duration) float64 { return float64(d) / 1e9 }

// advance serves a service until now.
func (r *run) advance(w *workload) {
	for w.advanced < r.now {
		to := r.now
		if r.Fidelity == Request {
			to = min(to, w.advanced+slice)
		}
		rate := w.reaching() * r.level(w, w.advanced, to)
		c := station.Conditions{Arrival: rate, MissShare: w.missing, HoldFactor: r.slow, HoldExtra: r.holdExtra}
		if w.Station.Pool != nil && r.Fidelity == Request {
			c.Slots = r.slots(w)
		}
		w.plane.Advance(seconds(to), c)
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
	length := r.now - r.windowed
	if length <= 0 {
		return
	}
	r.windowed = r.now
	for _, w := range r.services {
		taken := w.plane.Take()
		w.visits = w.visiting(taken) / seconds(length)
		if r.now > r.Warmup {
			w.story.add(taken, length)
			r.shortfall(w, length)
		}
	}
	r.contend(length)
	r.judgeAll()
}
