package loadtest

import (
	"cmp"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
)

// sample is one request.
type sample struct {
	// start is when the generator sent it, in seconds since the recording's origin.
	start float64
	// millis until the last byte.
	millis float64
	// route, group and failed index what the recording interned.
	route, group uint16
	failed       bool
}

func (s sample) end() float64 { return s.start + s.millis/1000 }

// moment is something counted at a time.
type moment struct{ at, value float64 }

// recording is every request of a test. It takes 24 bytes a request.
type recording struct {
	origin  time.Time
	samples []sample
	// dropped iterations, virtual users seen, failures told apart from requests, and
	// iterations, by time.
	dropped, users, failures []moment
	iterations               int
	// longest request, in seconds; known once settled.
	longest float64
	// routes and groups are the interned names; index 0 is no route and no group.
	routes, groups names
	// taggedGroups is the tag that groups come from, "" for none.
	groupTag string
}

func newRecording() *recording {
	return &recording{routes: newNames(), groups: newNames()}
}

// names interns strings.
type names struct {
	index map[string]uint16
	list  []string
}

func newNames() names { return names{index: map[string]uint16{"": 0}, list: []string{""}} }

// of is the index of a name; beyond 65535 of them, which no test has on purpose,
// they are all nameless.
func (n *names) of(name string) uint16 {
	i, ok := n.index[name]
	if !ok {
		if len(n.list) > math.MaxUint16 {
			return 0
		}
		i = uint16(len(n.list))
		n.index[name], n.list = i, append(n.list, name)
	}
	return i
}

// seconds since the origin, which is the first time that is asked for.
func (r *recording) seconds(at time.Time) float64 {
	if r.origin.IsZero() {
		r.origin = at
	}
	return at.Sub(r.origin).Seconds()
}

func (r *recording) time(seconds float64) time.Time {
	return r.origin.Add(time.Duration(math.Round(seconds * float64(time.Second))))
}

// settle puts everything in the order of time: generators write in the order of
// completion, and several of them in any.
func (r *recording) settle() {
	slices.SortFunc(r.samples, func(a, b sample) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.millis, b.millis), cmp.Compare(a.route, b.route))
	})
	for _, s := range r.samples {
		r.longest = math.Max(r.longest, s.millis/1000)
	}
	for _, list := range [][]moment{r.dropped, r.users, r.failures} {
		slices.SortFunc(list, func(a, b moment) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.value, b.value)) })
	}
}

// window is a part of the time of a recording.
type window struct {
	name     string
	from, to float64
	// group restricts it to the samples of a group; 0 takes all.
	group uint16
}

func (w window) length() float64 { return w.to - w.from }

// within are the moments of a window, both in order of time.
func within(list []moment, w window) []moment {
	at := func(t float64) int {
		i, _ := slices.BinarySearchFunc(list, t, func(m moment, t float64) int { return cmp.Compare(m.at, t) })
		return i
	}
	return list[at(w.from):at(w.to)]
}

func total(list []moment) float64 {
	sum := 0.0
	for _, m := range list {
		sum += m.value
	}
	return sum
}

// measure reduces a window to a step.
func (r *recording) measure(w window) Step {
	s := Step{Name: w.name, Start: r.time(w.from), Seconds: w.length()}
	var good, starts []float64
	byRoute := map[uint16][]float64{}
	sent, done, failed := 0, 0, 0
	for _, one := range r.near(w) {
		if w.group != 0 && one.group != w.group {
			continue
		}
		if end := one.end(); end >= w.from && end < w.to {
			done++
		}
		if one.start < w.from || one.start >= w.to {
			continue
		}
		sent++
		starts = append(starts, one.start)
		if one.failed {
			failed++
			continue
		}
		good = append(good, one.millis)
		byRoute[one.route] = append(byRoute[one.route], one.millis)
	}
	s.Dropped = total(within(r.dropped, w)) * r.perIteration()
	s.OfferedRPS, s.AchievedRPS = (float64(sent)+s.Dropped)/w.length(), float64(done)/w.length()
	if len(r.failures) > 0 {
		failed = int(total(within(r.failures, w)))
	}
	s.FailedShare = share(failed, done)
	if len(r.failures) == 0 {
		s.FailedShare = share(failed, sent)
	}
	s.ArrivalCV2 = gapCV2(starts)
	s.describe(good)
	s.Closed = r.closed(w, s)
	s.Routes = r.byRoute(byRoute)
	return s
}

// near are the samples that began in the window or may have ended in it.
func (r *recording) near(w window) []sample {
	at := func(t float64) int {
		i, _ := slices.BinarySearchFunc(r.samples, t, func(s sample, t float64) int { return cmp.Compare(s.start, t) })
		return i
	}
	return r.samples[at(w.from-r.longest):at(w.to)]
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return math.Min(1, float64(part)/float64(whole))
}

// perIteration is the number of requests of one iteration, 1 where iterations are
// not told.
func (r *recording) perIteration() float64 {
	if r.iterations == 0 {
		return 1
	}
	return math.Max(1, float64(len(r.samples))/float64(r.iterations))
}

// describe fills in what latencies, in the order of their arrival, say.
func (s *Step) describe(ordered []float64) {
	if s.Requests = len(ordered); s.Requests == 0 {
		return
	}
	values := sorted(ordered)
	mean, variance := stat.MeanVariance(ordered, nil)
	s.MeanMillis = mean
	if len(ordered) > 1 && mean > 0 {
		s.CV2 = variance / (mean * mean)
		s.MeanStdErr = meanError(ordered)
	}
	s.P50Millis, s.P99Millis = percentile(values, 0.5), percentile(values, 0.99)
	s.P99LowMillis, s.P99HighMillis = interval(values, 0.99, dispersion(ordered, s.P99Millis))
}

func (r *recording) byRoute(latencies map[uint16][]float64) map[string]Route {
	out := map[string]Route{}
	for route, ordered := range latencies {
		if route == 0 || len(ordered) < 2 {
			continue
		}
		var s Step
		s.describe(ordered)
		out[r.routes.list[route]] = Route{Requests: s.Requests, MeanMillis: s.MeanMillis, CV2: s.CV2, P99Millis: s.P99Millis, P99LowMillis: s.P99LowMillis}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// gapCV2 is the cv² of the times between starts, which are in order.
func gapCV2(starts []float64) float64 {
	if len(starts) < 3 {
		return 0
	}
	gaps := make([]float64, len(starts)-1)
	for i := range gaps {
		gaps[i] = starts[i+1] - starts[i]
	}
	mean, variance := stat.MeanVariance(gaps, nil)
	if mean == 0 {
		return 0
	}
	return variance / (mean * mean)
}

// fewestUsers are the looks at the virtual users below which nothing is concluded.
const fewestUsers = 5

// regular is the cv² of arrivals below which a schedule sent them, not users who
// waited for answers.
const regular = 0.2

// closed says whether the virtual users were always busy, in the same number, and
// no more than the requests in flight: then they waited for answers. An open
// generator's busy users fluctuate, until it runs out of them and drops.
func (r *recording) closed(w window, s Step) bool {
	seen := within(r.users, w)
	if len(seen) < fewestUsers || s.Dropped > 0 || s.ArrivalCV2 < regular {
		return false
	}
	for _, m := range seen {
		if m.value != seen[0].value {
			return false
		}
	}
	users := seen[0].value
	return users >= 1 && math.Abs(s.InFlight()-users) <= 0.1*users
}
