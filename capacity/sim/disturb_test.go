package sim

import (
	"math"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
)

// both fidelities.
var both = []Fidelity{Control, Request}

// slice is what a service went through between two moments of the timeline.
func between(r Result, from, to time.Duration) (points []ServicePoint) {
	for _, p := range r.Timeline {
		if p.At > from && p.At <= to {
			points = append(points, p.Services[0])
		}
	}
	return points
}

// mean of a figure of points.
func mean(points []ServicePoint, figure func(ServicePoint) float64) float64 {
	sum := 0.0
	for _, p := range points {
		sum += figure(p)
	}
	return sum / float64(len(points))
}

func p99(p ServicePoint) float64    { return p.P99Ms }
func rps(p ServicePoint) float64    { return p.RPS }
func failed(p ServicePoint) float64 { return p.Failed }

func about(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if !(math.Abs(got-want) <= share*math.Abs(want)) {
		t.Errorf("%s: %.4g, want %.4g within %g%%", what, got, want, 100*share)
	}
}

// A lost node takes its pods with it. Until the balancer notices their share of
// the requests is lost; once the cluster has, they are replaced.
func TestNodeLoss(t *testing.T) {
	for _, fidelity := range both {
		s := world(t, fixed(6), struck(Disturbance{Kind: NodeLoss, At: 5 * time.Minute}))
		s.Fidelity, s.Services[0].PeakRPS = fidelity, 300
		wanted := []int{}
		r := watching(t, s, func(r *run) {
			if since := r.since() - 5*time.Minute; since == balancerNotices || since == clusterNotices {
				wanted = append(wanted, r.services[0].readyNow)
			}
		})
		v := r.Services[0]
		about(t, string(fidelity)+": requests lost", v.Failures.Lost, 300*2/6*balancerNotices.Seconds(), 0.1)
		if v.Failures.Sum() != v.Failures.Lost {
			t.Errorf("%s: %+v, want lost requests only", fidelity, v.Failures)
		}
		if after := mean(between(r, 6*time.Minute, 20*time.Minute), failed); after > 0 {
			t.Errorf("%s: %g requests per second fail long after the loss", fidelity, after)
		}
		for _, n := range wanted {
			if n != 4 {
				t.Errorf("%s: %d pods Ready before Kubernetes noticed, want the 4 that are left", fidelity, n)
			}
		}
		if ready := between(r, 7*time.Minute, 8*time.Minute)[0].Ready; ready != 6 {
			t.Errorf("%s: %d pods Ready a minute after Kubernetes noticed, want 6", fidelity, ready)
		}
	}
}

func TestZoneLoss(t *testing.T) {
	s := world(t, fixed(6), struck(Disturbance{Kind: ZoneLoss, At: 5 * time.Minute, Zone: "b"}))
	lost := 0
	r := watching(t, s, func(r *run) {
		for i := range r.services[0].pods {
			if r.services[0].pods[i].lost && r.since() == 5*time.Minute {
				lost++
			}
		}
	})
	last := r.Timeline[len(r.Timeline)-1]
	if lost != 2 || last.Nodes != 3 || last.Services[0].Ready != 6 {
		t.Errorf("%d pods lost, %d nodes and %d pods Ready at the end; want 2, and 3 and 6: the group boots a new node elsewhere", lost, last.Nodes, last.Services[0].Ready)
	}
}

// Where a disturbance meets a knot of the load or another one, each begins once.
func TestDisturbancesBeginOnce(t *testing.T) {
	at := 5 * time.Minute
	s := world(t, fixed(6), under(stepping(t, 1, 1.01, at, 20*time.Minute)),
		struck(Disturbance{Kind: NodeLoss, At: at}, Disturbance{Kind: Rollout, At: at}, Disturbance{Kind: ColdCDN, At: at, For: time.Minute}), func(s *Scenario) {
			s.Services[0].CDNHitRatio = 0.1
		})
	fewest := 30
	generation := 0
	watching(t, s, func(r *run) { fewest, generation = min(fewest, r.fleet.Nodes()), r.services[0].generation })
	if fewest != 2 || generation != 1 {
		t.Errorf("%d nodes at the least and %d rollouts, want 2 of 3 nodes and 1", fewest, generation)
	}
}

// While its metrics fail an autoscaler does nothing: it neither answers more load
// nor less.
func TestMetricsOutage(t *testing.T) {
	outage := struck(Disturbance{Kind: MetricsOutage, At: 4 * time.Minute, For: 10 * time.Minute})
	for name, c := range map[string]load.Curve{"up": stepping(t, 1, 3, 5*time.Minute, 20*time.Minute), "down": stepping(t, 2, 0.5, 5*time.Minute, 30*time.Minute)} {
		for _, kind := range []SignalKind{InFlight, RequestRate, CPUUse} {
			with, without := world(t, under(c), following(kind), outage), world(t, under(c), following(kind))
			blind, sighted := between(replay(t, with), 6*time.Minute, 14*time.Minute), between(replay(t, without), 12*time.Minute, 14*time.Minute)
			for _, p := range blind {
				if p.Wanted != blind[0].Wanted {
					t.Errorf("%s, %s: %d replicas while metrics fail, want the %d from before", name, kind, p.Wanted, blind[0].Wanted)
					break
				}
			}
			if sighted[0].Wanted == blind[0].Wanted {
				t.Errorf("%s, %s: %d replicas with metrics as well: the test shows nothing", name, kind, sighted[0].Wanted)
			}
			if r := replay(t, with); name == "up" && r.Services[0].TriggerSeconds < 9*60 {
				t.Errorf("%s: decided after %g s, want only after the outage", kind, r.Services[0].TriggerSeconds)
			}
		}
	}
}

