package flow

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// product is a service like those of a real stack.
func product() station.Config {
	return station.Config{
		Servers: 2, CPU: station.Work{Mean: 0.0075, CV2: 0.6}, Balancing: queue.Random, Client: station.Client{Timeout: 10},
		Kinds: []station.Kind{
			{Share: 0.7, Service: station.Work{Mean: 0.024, CV2: 0.6}, Promise: 0.1},
			{Share: 0.3, Service: station.Work{Mean: 0.015, CV2: 0.6}},
		},
		Pool: &station.Pool{PerPod: 2, Size: 2, Overflow: 1, Timeout: 5, Share: 0.4, Hold: station.Work{Mean: 0.009, CV2: 1.2}},
	}
}

// plane is what both fidelities offer.
type plane interface {
	Join(int)
	Leave(int)
	Advance(float64, station.Conditions)
	Take() station.Window
	Reset()
	Quantiles() station.Quantiles
	InFlight() int
	CPU(int) float64
}

func both(t testing.TB, c station.Config) map[string]plane {
	t.Helper()
	fluid, err := New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	single, err := station.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]plane{"fluid": fluid, "requests": single}
}

// In a steady state the fluid says what single requests do.
func TestAgreesInSteadyState(t *testing.T) {
	for _, rho := range []float64{0.2, 0.4, 0.6, 0.75, 0.85} {
		t.Run(fmt.Sprint(rho), func(t *testing.T) {
			const pods = 4
			rate := rho * pods * 2 / 0.0075
			got := map[string]station.Quantiles{}
			flight, broken, cpu := map[string]float64{}, map[string]float64{}, map[string]float64{}
			spread, noise := map[string]float64{}, map[string]float64{}
			for name, p := range both(t, product()) {
				c := station.Conditions{Arrival: rate, MissShare: 0.4, HoldFactor: 1}
				for id := range pods {
					p.Join(id)
				}
				p.Advance(60, c)
				p.Take()
				p.Reset()
				const reads = 1000
				var counts, burned [reads]float64
				before := 0.0
				for i := range reads {
					p.Advance(60+float64(i+1), c)
					counts[i] = float64(p.InFlight())
					now := 0.0
					for id := range pods {
						now += p.CPU(id)
					}
					burned[i], before = now-before, now
				}
				flight[name], spread[name] = stat.MeanStdDev(counts[:], nil)
				_, noise[name] = stat.MeanStdDev(burned[1:], nil)
				w := p.Take()
				broken[name] = w.Broken / w.Promised
				cpu[name] = p.CPU(0) / (60 + reads)
				got[name] = p.Quantiles()
			}
			near(t, "p50", got["fluid"].P50, got["requests"].P50, 0.02)
			near(t, "p90", got["fluid"].P90, got["requests"].P90, 0.03)
			near(t, "p99", got["fluid"].P99, got["requests"].P99, 0.05)
			near(t, "p99.9", got["fluid"].P999, got["requests"].P999, 0.15)
			near(t, "in flight", flight["fluid"], flight["requests"], 0.05)
			near(t, "deviation of those in flight", spread["fluid"], spread["requests"], 0.15)
			near(t, "deviation of the CPU of a second", noise["fluid"], noise["requests"], 0.15)
			near(t, "CPU", cpu["fluid"], cpu["requests"], 0.02)
			if math.Abs(broken["fluid"]-broken["requests"]) > 0.1*broken["requests"]+5e-4 {
				t.Errorf("broken promises: fluid %.5f, requests %.5f", broken["fluid"], broken["requests"])
			}
		})
	}
}

func near(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if !(math.Abs(got-want) <= share*want) {
		t.Errorf("%s: fluid %.5g, requests %.5g: off by %.1f%%, want at most %.0f%%", what, got, want, 100*math.Abs(got/want-1), 100*share)
	}
}

// An overload of a minute builds the same backlog, breaks about as many promises
// and is worked off in about the same time.
func TestAgreesInOverload(t *testing.T) {
	const pods = 4
	full := float64(pods) * 2 / 0.0075
	worst, broken, failed := map[string]float64{}, map[string]float64{}, map[string]float64{}
	c := product()
	c.Client.Timeout = 0
	for name, p := range both(t, c) {
		for id := range pods {
			p.Join(id)
		}
		for second := range 300 {
			rate := 0.5 * full
			if second >= 60 && second < 90 {
				rate = 1.2 * full
			}
			p.Advance(float64(second+1), station.Conditions{Arrival: rate, MissShare: 0.4, HoldFactor: 1})
			w := p.Take()
			worst[name] = math.Max(worst[name], w.P99)
			broken[name] += w.Broken
			failed[name] += w.Sum()
		}
	}
	near(t, "worst p99", worst["fluid"], worst["requests"], 0.10)
	near(t, "broken promises", broken["fluid"], broken["requests"], 0.10)
	if failed["fluid"] != 0 || failed["requests"] != 0 {
		t.Errorf("failures %v: want none, nobody gives up", failed)
	}
}

// Pods that join during an overload start without a backlog, and the others keep
// theirs: the same share of requests is late, for as long, as among single ones.
func TestNewPodsHaveNoBacklog(t *testing.T) {
	const few, many = 4, 12
	full := float64(few) * 2 / 0.0075
	c := product()
	c.Client.Timeout = 0
	late := map[string][]float64{}
	for name, p := range both(t, c) {
		for id := range few {
			p.Join(id)
		}
		for second := range 100 {
			rate := 0.5 * full
			if second >= 30 {
				rate = 1.6 * full
			}
			if second == 50 {
				for id := few; id < many; id++ {
					p.Join(id)
				}
			}
			p.Advance(float64(second+1), station.Conditions{Arrival: rate, MissShare: 0.4, HoldFactor: 1})
			w := p.Take()
			late[name] = append(late[name], w.Broken/w.Promised)
		}
	}
	for second, want := range late["requests"] {
		// 12 s of work, at a load of 1.6 on a third of the pods, last for 26 s.
		if got := late["fluid"][second]; math.Abs(got-want) > 0.1 && second != 30 && (second < 70 || second > 82) {
			t.Errorf("second %d: %.2f of the promised requests are late in the fluid and %.2f of single ones", second, got, want)
		}
	}
	if a, b := late["fluid"][60], late["requests"][60]; a < 0.3 || a > 0.4 || b < 0.3 || b > 0.4 {
		t.Errorf("after the pods have joined %.2f and %.2f are late, want the third at the old pods", a, b)
	}
}
