package loadtest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/text"
)

// Options of reading.
type Options struct {
	// Discard is cut off the beginning of every step of a raw recording: connections
	// open and queues settle there.
	Discard time.Duration
	// Route is the key of the stack's route that a request belongs to, from its
	// method and its URL or name, or "" for none. nil knows no routes.
	Route func(method, name string) string
	// Progress is told how many bytes were read; nil tells nobody.
	Progress func(bytes int64)
}

// pause without a request separates recordings.
const pause = 60.0

// steps splits the recording: by the tag that its requests carry, or else where
// the rate changes.
func (r *recording) steps(o Options) ([]Step, []string, error) {
	if len(r.samples) == 0 {
		return nil, nil, baseline.Problems{{Path: "requests", Value: "0", Rule: "must have at least one request", Fix: "check that the test reached the service"}}
	}
	r.settle()
	windows := r.tagged()
	var notes []string
	if windows == nil {
		windows, notes = r.flat(o.Discard)
	}
	discard := o.Discard.Seconds()
	short := 0
	var out []Step
	for _, w := range windows {
		if w.length() < 2*discard || w.length() < shortest {
			short++
			continue
		}
		w.from += discard
		out = append(out, r.measure(w))
	}
	if short > 0 {
		notes = append(notes, fmt.Sprintf("%s shorter than twice the %s that are discarded, or than %g s, left out", text.Count(short, "step is", "steps are"), o.Discard, shortest))
	}
	if len(out) == 0 {
		return nil, nil, baseline.Problems{{Path: "steps", Value: "0", Rule: "must have steps of constant load",
			Fix: fmt.Sprintf("hold each rate for 60s, more than twice --discard %s: stages of ramping-arrival-rate, or a tag step on the requests", o.Discard)}}
	}
	slices.SortStableFunc(out, func(a, b Step) int { return cmp.Compare(a.OfferedRPS, b.OfferedRPS) })
	return out, append(notes, unevenness(out)...), nil
}

// shortest step, in seconds, that is worth measuring.
const shortest = 4.0

// unevenness says how the arrivals of the steps were.
func unevenness(steps []Step) []string {
	closed, regularly := 0, 0
	for _, s := range steps {
		if s.Closed {
			closed++
		}
		if s.ArrivalCV2 < regular {
			regularly++
		}
	}
	var notes []string
	if closed > 0 {
		notes = append(notes, fmt.Sprintf("%s closed: its virtual users waited for answers, which hides what other users would have waited; use an arrival-rate executor",
			text.Count(closed, "step looks", "steps look")))
	}
	if regularly > len(steps)/2 {
		notes = append(notes, "the generator spaced requests evenly, and users do not: latencies under load are better here than in production; sleep(2 * Math.random()) at the start of each iteration spreads them")
	}
	return notes
}

// tagged are the windows of the groups, or nil where there are none or they overlap
// and are parts of one load.
func (r *recording) tagged() []window {
	found := map[uint16]*window{}
	for _, s := range r.samples {
		w := found[s.group]
		if w == nil {
			w = &window{name: r.groups.list[s.group], from: s.start, group: s.group}
			found[s.group] = w
		}
		w.to = math.Max(w.to, s.start)
	}
	delete(found, 0)
	if len(found) == 0 || r.groupTag == scenarioTag && len(found) == 1 {
		return nil
	}
	groups := slices.SortedFunc(maps.Values(found), func(a, b *window) int { return cmp.Compare(a.from, b.from) })
	var out []window
	for i, g := range groups {
		if i > 0 && g.from < groups[i-1].to-1 {
			return nil
		}
		out = append(out, *g)
	}
	return out
}

// flat are the windows between changes of the rate, in seconds of the recording.
func (r *recording) flat(discard time.Duration) ([]window, []string) {
	var out []window
	ramps := 0
	for _, part := range r.parts() {
		counts, bin := r.counts(part)
		for _, p := range plateaus(counts) {
			if ramping(counts[p[0]:p[1]]) {
				ramps++
				continue
			}
			from := part.from + bin*float64(p[0])
			w := window{from: from, to: math.Min(part.to, part.from+bin*float64(p[1]))}
			w.name = r.time(from).UTC().Round(time.Second).Format(time.TimeOnly)
			if w.length() >= math.Max(shortest, discard.Seconds()) {
				out = append(out, w)
			}
		}
	}
	if ramps == 0 {
		return out, nil
	}
	return out, []string{text.Count(ramps, "stretch in which the rate changes is", "stretches in which the rate changes are") + " left out"}
}

// parts are the recordings between long pauses.
func (r *recording) parts() []window {
	var out []window
	for _, s := range r.samples {
		if n := len(out); n == 0 || s.start-out[n-1].to > pause {
			out = append(out, window{from: s.start, to: s.start})
		}
		out[len(out)-1].to = s.start
	}
	return out
}

// mostBins of a part: nine hours of seconds.
const mostBins = 1 << 15

// counts of what was meant to be sent, per bin of a part: a second, or more where the
// part is very long.
func (r *recording) counts(part window) (counts []float64, bin float64) {
	bin = math.Max(1, math.Ceil(part.length()/mostBins))
	counts = make([]float64, max(1, int(part.length()/bin)))
	add := func(at, n float64) {
		if i := int(math.Floor((at - part.from) / bin)); i >= 0 && i < len(counts) {
			counts[i] += n
		}
	}
	for _, s := range r.samples {
		add(s.start, 1)
	}
	for _, d := range r.dropped {
		add(d.at, d.value*r.perIteration())
	}
	return counts, bin
}
