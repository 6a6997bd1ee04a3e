package sim

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// summary of runs with one service, each with a p99.
func summary(p99 ...float64) Summary {
	s := Summary{Limits: Limits{Services: []ServiceLimits{{Name: "backend", PromisedP99Ms: 200, MaxReplicas: 9}}}}
	for i, x := range p99 {
		s.Runs = append(s.Runs, Result{Seed: uint64(i + 1), Duration: 1000 * time.Second, Services: []ServiceResult{{Name: "backend", Requests: 1000, P99Ms: x}}})
	}
	return s
}

func TestOver(t *testing.T) {
	cases := map[string]struct {
		reason string
		p99    []float64
		want   Estimate
	}{
		"None":     {"no run says nothing", nil, Estimate{}},
		"One":      {"one run has no spread", []float64{112}, Estimate{Mean: 112}},
		"Equal":    {"nor have equal ones", []float64{112, 112, 112}, Estimate{Mean: 112}},
		"Two":      {"t of one degree of freedom is 12.706", []float64{100, 102}, Estimate{Mean: 101, Within: 12.706}},
		"Five":     {"t of four is 2.776, deviation √2.5, ÷ √5", []float64{1, 2, 3, 4, 5}, Estimate{Mean: 3, Within: 2.776 * math.Sqrt(2.5/5)}},
		"Infinite": {"one infinite run makes the mean infinite", []float64{100, -1, 100}, Estimate{Mean: -1}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := summary(tc.p99...).OverService(0, func(r ServiceResult) float64 { return r.P99Ms })
			if math.Abs(got.Mean-tc.want.Mean) > 1e-9 || math.Abs(got.Within-tc.want.Within) > 2e-3*(1+tc.want.Within) {
				t.Errorf("%s: %+v, want %+v", tc.reason, got, tc.want)
			}
		})
	}
}

// 95% intervals hold the true mean 95 times of 100: of 4000 samples of a normal
// distribution, within four standard deviations of the count.
func TestIntervalCovers(t *testing.T) {
	const samples = 4000
	random := rand.New(rand.NewPCG(1, 2))
	for _, seeds := range []int{2, 5, 30} {
		held := 0.0
		for range samples {
			xs := make([]float64, seeds)
			for i := range xs {
				xs[i] = 1000 + random.NormFloat64()
			}
			e := summary(xs...).OverService(0, func(r ServiceResult) float64 { return r.P99Ms })
			if math.Abs(e.Mean-1000) <= e.Within {
				held++
			}
		}
		if share := held / samples; math.Abs(share-0.95) > 4*math.Sqrt(0.95*0.05/samples) {
			t.Errorf("%d seeds: %.3f of the intervals hold the mean, want 0.95", seeds, share)
		}
	}
}

func TestVerdicts(t *testing.T) {
	broke := func(change func(s *Summary)) Summary {
		s := summary(112, 150)
		s.Limits.TriggerSeconds, s.Limits.FailedPercent, s.Limits.UsableConnections, s.Limits.BudgetUSDPerHour = 60, 0.1, 100, 5
		change(&s)
		return s
	}
	last := func(s *Summary) *Result { return &s.Runs[len(s.Runs)-1] }
	cases := map[string]struct {
		reason string
		in     Summary
		want   []string // those broken
	}{
		"Kept":        {"everything within its limit", broke(func(*Summary) {}), nil},
		"P99":         {"the worst run counts", broke(func(s *Summary) { last(s).Services[0].P99Ms = 201 }), []string{"backend: p99 201 ms, promised 200 ms: BROKEN"}},
		"AtLimit":     {"the limit itself is kept", broke(func(s *Summary) { last(s).Services[0].P99Ms = 200 }), nil},
		"Infinite":    {"-1 is worse than any", broke(func(s *Summary) { s.Runs[0].Services[0].P99Ms = -1 }), []string{"backend: p99 none (over 1% failed), promised 200 ms: BROKEN"}},
		"Late":        {"one percent of 1000 s may be chance", broke(func(s *Summary) { last(s).Services[0].ViolationSeconds = 15 }), []string{"backend: late for 15 s, where chance excuses 10 s: BROKEN"}},
		"Chance":      {"and is no more", broke(func(s *Summary) { last(s).Services[0].ViolationSeconds = 10 }), nil},
		"Failed":      {"all causes together", broke(func(s *Summary) { last(s).Services[0].Failures = station.Failures{Dropped: 3, Lost: 2} }), []string{"backend: 0.5% failed, promised at most 0.1%: BROKEN"}},
		"Trigger":     {"no decision is none in time", broke(func(s *Summary) { last(s).Services[0].TriggerSeconds = -1 }), []string{"backend: decision to scale up never, promised 60 s: BROKEN"}},
		"Connections": {"one too many", broke(func(s *Summary) { last(s).Connections = 101 }), []string{"database: 101 connections that pods could open, usable 100 connections: BROKEN"}},
		"Cost":        {"the most expensive moment", broke(func(s *Summary) { last(s).PeakUSDPerHour = 5.5 }), []string{"stack: $5.50 an hour at most, budget $5.00 an hour: BROKEN"}},
		"Partly": {"routes without a promise may be slow", broke(func(s *Summary) {
			s.Limits.Services[0].Partly, last(s).Services[0].P99Ms = true, 900
		}), nil},
		"Nothing": {"a limit of 0 is no promise", broke(func(s *Summary) {
			s.Limits = Limits{Services: []ServiceLimits{{Name: "backend"}}}
			r := last(s)
			r.Connections, r.PeakUSDPerHour = 999, 999
			r.Services[0] = ServiceResult{P99Ms: -1, ViolationSeconds: 999, TriggerSeconds: -1}
		}), nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, v := range tc.in.Broken() {
				got = append(got, v.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
	if got := len(broke(func(*Summary) {}).Verdicts()); got != 6 {
		t.Errorf("%d verdicts, want one per promise", got)
	}
}

func TestWorst(t *testing.T) {
	late := summary(100, 900, 100)
	late.Runs[2].Services[0].ViolationSeconds = 1
	for name, tc := range map[string]struct {
		reason string
		in     Summary
		want   int
	}{
		"Late":     {"broken promises count first", late, 2},
		"P99":      {"then the p99", summary(100, 300, 200), 1},
		"Infinite": {"-1 is the highest", summary(100, -1, 9000), 1},
		"Equal":    {"the first of equals", summary(100, 100), 0},
		"None":     {"none is no panic", summary(), 0},
	} {
		if got := tc.in.Worst(); got != tc.want {
			t.Errorf("%s: %s: Worst() = %d, want %d", name, tc.reason, got, tc.want)
		}
	}
}

func TestFidelitySaysWhatItLeaves(t *testing.T) {
	if r, c := len(Request.Leaves()), len(Control.Leaves()); c != r+1 {
		t.Errorf("request leaves out %d things and control %d, want one more: requests are a fluid there", r, c)
	}
}
