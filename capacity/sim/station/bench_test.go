package station

import (
	"testing"

	"github.com/agencyos/headroom/capacity/queue"
)

// product is a service like those of a real stack: three routes, two workers, a
// pool for each.
func product() Config {
	return Config{
		Servers: 2, CPU: Work{Mean: 0.0075, CV2: 0.6}, Balancing: queue.RoundRobin, Client: Client{Timeout: 60},
		Kinds: []Kind{{0.55, Work{0.024, 0.6}, 0.2}, {0.30, Work{0.015, 0.6}, 0.2}, {0.15, Work{0.030, 0.6}, 0.2}},
		Pool:  &Pool{PerPod: 2, Size: 2, Overflow: 1, Timeout: 5, Share: 0.4, Hold: Work{0.009, 1.2}},
	}
}

func BenchmarkAdvance(b *testing.B) {
	cases := map[string]func(*Config){
		"fcfs":             func(*Config) {},
		"leastOutstanding": func(c *Config) { c.Balancing = queue.LeastOutstanding },
		"ps":               func(c *Config) { c.Discipline = PS },
	}
	for name, change := range cases {
		b.Run(name, func(b *testing.B) {
			c := product()
			change(&c)
			s := run(b, c, 12, 1500, 1e5)
			conditions := Conditions{Arrival: 1500, MissShare: 0.4, HoldFactor: 1}
			at := s.now
			before := s.Arrived()
			b.ReportAllocs()
			for b.Loop() {
				at += 10
				s.Advance(at, conditions)
			}
			b.ReportMetric((s.Arrived()-before)/b.Elapsed().Seconds()/1e6, "Mrequests/s")
		})
	}
}
