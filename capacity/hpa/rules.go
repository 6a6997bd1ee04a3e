package hpa

import "time"

// rules are the Rules of one direction with every default filled in.
type rules struct {
	window    time.Duration
	choose    Select
	policies  []policy
	longest   time.Duration // the longest period of a policy
	tolerance float64
}

type policy struct {
	percent bool
	value   int32
	period  time.Duration
}

// The defaults of pkg/apis/autoscaling/v2/defaults.go, 1.36.0. The scale-up
// window is 0 and the scale-down window the cluster's.
var (
	defaultScaleUp   = []Policy{{ByPods, 4, 15}, {ByPercent, 100, 15}}
	defaultScaleDown = []Policy{{ByPercent, 100, 15}}
)

func fill(r *Rules, s *Settings, window time.Duration, policies []Policy) rules {
	if r == nil {
		r = &Rules{}
	}
	f := rules{window: window, choose: SelectMax, tolerance: s.Tolerance}
	if r.WindowSeconds != nil {
		f.window = seconds(*r.WindowSeconds)
	}
	if r.Select != "" {
		f.choose = r.Select
	}
	if r.Policies != nil {
		policies = r.Policies
	}
	for _, p := range policies {
		period := seconds(p.PeriodSeconds)
		f.policies = append(f.policies, policy{percent: p.Type == ByPercent, value: p.Value, period: period})
		f.longest = max(f.longest, period)
	}
	if r.Tolerance != nil && s.ConfigurableTolerance {
		f.tolerance = *r.Tolerance
	}
	return f
}

func seconds(n int32) time.Duration { return time.Duration(n) * time.Second }