// A slow database holds requests up by what their connections are held longer,
// while it lasts.
func TestSlowDatabase(t *testing.T) {
	for _, fidelity := range both {
		s := world(t, fixed(6), pooled, struck(Disturbance{Kind: SlowDatabase, At: 5 * time.Minute, For: 5 * time.Minute, Factor: 11}))
		s.Fidelity = fidelity
		s.Services[0].PeakRPS = 120
		// Constant times: half of the requests take 30 ms, the others, which hold a
		// connection, 10 × 10 ms longer.
		v := &s.Services[0].Station
		v.CPU.CV2, v.Kinds[0].Service.CV2, v.Pool.Hold.CV2 = 0, 0, 0
		r := replay(t, s)
		before, during, after := mean(between(r, 0, 5*time.Minute), p99), mean(between(r, 5*time.Minute, 10*time.Minute), p99), mean(between(r, 11*time.Minute, 20*time.Minute), p99)
		about(t, string(fidelity)+": p99 after the slow time", after, before, 0.03)
		switch fidelity {
		case Request:
			about(t, "p99 of requests", during-before, 100, 0.05)
		case Control: // a mean for all, which is half of that
			about(t, "p99 of the fluid", during-before, 50, 0.05)
		}
	}
}

// A cold cache sends every request to the database, a cold CDN every one to the
// pods.
func TestColdCaches(t *testing.T) {
	for _, fidelity := range both {
		visits := map[bool]float64{}
		n := map[bool]float64{}
		s := world(t, fixed(8), pooled, struck(Disturbance{Kind: ColdCache, At: 5 * time.Minute, For: 5 * time.Minute}))
		s.Fidelity = fidelity
		watching(t, s, func(r *run) {
			if at := r.since(); at > 0 && at%(15*time.Second) == 0 && at != 5*time.Minute && at != 10*time.Minute {
				cold := at > 5*time.Minute && at < 10*time.Minute
				visits[cold] += r.services[0].visits
				n[cold]++
			}
		})
		about(t, string(fidelity)+": visits to the database", visits[false]/n[false], 240, 0.02)
		about(t, string(fidelity)+": visits with a cold cache", visits[true]/n[true], 480, 0.02)

		s = world(t, fixed(8), struck(Disturbance{Kind: ColdCDN, At: 5 * time.Minute, For: 5 * time.Minute}))
		s.Fidelity, s.Services[0].CDNHitRatio = fidelity, 0.75
		r := replay(t, s)
		about(t, string(fidelity)+": requests per second at pods", mean(between(r, 0, 5*time.Minute), rps), 120, 0.02)
		about(t, string(fidelity)+": with a cold CDN", mean(between(r, 5*time.Minute, 10*time.Minute), rps), 480, 0.02)
		about(t, string(fidelity)+": after it", mean(between(r, 10*time.Minute, 20*time.Minute), rps), 120, 0.02)
	}
}

// An autoscaler that has forgotten its history holds what it finds for another
// window.
func TestControllerRestart(t *testing.T) {
	firstDown := func(d ...Disturbance) time.Duration {
		s := world(t, following(CPUUse), under(stepping(t, 2, 1, 5*time.Minute, 25*time.Minute)), struck(d...))
		s.Services[0].Replicas = 8
		down := time.Duration(0)
		watching(t, s, func(r *run) {
			if down == 0 && r.since() > 5*time.Minute && r.services[0].replicas < 8 {
				down = r.since() - 5*time.Minute
			}
		})
		return down
	}
	window := 5 * time.Minute
	if got := firstDown(); got < window || got > window+time.Minute {
		t.Errorf("scaled down after %s, want the window of %s and the time to see it", got, window)
	}
	restart := 4 * time.Minute
	if got := firstDown(Disturbance{Kind: ControllerRestart, At: 5*time.Minute + restart}); got < restart+window || got > restart+window+time.Minute {
		t.Errorf("after a restart scaled down after %s, want the window once more, after %s", got, restart)
	}
}

// What concerns one service leaves the requests of the others as they are, to the
// bit.
func TestDisturbancesOfOthers(t *testing.T) {
	two := func(s *Scenario) {
		other := web()
		other.Name = "api"
		other.Demand = 0
		s.Services = append(s.Services, other)
		s.Services[0].CDNHitRatio, s.Services[1].CDNHitRatio = 0.2, 0.2
		s.Load, s.Warmup = steadily(t, 1, 5*time.Minute), time.Minute
	}
	for _, fidelity := range both {
		quiet := world(t, fixed(6), two)
		quiet.Fidelity = fidelity
		calm := replay(t, quiet).Services[0]
		for _, kind := range []DisturbanceKind{Rollout, MetricsOutage, ColdCDN, ControllerRestart} {
			s := world(t, fixed(6), two, struck(Disturbance{Kind: kind, Service: "api", At: 2 * time.Minute, For: time.Minute}))
			s.Fidelity = fidelity
			if got := replay(t, s).Services[0]; got != calm {
				t.Errorf("%s: %s of api changes web from %+v to %+v", fidelity, kind, calm, got)
			}
		}
	}
}
