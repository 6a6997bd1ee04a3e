package baseline

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Verdict of a comparison.
type Verdict string

// The verdicts.
const (
	Same   Verdict = "same"
	Better Verdict = "better"
	Worse  Verdict = "WORSE"
)

// Difference between a stored and a measured figure.
type Difference struct {
	// Path under the service, such as cpuMillis, or p99 at 120 rps.
	Path     string  `json:"path"`
	Stored   float64 `json:"stored"`
	Measured float64 `json:"measured"`
	// Noise is the difference that chance may explain; 0 where the verdict does not
	// follow from it.
	Noise   float64 `json:"noise,omitempty"`
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"`
}

// The statistics of a comparison.
const (
	// falseAlarms is the chance that any of the figures of a service that did not
	// change is called worse or better, shared among them (Bonferroni).
	falseAlarms = 0.01
	// material is the relative difference below which nobody cares: two runs of one
	// image on one machine differ by as much.
	material = 0.02
	// materialP99 is the same for a p99 at one load.
	materialP99 = 0.05
	// unknownNoise is taken for a figure whose error nobody knows.
	unknownNoise = 0.10
	// sameLoad is the relative difference within which two steps are at one load.
	sameLoad = 0.02
)

// Compare a measured service with the stored one. A figure is worse where the
// difference is more than chance explains: for the costs of a request, by the
// standard errors of both; for the p99 at a load, where the intervals do not touch;
// for the knee, where a load broke that was carried before.
func Compare(stored, measured Service) []Difference {
	out := []Difference{knee(stored, measured)}
	costs := costsOf(measured)
	olds := costsOf(stored)
	z := distuv.UnitNormal.Quantile(1 - falseAlarms/2/float64(max(1, len(costs))))
	for _, path := range slices.Sorted(maps.Keys(costs)) {
		if old, ok := olds[path]; ok {
			out = append(out, cost(path, old, costs[path], stored.Fit.stdErr(path), measured.Fit.stdErr(path), z))
		}
	}
	return append(out, latencies(stored.Fit, measured.Fit)...)
}

// costsOf a service are the figures of which more is worse.
func costsOf(s Service) map[string]float64 {
	out := map[string]float64{}
	add := func(path string, value float64) {
		if value > 0 {
			out[path] = value
		}
	}
	add("cpuMillis", s.CPUMillis)
	add("serviceMillis", s.ServiceMillis)
	add("memoryMiB", s.MemoryMiB)
	for key, r := range s.Routes {
		add(RoutePath("", key)[1:]+".serviceMillis", r.ServiceMillis)
	}
	return out
}

// stdErr of a figure; 0 is unknown.
func (f *Fit) stdErr(path string) float64 {
	if f == nil {
		return 0
	}
	return f.StdErr[path]
}

func cost(path string, old, now, oldErr, nowErr, z float64) Difference {
	d := Difference{Path: path, Stored: old, Measured: now, Verdict: Same}
	if oldErr == 0 || nowErr == 0 {
		d.Noise, d.Why = unknownNoise*old, "10% is taken for noise that nobody measured"
	} else {
		d.Noise, d.Why = math.Max(material*old, z*math.Hypot(oldErr, nowErr)), fmt.Sprintf("%.2g standard errors of both, at least 2%%", z)
	}
	switch {
	case now-old > d.Noise:
		d.Verdict = Worse
	case old-now > d.Noise:
		d.Verdict = Better
	}
	return d
}

// knee compares by what broke, not by the difference: steps are coarser than noise.
func knee(stored, measured Service) Difference {
	d := Difference{Path: "kneeRps", Stored: stored.KneeRPS, Measured: measured.KneeRPS, Verdict: Same, Why: "no load broke that was carried, and none was carried that broke"}
	if now := measured.Fit; now != nil && now.Knee.HighRPS > 0 && now.Knee.HighRPS <= stored.KneeRPS*(1+sameLoad) {
		d.Verdict, d.Why = Worse, fmt.Sprintf("%.4g rps broke %s, and %.4g were carried", now.Knee.HighRPS, now.Knee.Criterion, stored.KneeRPS)
	}
	if old := stored.Fit; old != nil && old.Knee.HighRPS > 0 && measured.KneeRPS >= old.Knee.HighRPS*(1-sameLoad) {
		d.Verdict, d.Why = Better, fmt.Sprintf("%.4g rps broke %s, and now are carried", old.Knee.HighRPS, old.Knee.Criterion)
	}
	return d
}

// latencies compares the p99 of steps at the same load that were not broken before.
func latencies(stored, measured *Fit) []Difference {
	if stored == nil || measured == nil {
		return nil
	}
	var out []Difference
	for _, old := range stored.Steps {
		i := slices.IndexFunc(measured.Steps, func(s Step) bool { return math.Abs(s.OfferedRPS-old.OfferedRPS) <= sameLoad*old.OfferedRPS })
		if len(old.Broken) > 0 || i < 0 {
			continue
		}
		now := measured.Steps[i]
		if old.P99HighMillis == 0 || now.P99HighMillis == 0 {
			continue
		}
		d := Difference{Path: fmt.Sprintf("p99 at %.4g rps", old.OfferedRPS), Stored: old.P99Millis, Measured: now.P99Millis, Verdict: Same,
			Why: fmt.Sprintf("95%% intervals %.4g–%.4g and %.4g–%.4g ms", old.P99LowMillis, old.P99HighMillis, now.P99LowMillis, now.P99HighMillis)}
		switch {
		case now.P99LowMillis > old.P99HighMillis && now.P99Millis > (1+materialP99)*old.P99Millis:
			d.Verdict = Worse
		case now.P99HighMillis < old.P99LowMillis && old.P99Millis > (1+materialP99)*now.P99Millis:
			d.Verdict = Better
		}
		out = append(out, d)
	}
	return out
}
