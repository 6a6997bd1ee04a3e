package station

import (
	"flag"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/agencyos/headroom/capacity/queue"
)

var arrivals = flag.Float64("station.arrivals", 5e5, "arrivals of every comparison with a closed form; from 1e7 on means are held to 1 % and p99 to 2 %")

// run serves so many requests on pods in the steady state. Every rate has a seed
// of its own: under one seed all cases would err to the same side.
func run(t testing.TB, c Config, pods int, rate, requests float64) *Station {
	t.Helper()
	s, err := New(c, uint64(rate))
	if err != nil {
		t.Fatal(err)
	}
	for id := range pods {
		s.Join(id)
	}
	conditions := Conditions{Arrival: rate, HoldFactor: 1}
	if c.Pool != nil {
		conditions.MissShare = c.Pool.Share
	}
	warm := 0.05 * requests / rate
	s.Advance(warm, conditions)
	s.Take()
	s.Reset()
	s.Advance(warm+requests/rate, conditions)
	return s
}

// exponential work with the same service time: the station of the textbooks.
func exponential(servers int, mean float64) Config {
	w := Work{Mean: mean, CV2: 1}
	return Config{Servers: servers, CPU: w, Kinds: []Kind{{Share: 1, Service: w}}, Balancing: queue.Random}
}

func within(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if !(math.Abs(got-want) <= share*want) {
		t.Errorf("%s = %.6g, closed form %.6g: off by %.2f%%, want at most %.2f%%", what, got, want, 100*math.Abs(got/want-1), 100*share)
	}
}

// estimate is a statistic of a run and its standard error by batch means.
type estimate struct{ value, deviation float64 }

// batches is how many stretches of a run are taken for independent.
const batches = 20

// measured are mean and p99 of a run that is longer than waits are correlated: for
// a time that grows with 1/(1-ρ)², so that the run at 90 % load is four times as
// long as that at 80 %.
func measured(t *testing.T, c Config, rate float64) (mean, p99 estimate) {
	n := *arrivals
	if left := 1 - rate*c.CPU.Mean/float64(c.Servers); left < 0.2 {
		n *= 0.04 / (left * left)
	}
	s := run(t, c, 1, rate, 0.05*n)
	var means, quantiles [batches]float64
	s.Reset()
	for i := range batches {
		s.Advance(s.now+n/batches/rate, s.Conditions)
		means[i] = s.window.sum / float64(s.window.responses.total)
		quantiles[i] = s.Take().P99
	}
	_, spread := stat.MeanStdDev(means[:], nil)
	mean = estimate{s.MeanResponse(), spread / math.Sqrt(batches)}
	_, spread = stat.MeanStdDev(quantiles[:], nil)
	return mean, estimate{s.Quantiles().P99, spread / math.Sqrt(batches)}
}

// agree wants an estimate within four standard errors of the closed form, and, of
// 1e7 arrivals, within the promised share as well.
func (e estimate) agree(t *testing.T, what string, want, promised float64) {
	t.Helper()
	t.Logf("%s %.4f ms, closed form %.4f: %+.2f%% ± %.2f%%", what, 1000*e.value, 1000*want, 100*(e.value/want-1), 100*e.deviation/want)
	within(t, what, e.value, want, 4*e.deviation/want)
	if *arrivals >= 1e7 {
		within(t, what, e.value, want, promised)
	}
}

// bounds are for means and p99 of comparisons that say how much they forgive: 1 %
// and 2 % at 1e7 arrivals, and as much more as the standard error is larger.
func bounds() (mean, p99 float64) {
	grow := max(1, math.Sqrt(1e7 / *arrivals))
	return 0.01 * grow, 0.02 * grow
}

func TestErlang(t *testing.T) {
	for _, servers := range []int{1, 2, 4, 8} {
		for _, rho := range []float64{0.5, 0.7, 0.8, 0.9} {
			t.Run(fmt.Sprintf("c=%d/rho=%g", servers, rho), func(t *testing.T) {
				rate := rho * float64(servers) * 20
				mean, p99 := measured(t, exponential(servers, 0.05), rate)
				exact := queue.Station{Servers: servers, Arrival: rate, Service: 0.05, ArrivalCV2: 1, ServiceCV2: 1}
				mean.agree(t, "mean", exact.SojournMean(), 0.01)
				p99.agree(t, "p99", exact.SojournQuantile(0.99), 0.02)
			})
		}
	}
}

