//go:build linux

package promises

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/tests/cluster"
	"github.com/agencyos/headroom/tests/cluster/traffic"
)

// seeds of the simulator: each has other phases of kubelets, scrapes and syncs, and
// other chance in the gauges, as reality has. So many that reality is seldom beyond
// all of them.
const seeds = 400

// simulator plays to the control plane what simulated holds against capacity/sim: the
// same load, the same autoscaler, the same pods.
func simulator(t *testing.T, w *world) {
	for i, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			found := s.play(t, w, i)
			w.mu.Lock()
			defer w.mu.Unlock()
			w.courses = append(w.courses, found)
		})
	}
}

// course is what became of a scenario in reality.
type course struct {
	scenario
	world sim.Scenario
	real  trajectory
}

// simulated plays the scenarios on the virtual clock, and compares.
func (w *world) simulated(t *testing.T) {
	if len(w.courses) == 0 {
		return // none was asked for, or their test has failed
	}
	var all []agreement
	for _, c := range w.courses {
		all = append(all, c.judge(t, w, c.real, replay(t, c.world)))
	}
	w.table.atLeast("simulator: syncs of a scenario that it wants as well, give or take one", agreed, "%", each(all, func(a agreement) float64 { return a.syncs })...)
	period := hpa.DefaultSyncPeriod.Seconds()
	w.table.atMost("simulator: first scale-up of a scenario, beside the simulated ones", period, "s", each(all, func(a agreement) float64 { return a.first })...)
	w.table.atMost("simulator: capacity in a scenario, beside the simulated ones", period, "s", each(all, func(a agreement) float64 { return a.capacity })...)
}

// agreement is how near reality came to the simulator: the share of syncs, and
// seconds beside what it says under any phase.
type agreement struct{ syncs, first, capacity float64 }

// agreed is the least share of syncs that have to agree, in percent: one of a
// scenario's twenty may be chance.
const agreed = 90

func each(all []agreement, of func(agreement) float64) (out []float64) {
	for _, a := range all {
		out = append(out, of(a))
	}
	return out
}

// play a scenario to the control plane.
func (s scenario) play(t *testing.T, w *world, index int) course {
	world, err := w.prod.scenario("backend", s.curve)
	must(t, "scenario", err)
	s.change(&world)
	n := move(t, w.Cluster, w.prod, fmt.Sprintf("simulator-%d", index), settings{only: "backend", replicas: world.Services[0].Replicas,
		traffic: func(_ string, c *traffic.Config) { c.Level, c.NoCPU = s.curve.Start(), !reads(world, sim.CPUUse) },
		object: func(o *unstructured.Unstructured) {
			switch o.GetKind() {
			case "HorizontalPodAutoscaler":
				_ = unstructured.SetNestedMap(o.Object, autoscaler(w, world.Services[0]), "spec") // an HPA has that path
			case "Deployment":
				_ = unstructured.SetNestedField(o.Object, int64(world.Services[0].MinReady/time.Second), "spec", "minReadySeconds") // a Deployment has that path
			}
		}})
	must(t, "backend", n.settled(t.Context(), "backend"))
	must(t, "the steady state", wait(t.Context(), s.settle))
	return course{s, world, n.live(t.Context(), t, s, world)}
}

// trajectory is what a scenario led to: replicas that were wanted over time, when
// they first rose and when the pods for the highest load were Ready, after the load
// first rose: -1 for never, 0 where it does not rise.
type trajectory struct {
	replicas        cluster.Steps
	began           time.Time
	first, capacity float64
}

func (t trajectory) at(d time.Duration) int { return t.replicas.At(t.began.Add(d)) }

// live plays the scenario to the control plane.
func (n *tenant) live(ctx context.Context, t *testing.T, s scenario, world sim.Scenario) trajectory {
	began := n.of("backend").Play(s.curve)
	for _, d := range world.Disturbances {
		must(t, "a disturbance", wait(ctx, time.Until(began.Add(d.At))))
		switch d.Kind {
		case sim.Rollout:
			must(t, "rollout", n.roll(ctx, "backend"))
		case sim.MetricsOutage:
			n.of("backend").Silence(true)
			must(t, "the outage", wait(ctx, d.For))
			n.of("backend").Silence(false)
		default:
			t.Fatalf("%s is not played", d.Kind)
		}
	}
	must(t, "the end", wait(ctx, time.Until(began.Add(s.curve.Duration()))))
	out := trajectory{replicas: n.steps("backend", cluster.Replicas), began: began}
	rise, rises := s.curve.FirstRise()
	if !rises {
		return out
	}
	out.first, out.capacity = -1, -1
	start := began.Add(rise)
	if at, ok := out.replicas.Above(out.replicas.At(start), start); ok {
		out.first = at.Sub(start).Seconds()
	}
	v := world.Services[0]
	needed := int(math.Ceil(s.curve.Max()*v.PeakRPS*(1-v.CDNHitRatio)*v.MissAmplification/v.SafeRPS - 1e-9))
	if at, ok := n.steps("backend", cluster.Ready).Reached(needed, start); ok {
		out.capacity = at.Sub(start).Seconds()
	}
	return out
}

