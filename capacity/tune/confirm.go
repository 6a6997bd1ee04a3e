package tune

import (
	"context"
	"math"

	"github.com/agencyos/headroom/capacity/confirm"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
)

// confirmSeeds are the replays of a confirmation.
const confirmSeeds = 3

// Confirmation is what the peaks of all traces came to request by request: the
// worst of its seeds.
type Confirmation struct {
	// Seeds of the replays, and Minutes that each of them lasts.
	Seeds   int     `json:"seeds"`
	Minutes float64 `json:"minutes"`
	// Holds says whether the SLO holds on the traces when their peaks are taken
	// from these replays.
	Holds bool `json:"holds"`
	// BrokenShare as in Score, with the peaks from these replays.
	BrokenShare float64 `json:"brokenShare"`
	// Services by name: violation seconds and failed share on the whole traces,
	// p99 at the peaks.
	Services map[string]ServiceScore `json:"services"`
}

// P99Ms is that of the slowest service.
func (c Confirmation) P99Ms() float64 { return Score{Services: c.Services}.P99Ms() }

// ViolationSeconds of all services.
func (c Confirmation) ViolationSeconds() float64 {
	return Score{Services: c.Services}.ViolationSeconds()
}

// confirmed is the confirmation of a configuration, which is replayed once.
func (s *search) confirmed(ctx context.Context, c config) (Confirmation, error) {
	if known, ok := s.confirmations[c.key()]; ok {
		return known, nil
	}
	out, err := s.confirm(ctx, c)
	if err == nil {
		s.confirmations[c.key()] = out
	}
	return out, err
}

// confirm replays the peaks of a configuration request by request.
func (s *search) confirm(ctx context.Context, c config) (Confirmation, error) {
	out := Confirmation{Seeds: confirmSeeds, Minutes: 60 * hours(s.peaks), Holds: true, Services: map[string]ServiceScore{}}
	whole, err := s.one(ctx, c)
	if err != nil {
		return out, err
	}
	fluid, err := s.score(c, onlyPeak)
	if err != nil {
		return out, err
	}
	runs, err := s.requests(ctx, c)
	if err != nil {
		return out, err
	}
	for _, results := range runs {
		got := exchange(whole, fluid, sum(results))
		out.BrokenShare = math.Max(out.BrokenShare, got.BrokenShare)
		for name, v := range got.Services {
			out.Services[name] = worst(out.Services[name], v)
		}
	}
	out.Holds = out.BrokenShare <= s.budget
	return out, nil
}

// requests are the replays of all peaks, by seed.
func (s *search) requests(ctx context.Context, c config) ([][]sim.Result, error) {
	stack := s.with(c)
	p, err := plan.New(stack, s.base, plan.Options{Today: s.today, Lean: true})
	if err != nil {
		return nil, err
	}
	var seeds []uint64
	for i := range confirmSeeds {
		seeds = append(seeds, s.seed+uint64(i)+1)
	}
	out := make([][]sim.Result, len(seeds))
	for _, curve := range s.peaks {
		scenario, err := confirm.Scenario(stack, s.base, p, curve)
		if err != nil {
			return nil, err
		}
		scenario.Fidelity = sim.Request
		results, err := sim.Replicate(ctx, scenario, seeds, s.workers, nil)
		if err != nil {
			return nil, err
		}
		for i, r := range results {
			out[i] = append(out[i], r)
		}
	}
	return out, nil
}

// exchange is the score of the whole traces with their peaks taken from another
// replay.
func exchange(whole, fluid, peaks Score) Score {
	out := whole
	out.Services = map[string]ServiceScore{}
	for name, v := range whole.Services {
		was, is := fluid.Services[name], peaks.Services[name]
		v.ViolationSeconds = math.Max(0, v.ViolationSeconds-was.ViolationSeconds) + is.ViolationSeconds
		v.failed = math.Max(0, v.failed-was.failed) + is.failed
		v.P99Ms, v.PeakReplicas = is.P99Ms, max(v.PeakReplicas, is.PeakReplicas)
		out.Services[name] = v
	}
	out.judge()
	return out
}

// worst is the larger of each figure.
func worst(a, b ServiceScore) ServiceScore {
	a.ViolationSeconds = math.Max(a.ViolationSeconds, b.ViolationSeconds)
	a.FailedShare = math.Max(a.FailedShare, b.FailedShare)
	a.P99Ms = worse(a.P99Ms, b.P99Ms)
	a.PeakReplicas = max(a.PeakReplicas, b.PeakReplicas)
	return a
}
