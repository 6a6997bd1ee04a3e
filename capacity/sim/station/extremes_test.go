package station

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/queue"
)

// Whatever a configuration and the world are, a station that accepts them neither
// panics nor tells nonsense.
func TestExtremes(t *testing.T) {
	wild := rapid.OneOf(rapid.Float64Range(0, 1), rapid.Float64Range(0, 100), rapid.SampledFrom([]float64{0, 5e-324, 1e-9, 1e6, -1, math.MaxFloat64, math.Inf(1), math.NaN()}))
	tame := rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{5e-324, 1e-9, 1e-6, 100, 1e6}))
	cv2 := rapid.SampledFrom([]float64{0, 1e-9, 1e-8, 1e-3, 0.3, 1, 2, 10, 100})
	work := rapid.Custom(func(t *rapid.T) Work { return Work{tame.Draw(t, "mean"), cv2.Draw(t, "cv2")} })
	rapid.Check(t, func(t *rapid.T) {
		c := Config{
			Balancing:  rapid.SampledFrom([]queue.Policy{"", queue.RoundRobin, queue.Random, queue.LeastOutstanding}).Draw(t, "balancing"),
			Discipline: rapid.SampledFrom([]Discipline{"", FCFS, PS}).Draw(t, "discipline"),
			Servers:    rapid.IntRange(1, 20).Draw(t, "servers"), Queue: rapid.IntRange(0, 50).Draw(t, "queue"),
			CPU:    work.Draw(t, "cpu"),
			Client: Client{tame.Draw(t, "timeout"), rapid.IntRange(0, 3).Draw(t, "retries"), tame.Draw(t, "backoff")},
		}
		n := rapid.IntRange(1, 3).Draw(t, "kinds")
		for range n {
			c.Kinds = append(c.Kinds, Kind{1 / float64(n), work.Draw(t, "service"), tame.Draw(t, "promise")})
		}
		if rapid.Bool().Draw(t, "has a pool") {
			c.Pool = &Pool{rapid.IntRange(1, 5).Draw(t, "per pod"), rapid.IntRange(1, 3).Draw(t, "size"), rapid.IntRange(0, 3).Draw(t, "overflow"), tame.Draw(t, "pool timeout"), tame.Draw(t, "share"), work.Draw(t, "hold")}
		}
		s, err := New(c, rapid.Uint64().Draw(t, "seed"))
		if err != nil {
			t.Skip("refused")
		}
		now, next := 0.0, 0
		var requests, failed float64
		t.Repeat(map[string]func(*rapid.T){
			"join":  func(*rapid.T) { s.Join(next); next++ },
			"leave": func(t *rapid.T) { s.Leave(rapid.IntRange(-1, next).Draw(t, "pod")) },
			"fail":  func(t *rapid.T) { s.Fail(rapid.IntRange(-1, next).Draw(t, "pod")) },
			"reset": func(t *rapid.T) { s.Reset(); requests, failed = 0, 0 },
			"advance": func(t *rapid.T) {
				to := rapid.OneOf(rapid.Float64Range(now, now+10), rapid.SampledFrom([]float64{-1, now, math.Inf(1), math.NaN()})).Draw(t, "to")
				s.Advance(to, Conditions{rapid.OneOf(rapid.Float64Range(0, 100), rapid.SampledFrom([]float64{-1, math.NaN(), math.Inf(1)})).Draw(t, "arrival"),
					wild.Draw(t, "misses"), wild.Draw(t, "extra"), wild.Draw(t, "factor"), rapid.IntRange(-1, 10).Draw(t, "slots")})
				if to > now && !math.IsInf(to, 1) {
					now = to
				}
			},
			"take": func(t *rapid.T) {
				w := s.Take()
				requests, failed = requests+w.Requests, failed+w.Sum()
				if !(w.P99 >= 0) || !(w.PoolWait >= 0) || w.Connections < 0 || !(w.Requests >= 0) || w.Promised > w.Requests {
					t.Fatalf("window %+v", w)
				}
			},
			"": func(t *rapid.T) {
				q := s.Quantiles()
				if !(q.P50 >= 0 && q.P50 <= q.P90 && q.P90 <= q.P99 && q.P99 <= q.P999) {
					t.Fatalf("quantiles %+v", q)
				}
				if s.InFlight() < 0 || s.Connections() < 0 || math.IsNaN(s.MeanResponse()) || s.next < s.now {
					t.Fatalf("%d in flight, %d connections, mean %g, next arrival %g at %g", s.InFlight(), s.Connections(), s.MeanResponse(), s.next, s.now)
				}
				for id, open := range s.open.of {
					if open < 0 || open > c.Pool.PerPod*(c.Pool.Size+c.Pool.Overflow) {
						t.Fatalf("pod %d has %d connections, its pools %+v", id, open, *c.Pool)
					}
				}
				for id := range next {
					if cpu := s.CPU(id); !(cpu >= -1e-6*now && cpu <= float64(c.Servers)*now*(1+1e-6)+1e-9) {
						t.Fatalf("pod %d burned %g core-seconds by %g on %d servers", id, cpu, now, c.Servers)
					}
				}
			},
		})
	})
}