// replay runs the scenario on the virtual clock, once for each seed.
func replay(t *testing.T, world sim.Scenario) []trajectory {
	var all []uint64
	for seed := range uint64(seeds) {
		all = append(all, seed+1)
	}
	results, err := sim.Replicate(t.Context(), world, all, runtime.GOMAXPROCS(0), nil)
	must(t, "simulating", err)
	var out []trajectory
	for _, r := range results {
		began := time.Unix(0, 0)
		v := trajectory{began: began, first: r.Services[0].FirstScaleSeconds, capacity: r.Services[0].CapacitySeconds, replicas: cluster.Steps{{At: began.Add(-time.Hour), N: world.Services[0].Replicas}}}
		for _, e := range r.Events {
			var before, after int
			if _, what, ok := strings.Cut(e.What, "backend: "); ok {
				if _, err := fmt.Sscanf(what, "%d → %d replicas", &before, &after); err == nil {
					if len(v.replicas) == 1 {
						v.replicas[0].N = before
					}
					v.replicas = append(v.replicas, cluster.Step{At: began.Add(e.At), N: after})
				}
			}
		}
		out = append(out, v)
	}
	return out
}

// judge compares sync by sync: what reality wants must be what the simulator wants
// under some phase, give or take one sync period.
func (s scenario) judge(t *testing.T, w *world, real trajectory, simulated []trajectory) agreement {
	syncs, within := 0, 0
	var course []string
	for at := time.Duration(0); at <= s.curve.Duration(); at += hpa.DefaultSyncPeriod {
		syncs++
		least, most := math.MaxInt, 0
		for _, v := range simulated {
			for _, shift := range []time.Duration{-hpa.DefaultSyncPeriod, 0, hpa.DefaultSyncPeriod} {
				least, most = min(least, v.at(at+shift)), max(most, v.at(at+shift))
			}
		}
		if n := real.at(at); n >= least && n <= most {
			within++
		} else {
			t.Logf("%s after %s: %d replicas, simulated %d to %d", s.name, at, n, least, most)
		}
		if n := fmt.Sprint(real.at(at)); len(course) == 0 || course[len(course)-1] != n {
			course = append(course, n)
		}
	}
	share := 100 * float64(within) / float64(syncs)
	first, capacity := figure(simulated, func(v trajectory) float64 { return v.first }), figure(simulated, func(v trajectory) float64 { return v.capacity })
	found := agreement{share, first.off(real.first), capacity.off(real.capacity)}
	if period := hpa.DefaultSyncPeriod.Seconds(); found.syncs < agreed || found.first > period || found.capacity > period {
		t.Errorf("%s: %.0f%% of %d syncs are what the simulator wants, the first scale-up is %.0f s and the capacity %.0f s beside what it says", s.name, share, syncs, found.first, found.capacity)
	}
	w.table.compared(fmt.Sprintf("| %s | %s | %d | %.0f %% | %s, %s | %s, %s |", s.name, strings.Join(course, " → "), syncs, share, seconds(real.first), first, seconds(real.capacity), capacity))
	return found
}

// span are the figures of all seeds.
type span struct{ least, most float64 }

func figure(all []trajectory, of func(trajectory) float64) span {
	s := span{math.Inf(1), math.Inf(-1)}
	for _, v := range all {
		x := of(v)
		if x < 0 {
			x = math.Inf(1)
		}
		s = span{min(s.least, x), max(s.most, x)}
	}
	return s
}

// off is how far a figure lies beside the span; never is infinitely late.
func (s span) off(x float64) float64 {
	if x < 0 {
		x = math.Inf(1)
	}
	if x >= s.least && x <= s.most {
		return 0
	}
	return max(s.least-x, x-s.most)
}

func (s span) String() string {
	if math.IsInf(s.least, 1) {
		return "never"
	}
	if math.IsInf(s.most, 1) {
		return fmt.Sprintf("%.0f to never", s.least)
	}
	return fmt.Sprintf("%.0f to %.0f", s.least, s.most)
}

func seconds(s float64) string {
	if s < 0 {
		return "never"
	}
	return fmt.Sprintf("%.0f", s)
}
