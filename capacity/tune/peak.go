package tune

import (
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

const (
	// longestPeak around the highest level of a trace is replayed first, and
	// request by request in the end.
	longestPeak = time.Hour
	// shortestPeak is left of it where an hour has more than mostRequests, all
	// traces together: a confirmation takes seconds, not hours.
	shortestPeak = 5 * time.Minute
	mostRequests = 15e6
)

// peaksOf are the parts of curves around their highest levels.
func peaksOf(curves []load.Curve, stack spec.Stack) ([]load.Curve, error) {
	out, err := around(curves, longestPeak)
	if err != nil {
		return nil, err
	}
	rps := 0.0
	for _, v := range stack.Services {
		rps += float64(v.PeakRPS) * (1 - v.CDNHitRatio.Ratio()) * stack.Traffic.MissAmplification
	}
	requests := rps * 3600 * area(out)
	if requests <= mostRequests {
		return out, nil
	}
	length := time.Duration(float64(longestPeak) * mostRequests / requests).Truncate(time.Minute)
	return around(curves, max(shortestPeak, length))
}

func around(curves []load.Curve, length time.Duration) ([]load.Curve, error) {
	var out []load.Curve
	for _, c := range curves {
		from := max(0, min(c.Peak()-length/2, c.Duration()-length))
		part, err := c.Between(from, from+length)
		if err != nil {
			return nil, err
		}
		out = append(out, part)
	}
	return out, nil
}

// area is the load of curves, in levels times hours.
func area(curves []load.Curve) float64 {
	sum := 0.0
	for _, c := range curves {
		cursor := c.Cursor()
		sum += cursor.Mean(0, c.Duration()) * c.Duration().Hours()
	}
	return sum
}
