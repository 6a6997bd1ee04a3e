package sim

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/hpa"
)

const second = time.Second

// sampledAt is a kubelet's sample of a container that burns half a core.
func sampledAt(at time.Duration) reading { return reading{at, 0.5 * at.Seconds(), true} }

// metrics-server serves what lies between its last two different samples, and a
// young container since its start.
func TestMetricsServer(t *testing.T) {
	const resolution = 15 * second
	type seen struct {
		Milli      int64
		At, Window time.Duration
		OK         bool
	}
	cases := map[string]struct {
		reason  string
		started time.Duration
		scrapes []time.Duration // of samples that old
		want    seen
	}{
		"None":       {"nothing is known", 0, nil, seen{}},
		"One":        {"one point is no rate", 0, []time.Duration{40 * second}, seen{}},
		"Two":        {"the slope between them", 0, []time.Duration{40 * second, 55 * second}, seen{500, 55 * second, 15 * second, true}},
		"Three":      {"the last two count", 0, []time.Duration{40 * second, 55 * second, 65 * second}, seen{500, 65 * second, 10 * second, true}},
		"Same":       {"a sample seen before changes nothing", 0, []time.Duration{40 * second, 55 * second, 55 * second}, seen{500, 55 * second, 15 * second, true}},
		"Fresh":      {"one of 10 s to the resolution counts from its start", 30 * second, []time.Duration{40 * second}, seen{500, 40 * second, 10 * second, true}},
		"TooFresh":   {"a younger one says nothing", 30 * second, []time.Duration{39 * second}, seen{}},
		"NotFresh":   {"one as old as the resolution needs a second point", 30 * second, []time.Duration{45 * second}, seen{}},
		"FreshTwice": {"after which it is like any other", 30 * second, []time.Duration{42 * second, 57 * second}, seen{500, 57 * second, 15 * second, true}},
		"Seconds":    {"moments are whole seconds, windows are not", 0, []time.Duration{40 * second, 52900 * time.Millisecond}, seen{500, 52 * second, 12900 * time.Millisecond, true}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var u usage
			for _, at := range tc.scrapes {
				u.sampled = sampledAt(at)
				u.sampled.burned -= 0.5 * tc.started.Seconds()
				u.scrape(tc.started, resolution)
			}
			var got seen
			got.Milli, got.At, got.Window, got.OK = u.cpu()
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// Millicores are rounded up, as a Quantity is, from whole nanocores.
func TestMillicores(t *testing.T) {
	for burned, want := range map[float64]int64{0: 0, 1: 100, 1.0000001: 101, 0.99991: 100, 1e-8: 1, 1e-9: 0} {
		u := usage{scraped: reading{10 * second, burned, true}, earlier: reading{0, 0, true}}
		if got, _, _, _ := u.cpu(); got != want {
			t.Errorf("%g core-seconds in 10 s: %d millicores, want %d", burned, got, want)
		}
	}
}

// The adapter cuts thousandths off.
func TestThousandths(t *testing.T) {
	for value, want := range map[float64]int64{0: 0, 1.9999: 1999, 2: 2000, 0.0009: 0} {
		if got := thousandths(value); got != want {
			t.Errorf("%g: %d thousandths, want %d", value, got, want)
		}
	}
}

// rate() as Prometheus computes it; the values were worked out by hand from the
// rules of extrapolation.
func TestRate(t *testing.T) {
	every := func(d time.Duration, from, to time.Duration, perSecond, start float64) (s series) {
		for at := from; at <= to; at += d {
			s = append(s, point{at, start + perSecond*(at-from).Seconds()})
		}
		return s
	}
	cases := map[string]struct {
		reason string
		points series
		now    time.Duration
		want   float64
		none   bool
	}{
		"Steady":     {"a steady counter has its slope", every(15*second, 0, 300*second, 7, 100), 305 * second, 7, false},
		"AtScrape":   {"also at the moment of a scrape, where the window holds four points", every(15*second, 0, 300*second, 7, 100), 300 * second, 7, false},
		"OnePoint":   {"one point is no rate", series{{300 * second, 5}}, 301 * second, 0, true},
		"Left":       {"a point at the left end is not in the window", series{{240 * second, 5}, {300 * second, 65}}, 300 * second, 0, true},
		"Inside":     {"just inside it is", series{{241 * second, 5}, {300 * second, 64}}, 300 * second, 1, false},
		"Young":      {"two points of a window of four: half a gap is added at the start, up to the counter's 0", series{{285 * second, 1000}, {300 * second, 1150}}, 300 * second, 150 * (15 + 7.5) / 15 / 60, false},
		"FromZero":   {"and no further than that", series{{285 * second, 20}, {300 * second, 170}}, 300 * second, 150 * (15 + 2) / 15. / 60, false},
		"Gone":       {"a pod that left a while ago fades: half a gap is added at the end", every(15*second, 0, 270*second, 10, 0), 300 * second, 10 * (15 + 7.5 + 15) / 60, false},
		"GoneLonger": {"until fewer than two points are left", every(15*second, 0, 255*second, 10, 0), 300 * second, 0, true},
		"Flat":       {"a counter that stands still has none", every(15*second, 0, 300*second, 0, 50), 305 * second, 0, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := tc.points.rate(tc.now, time.Minute)
			if ok == tc.none || math.Abs(got-tc.want) > 1e-9 {
				t.Errorf("%s: rate = %g, %v; want %g, %v", tc.reason, got, ok, tc.want, !tc.none)
			}
		})
	}
}

// In the steady state every signal says what the load is.
func TestSignalsInTheSteadyState(t *testing.T) {
	for _, fidelity := range both {
		for kind, want := range map[SignalKind]float64{InFlight: 8 * inFlightAt(100), RequestRate: 800, CPUUse: 100*cpuMean*1000 + idleCPU} {
			s := world(t, following(kind), fixed(8), under(steadily(t, 1, 30*time.Minute)))
			s.Fidelity, s.Services[0].PeakRPS = fidelity, 800
			sum, n := 0.0, 0.0
			watching(t, s, func(r *run) {
				if at := r.since(); at < 0 || at%(15*second) != 0 {
					return
				}
				o := r.observe(r.services[0])
				total := float64(o.Readings[0].Total) / 1000
				for i, x := range o.Readings[0].Samples {
					if !x.Present {
						t.Errorf("%s: pod %d has no sample", fidelity, i)
					}
					total += float64(x.Value) * float64(1+o.Pods[i].Alike) / 8
				}
				sum, n = sum+total, n+1
			})
			about(t, string(fidelity)+": "+string(kind), sum/n, want, 0.03)
		}
	}
}

// A rate counts what pods answer. New pods are not in it before their second
// scrape, and those that have left fade out of it.
func TestRateFollowsPods(t *testing.T) {
	for _, fidelity := range both {
		s := world(t, following(RequestRate), fixed(8), struck(Disturbance{Kind: Rollout, At: 5 * time.Minute}), under(steadily(t, 1, 30*time.Minute)))
		s.Fidelity, s.Services[0].PeakRPS, s.Services[0].SurgePercent = fidelity, 800, 100
		s.Fleet.Groups[0].Min, s.Fleet.Groups[0].Start = 6, 6 // room for all
		least, most, series := math.Inf(1), 0.0, 0
		watching(t, s, func(r *run) {
			if r.since() > 0 {
				x, _ := r.services[0].rate(r.now, time.Minute)
				least, most, series = min(least, x), max(most, x), max(series, len(r.services[0].counted))
			}
		})
		if least < 400 || least > 600 || most < 815 || most > 900 || series != 16 {
			t.Errorf("%s: a rate of 800 went from %.0f to %.0f over %d series during a rollout of all pods at once; want a dip by a third or more, a small hump, and 16", fidelity, least, most, series)
		}
	}
}

// The autoscaler sees pods as the API server shows them.
func TestPodView(t *testing.T) {
	r := begun(t, world(t))
	r.now = time.Hour + 500*time.Millisecond
	started := time.Hour - 30500*time.Millisecond
	cases := map[string]struct {
		in   pod
		want hpa.Pod
	}{
		"Pending":     {pod{phase: pending, started: unplaced}, hpa.Pod{Phase: hpa.Pending}},
		"Scheduled":   {pod{phase: starting, started: r.now - second}, hpa.Pod{Phase: hpa.Pending, HasStarted: true, Started: time.Hour - second, Ready: hpa.ReadyFalse, ReadyChanged: time.Hour - second}},
		"Starting":    {pod{phase: starting, started: started}, hpa.Pod{Phase: hpa.Running, HasStarted: true, Started: time.Hour - 31*second, Ready: hpa.ReadyFalse, ReadyChanged: time.Hour - 31*second}},
		"Ready":       {pod{phase: ready, started: started, ready: r.now}, hpa.Pod{Phase: hpa.Running, HasStarted: true, Started: time.Hour - 31*second, Ready: hpa.ReadyTrue, ReadyChanged: time.Hour}},
		"Lost":        {pod{phase: ready, lost: true, started: started, ready: r.now}, hpa.Pod{Phase: hpa.Running, HasStarted: true, Started: time.Hour - 31*second, Ready: hpa.ReadyTrue, ReadyChanged: time.Hour}},
		"Terminating": {pod{phase: terminating, started: started, ready: r.now}, hpa.Pod{Phase: hpa.Running, Terminating: true, HasStarted: true, Started: time.Hour - 31*second, Ready: hpa.ReadyTrue, ReadyChanged: time.Hour}},
	}
	for name, tc := range cases {
		if diff := cmp.Diff(tc.want, r.podView(&tc.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What the fluid sees as one, an autoscaler sees as it would see one by one.
func TestVeterans(t *testing.T) {
	s := world(t, following(CPUUse), fixed(6), struck(Disturbance{Kind: NodeLoss, At: 5 * time.Minute}, Disturbance{Kind: Rollout, At: 8 * time.Minute}))
	most, least := 0, 6
	watching(t, s, func(r *run) {
		w := r.services[0]
		o := r.observe(w)
		pods := 0
		for _, p := range o.Pods {
			pods += 1 + int(p.Alike)
		}
		if pods != len(w.live) || len(w.young)+w.veterans != len(w.live) {
			t.Fatalf("after %s: %d pods are seen, %d young and %d veterans of %d", r.since(), pods, len(w.young), w.veterans, len(w.live))
		}
		for id := range w.pods {
			if p := &w.pods[id]; p.veteran && (!p.serves() || r.now-p.ready < 4*time.Minute) {
				t.Fatalf("after %s: pod %d is a veteran: %+v", r.since(), id, p)
			}
		}
		if r.since() > 0 {
			most, least = max(most, w.veterans), min(least, w.veterans)
		}
	})
	if most != 6 || least != 0 {
		t.Errorf("from %d to %d veterans, want none after a rollout and all six later", least, most)
	}
}
