package queue

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// slack is the relative error that an inequality of exact answers may show.
const slack = 1e-9

func atMost(a, b float64) bool { return a <= b || a <= b*(1+slack) }

func drawStation(t *rapid.T) Station {
	c := rapid.IntRange(1, 300).Draw(t, "servers")
	service := math.Pow(10, rapid.Float64Range(-5, 3).Draw(t, "log service"))
	rho := rapid.Float64Range(0, 1.05).Draw(t, "rho")
	return Station{
		Servers: c, Service: service, Arrival: rho * float64(c) / service,
		ArrivalCV2: rapid.Float64Range(0, 8).Draw(t, "ca2"), ServiceCV2: rapid.Float64Range(0, 8).Draw(t, "cs2"),
	}
}

// answers are all times of a station, by name, for comparing two stations.
func answers(s Station, q float64) map[string]float64 {
	return map[string]float64{
		"MeanWait": s.MeanWait(), "WaitQuantile": s.WaitQuantile(q), "WaitProbability": s.WaitProbability(),
		"SojournMean": s.SojournMean(), "SojournQuantile": s.SojournQuantile(q), "PSMean": s.PSMean(),
		"SojournTail": s.SojournTail(2 * s.Service), "WaitTail": s.WaitTail(s.Service),
	}
}

func requireAtMost(t *rapid.T, why string, better, worse map[string]float64) {
	for name, b := range better {
		if !atMost(b, worse[name]) {
			t.Fatalf("%s: %s is %.15g against %.15g", why, name, b, worse[name])
		}
	}
}

func TestNeverNaN(t *testing.T) {
	wild := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, -1, 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}), rapid.Float64Range(0, 100))
	rapid.Check(t, func(t *rapid.T) {
		s := Station{Servers: rapid.OneOf(rapid.IntRange(-2, 5000), rapid.Int()).Draw(t, "servers"), Arrival: wild.Draw(t, "arrival"),
			Service: wild.Draw(t, "service"), ArrivalCV2: wild.Draw(t, "ca2"), ServiceCV2: wild.Draw(t, "cs2")}
		q, x := wild.Draw(t, "q"), wild.Draw(t, "t")
		all := answers(s, q)
		all["Utilization"] = s.Utilization()
		all["SojournTailAt"], all["WaitTailAt"] = s.SojournTail(x), s.WaitTail(x)
		all["MaxUtilization"] = MaxUtilization(s.Servers, s.Service, s.ServiceCV2, q, x)
		all["SmallestServers"] = float64(SmallestServers(s.Arrival, s.Service, s.ServiceCV2, q, x))
		all["ResponseQuantile"] = s.ResponseQuantile(q, x, wild.Draw(t, "cv2"))
		all["Pods"] = Pods(Random, s.Servers, 4, s.Arrival, s.Service, s.ArrivalCV2, s.ServiceCV2).SojournQuantile(q)
		for name, v := range all {
			if math.IsNaN(v) || v < 0 {
				t.Fatalf("%s of %+v at q=%v t=%v is %v", name, s, q, x, v)
			}
		}
	})
}

func TestSaturatedIsInfinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStation(t)
		s.Arrival = float64(s.Servers) / s.Service * rapid.Float64Range(1.0001, 50).Draw(t, "overload")
		if s.MeanWait() != math.Inf(1) || s.WaitQuantile(0.5) != math.Inf(1) || s.SojournQuantile(0.5) != math.Inf(1) || s.SojournTail(1e9) != 1 {
			t.Fatalf("a saturated station answers %v", answers(s, 0.5))
		}
	})
}

func TestMonotoneInLoad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		busy, q := drawStation(t), rapid.Float64Range(0.5, 0.9999).Draw(t, "q")
		calm := busy
		calm.Arrival *= rapid.Float64Range(0, 1).Draw(t, "share")
		requireAtMost(t, "less load is never worse", answers(calm, q), answers(busy, q))
	})
}

func TestMonotoneInServers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		few, q := drawStation(t), rapid.Float64Range(0.5, 0.9999).Draw(t, "q")
		many := few
		many.Servers += rapid.IntRange(1, 50).Draw(t, "more")
		requireAtMost(t, "more servers are never worse", answers(many, q), answers(few, q))
	})
}

func TestQuantilesAreOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStation(t)
		q := rapid.Float64Range(0.01, 0.9999).Draw(t, "q")
		higher := q + (0.99999-q)*rapid.Float64Range(0, 1).Draw(t, "step")
		if !atMost(s.WaitQuantile(q), s.SojournQuantile(q)) {
			t.Fatalf("wait p%v %v above response %v", 100*q, s.WaitQuantile(q), s.SojournQuantile(q))
		}
		requireAtMost(t, "a higher share takes longer", answers(s, q), answers(s, higher))
	})
}

func TestPoolingIsTheOptimisticBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, pods := drawStation(t), rapid.IntRange(1, 40).Draw(t, "pods")
		s.ArrivalCV2 = rapid.Float64Range(0, 1).Draw(t, "ca2 up to 1")
		workers, q := rapid.IntRange(1, 8).Draw(t, "workers"), rapid.Float64Range(0.5, 0.9999).Draw(t, "q")
		rate := rapid.Float64Range(0, 0.9999).Draw(t, "load") * float64(pods*workers) / s.Service
		at := func(p Policy) Station {
			return Pods(p, pods, workers, rate, s.Service, s.ArrivalCV2, s.ServiceCV2)
		}
		requireAtMost(t, "least outstanding against random", answers(at(LeastOutstanding), q), answers(at(Random), q))
		requireAtMost(t, "random against round robin", answers(at(Random), q), answers(at(RoundRobin), q))
	})
}

func TestMaxUtilizationIsTight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, cs2 := rapid.IntRange(1, 64).Draw(t, "servers"), rapid.Float64Range(0, 4).Draw(t, "cs2")
		limit := rapid.Float64Range(0.01, 2).Draw(t, "limit")
		at := func(rho float64) float64 {
			return Station{c, rho * float64(c) / 0.05, 0.05, 1, cs2}.SojournQuantile(0.99)
		}
		rho := MaxUtilization(c, 0.05, cs2, 0.99, limit)
		if rho < 0 || rho >= 1 || (rho > 0 && at(rho) > limit) || at(rho+1e-6) <= limit && rho+1e-6 < 1 {
			t.Fatalf("ρ* = %v: p99 %v, just above it %v, limit %v", rho, at(rho), at(rho+1e-6), limit)
		}
	})
}

func TestSmallestServersIsTight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arrival, cs2 := rapid.Float64Range(0, 5000).Draw(t, "arrival"), rapid.Float64Range(0, 4).Draw(t, "cs2")
		wait, q := rapid.Float64Range(0, 0.2).Draw(t, "wait"), rapid.Float64Range(0.5, 0.9999).Draw(t, "q")
		at := func(c int) float64 { return Station{c, arrival, 0.02, 1, cs2}.WaitQuantile(q) }
		c := SmallestServers(arrival, 0.02, cs2, q, wait)
		if c < 1 || at(c) > wait || c > 1 && at(c-1) <= wait {
			t.Fatalf("c = %d: waits %v, with one less %v, limit %v", c, at(c), at(c-1), wait)
		}
	})
}