func TestGeneralService(t *testing.T) {
	for _, cv2 := range []float64{0, 0.3, 2} {
		t.Run(fmt.Sprint(cv2), func(t *testing.T) {
			c := exponential(1, 0.05)
			c.CPU.CV2, c.Kinds[0].Service.CV2 = cv2, cv2
			mean, _ := measured(t, c, 14)
			mean.agree(t, "Pollaczek–Khinchine mean", 0.05+0.7*0.05/0.3*(1+cv2)/2, 0.01)
		})
	}
}

// Sharing makes the mean response independent of the variability of the service.
func TestProcessorSharing(t *testing.T) {
	for _, servers := range []int{1, 2} {
		for _, cv2 := range []float64{0.3, 1, 2} {
			t.Run(fmt.Sprintf("m=%d/cv2=%g", servers, cv2), func(t *testing.T) {
				c := exponential(servers, 0.05)
				c.Discipline, c.CPU.CV2, c.Kinds[0].Service.CV2 = PS, cv2, cv2
				rate := 14 * float64(servers)
				mean, _ := measured(t, c, rate)
				exact := queue.Station{Servers: servers, Arrival: rate, Service: 0.05, ArrivalCV2: 1, ServiceCV2: 1}
				mean.agree(t, "mean", exact.PSMean(), 0.01)
			})
		}
	}
}

// The balancers lie where package queue says: turns and chance at or below a queue
// of its own for every pod, the fewest outstanding above one pool for all.
func TestBalancers(t *testing.T) {
	p99 := map[queue.Policy]float64{}
	for _, policy := range []queue.Policy{queue.Random, queue.RoundRobin, queue.LeastOutstanding} {
		c := exponential(4, 0.05)
		c.Balancing = policy
		p99[policy] = run(t, c, 20, 1280, *arrivals).Quantiles().P99
	}
	alone := queue.Pods(queue.Random, 20, 4, 1280, 0.05, 1, 1).SojournQuantile(0.99)
	pooled := queue.Pods(queue.LeastOutstanding, 20, 4, 1280, 0.05, 1, 1).SojournQuantile(0.99)
	_, bound := bounds()
	within(t, "random", p99[queue.Random], alone, bound)
	if p99[queue.RoundRobin] > alone {
		t.Errorf("round robin %.4f: want at most that of separate queues, %.4f", p99[queue.RoundRobin], alone)
	}
	if got := p99[queue.LeastOutstanding]; got < pooled*(1-bound) || got > p99[queue.RoundRobin] {
		t.Errorf("least outstanding %.4f: want between the pool's %.4f and round robin's %.4f", got, pooled, p99[queue.RoundRobin])
	}
}

// Many turns at once are nearly chance: the waits lie below those of chance, and
// far above those of a single turn for all, which is D/M/c-like.
func TestTurnsAreNearlyChance(t *testing.T) {
	wait := map[queue.Policy]float64{}
	for _, policy := range []queue.Policy{queue.Random, queue.RoundRobin} {
		c := exponential(2, 0.05)
		c.Balancing = policy
		wait[policy] = run(t, c, 8, 0.7*8*2*20, *arrivals/2).MeanResponse() - 0.05
	}
	if share := wait[queue.RoundRobin] / wait[queue.Random]; share < 0.55 || share > 0.85 {
		t.Errorf("behind turns requests wait %.2f of what they wait behind chance; want about 0.7", share)
	}
}

// A pool is a queue of its own.
func TestPoolWait(t *testing.T) {
	c := exponential(64, 0.0001)
	c.Kinds[0].Service = Work{Mean: 0.0001, CV2: 0}
	c.CPU.CV2 = 0
	c.Pool = &Pool{PerPod: 1, Size: 3, Timeout: 100, Share: 1, Hold: Work{Mean: 0.02, CV2: 1}}
	s := run(t, c, 1, 120, *arrivals/2)
	exact := queue.Station{Servers: 3, Arrival: 120, Service: 0.02, ArrivalCV2: 1, ServiceCV2: 1}
	mean, p99 := bounds()
	within(t, "mean wait", s.MeanResponse()-0.0001, exact.MeanWait(), 2*mean)
	within(t, "p99 wait", s.Take().PoolWait, exact.WaitQuantile(0.99), 2*p99)
}
