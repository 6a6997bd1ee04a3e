package sim

import (
	"slices"
	"time"
)

// signal is one metric of an autoscaler. A gauge has the value of the last scrape.
type signal struct {
	Signal
	value float64
	known bool
}

// series is the counter of one pod at Prometheus: requests answered, at the last
// scrapes, oldest first.
type series []point

type point struct {
	at    time.Duration
	count float64
}

// scrapePrometheus reads what the pods of a service export, all of them at one
// moment: their scrapes are spread over the interval, which makes the total no
// later at its latest.
func (r *run) scrapePrometheus(w *workload) {
	r.advance(w)
	for i := range w.signals {
		switch g := &w.signals[i]; g.Kind {
		case InFlight:
			g.value, g.known = float64(w.plane.InFlight()), true
		case RequestRate:
			w.scrapeCounters(r.now, g.Window)
		}
	}
}

// scrapeCounters adds a point to the series of every pod that serves. Those of
// others stay until they have no point within the window: what a rate looks back
// at does not go away with its pod.
func (w *workload) scrapeCounters(now, window time.Duration) {
	served := w.plane.Served(w.view.served[:0], w.live)
	w.view.served = served
	for i, id := range w.live {
		p := &w.pods[id]
		if !p.serves() {
			continue
		}
		if len(p.counter) == 0 {
			w.counted = append(w.counted, id)
		}
		p.counter = append(append(p.counter[:0], p.counter.within(now, window)...), point{now, served[i]})
	}
	w.counted = slices.DeleteFunc(w.counted, func(id int) bool { return len(w.pods[id].counter.within(now, window)) == 0 })
}

// within are the points of a window that is open on the left.
func (s series) within(now, window time.Duration) series {
	for len(s) > 0 && s[0].at <= now-window {
		s = s[1:]
	}
	return s
}

// rate is sum(rate(counter[window])) at a moment; without a series that has two
// points in the window there is none.
func (w *workload) rate(now, window time.Duration) (sum float64, ok bool) {
	for _, id := range w.counted {
		if x, known := w.pods[id].counter.rate(now, window); known {
			sum, ok = sum+x, true
		}
	}
	return sum, ok
}

// rate is the slope over the points of a left-open window, extrapolated to its
// ends: all the way where they are about as near as the points to one another,
// else by half of that, and never to before the counter was 0
// (github.com/prometheus/prometheus promql/functions.go extrapolatedRate, v0.308.0).
func (s series) rate(now, window time.Duration) (perSecond float64, ok bool) {
	points := s.within(now, window)
	if len(points) < 2 {
		return 0, false
	}
	first, last := points[0], points[len(points)-1]
	span, more := (last.at - first.at).Seconds(), last.count-first.count
	between := span / float64(len(points)-1)
	ahead := reach((first.at - (now - window)).Seconds(), between)
	if more > 0 {
		ahead = min(ahead, span*first.count/more)
	}
	behind := reach((now - last.at).Seconds(), between)
	return more * (span + ahead + behind) / span / window.Seconds(), true
}

// reach is how far a rate is extrapolated over a gap at an end of its window.
func reach(gap, between float64) float64 {
	if gap >= 1.1*between {
		return between / 2
	}
	return gap
}
