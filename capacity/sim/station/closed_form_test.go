package station

import (
	"flag"
	"fmt"
	"math"
	"testing"

	"github.com/agencyos/headroom/capacity/queue"
)

var arrivals = flag.Float64("station.arrivals", 1e6, "arrivals of every comparison with a closed form; the promise of 1 % and 2 % needs 1e7")

// run serves so many requests on pods in the steady state.
func run(t testing.TB, c Config, pods int, rate, requests float64) *Station {
	t.Helper()
	s, err := New(c, 7)
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

// At 1e7 arrivals means are within 1 % of the closed form and p99 within 2 %. With
// fewer the bound grows with the standard error.
func bounds() (mean, p99 float64) {
	grow := math.Max(1, math.Sqrt(1e7 / *arrivals))
	return 0.01 * grow, 0.02 * grow
}

func TestErlang(t *testing.T) {
	mean, p99 := bounds()
	for _, servers := range []int{1, 2, 4, 8} {
		for _, rho := range []float64{0.5, 0.7, 0.8, 0.9} {
			t.Run(fmt.Sprintf("c=%d/rho=%g", servers, rho), func(t *testing.T) {
				rate := rho * float64(servers) * 20
				s := run(t, exponential(servers, 0.05), 1, rate, *arrivals)
				exact := queue.Station{Servers: servers, Arrival: rate, Service: 0.05, ArrivalCV2: 1, ServiceCV2: 1}
				within(t, "mean", s.MeanResponse(), exact.SojournMean(), mean)
				within(t, "p99", s.Quantiles().P99, exact.SojournQuantile(0.99), p99)
				t.Logf("mean %+.3f%%, p99 %+.3f%%", 100*(s.MeanResponse()/exact.SojournMean()-1), 100*(s.Quantiles().P99/exact.SojournQuantile(0.99)-1))
			})
		}
	}
}

func TestGeneralService(t *testing.T) {
	mean, _ := bounds()
	for _, cv2 := range []float64{0, 0.3, 2} {
		t.Run(fmt.Sprint(cv2), func(t *testing.T) {
			c := exponential(1, 0.05)
			c.CPU.CV2, c.Kinds[0].Service.CV2 = cv2, cv2
			s := run(t, c, 1, 14, *arrivals)
			within(t, "Pollaczek–Khinchine mean", s.MeanResponse(), 0.05+0.7*0.05/0.3*(1+cv2)/2, 1.5*mean)
		})
	}
}

// Sharing makes the mean response independent of the variability of the service.
func TestProcessorSharing(t *testing.T) {
	mean, _ := bounds()
	for _, cv2 := range []float64{0.3, 1, 2} {
		t.Run(fmt.Sprint(cv2), func(t *testing.T) {
			c := exponential(2, 0.05)
			c.Discipline, c.CPU.CV2, c.Kinds[0].Service.CV2 = PS, cv2, cv2
			s := run(t, c, 1, 28, *arrivals/2)
			exact := queue.Station{Servers: 2, Arrival: 28, Service: 0.05, ArrivalCV2: 1, ServiceCV2: 1}
			within(t, "mean", s.MeanResponse(), exact.PSMean(), 3*mean)
		})
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
