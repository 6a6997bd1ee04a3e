package hpa

import (
	"math"
	"time"
)

// Limit is what kept the replicas from the stabilized recommendation; the reason
// of the condition ScalingLimited.
type Limit string

// The limits.
const (
	NoLimit         Limit = ""
	ScaleUpLimit    Limit = "ScaleUpLimit"
	ScaleDownLimit  Limit = "ScaleDownLimit"
	TooManyReplicas Limit = "TooManyReplicas"
	TooFewReplicas  Limit = "TooFewReplicas"
)

// limitFixed is the limit of an HPA without behavior: min, max, and on the way up
// the double or 4. Nothing slows the way down.
func (a *Autoscaler) limitFixed(current, desired int32) (int32, Limit) {
	most, limit := ceiling(a.max, fixedStep(current))
	switch {
	case desired < a.min:
		return a.min, TooFewReplicas
	case desired > most:
		return most, limit
	}
	return desired, NoLimit
}

func fixedStep(current int32) int32 { return int32(max(2*float64(current), 4)) }

// limit keeps the replicas within min, max and the policies.
func (a *Autoscaler) limit(now time.Duration, current, desired int32) (int32, Limit) {
	switch {
	case desired > current:
		most, limit := ceiling(a.max, max(current, a.highest(now, current)))
		if desired > most {
			return most, limit
		}
	case desired < current:
		least, limit := a.min, TooFewReplicas
		if step := min(current, a.lowest(now, current)); step > least {
			least, limit = step, ScaleDownLimit
		}
		if desired < least {
			return least, limit
		}
	}
	return desired, NoLimit
}

func ceiling(most, step int32) (int32, Limit) {
	if most > step {
		return step, ScaleUpLimit
	}
	return most, TooManyReplicas
}

// highest is the most that the scale-up policies allow, counted from what the
// replicas were at the start of each period.
func (a *Autoscaler) highest(now time.Duration, current int32) int32 {
	var most int32 = math.MinInt32
	switch a.up.choose {
	case SelectDisabled:
		return current
	case SelectMin:
		most = math.MaxInt32
	}
	for i := range a.up.policies {
		p := &a.up.policies[i]
		n := a.periodStart(now, current, p.period)
		if p.percent {
			n = ceil32(float64(n) * (1 + float64(p.value)/100))
		} else {
			n += p.value
		}
		if a.up.choose == SelectMin {
			most = min(most, n)
		} else {
			most = max(most, n)
		}
	}
	return most
}

// lowest is the least that the scale-down policies allow. The largest change is
// the smallest count.
func (a *Autoscaler) lowest(now time.Duration, current int32) int32 {
	var least int32 = math.MaxInt32
	switch a.down.choose {
	case SelectDisabled:
		return current
	case SelectMin:
		least = math.MinInt32
	}
	for i := range a.down.policies {
		p := &a.down.policies[i]
		n := a.periodStart(now, current, p.period)
		if p.percent {
			n = int32(float64(n) * (1 - float64(p.value)/100))
		} else {
			n -= p.value
		}
		if a.down.choose == SelectMin {
			least = max(least, n)
		} else {
			least = min(least, n)
		}
	}
	return least
}

func (a *Autoscaler) periodStart(now time.Duration, current int32, period time.Duration) int32 {
	return current - a.ups.sum(now, period) + a.downs.sum(now, period)
}
