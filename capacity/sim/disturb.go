package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// disturb brings the conditions up to now: what begins at this moment, and what
// has ended.
func (r *run) disturb() {
	for _, d := range r.Disturbances {
		if r.Warmup+d.At == r.now {
			r.begin(d)
		}
	}
	r.slow = 1
	for _, w := range r.services {
		w.cdnHits = w.CDNHitRatio
		if w.Station.Pool != nil {
			w.missing = w.Station.Pool.Share
		}
	}
	for _, d := range r.Disturbances {
		if from := r.Warmup + d.At; r.now >= from && r.now < from+d.For {
			r.hold(d)
		}
	}
}

// hold applies what lasts.
func (r *run) hold(d Disturbance) {
	if d.Kind == SlowDatabase {
		r.slow *= d.Factor
	}
	for _, w := range r.concerned(d) {
		switch {
		case d.Kind == ColdCDN:
			w.cdnHits = 0
		case d.Kind == ColdCache && w.Station.Pool != nil:
			w.missing = 1
		}
	}
}

// begin does what happens at once.
func (r *run) begin(d Disturbance) {
	r.tell("%s", d)
	switch d.Kind {
	case NodeLoss:
		r.happened(r.fleet.LoseNode(r.now))
	case ZoneLoss:
		r.happened(r.fleet.LoseZone(r.now, d.Zone))
	case MetricsOutage:
		r.outage = max(r.outage, r.now+d.For)
	}
	for _, w := range r.concerned(d) {
		switch d.Kind {
		case Rollout:
			w.generation++
			r.reconcile(w)
		case ControllerRestart:
			w.scaler.Forget()
		}
	}
}

func (r *run) concerned(d Disturbance) []*workload {
	if d.Service == "" {
		return r.services
	}
	for _, w := range r.services {
		if w.Name == d.Service {
			return []*workload{w}
		}
	}
	return nil
}

// String is the disturbance in words.
func (d Disturbance) String() string {
	words := []string{strings.ReplaceAll(string(d.Kind), "-", " ")}
	if d.Service != "" {
		words = append(words, "of "+d.Service)
	}
	if d.Zone != "" {
		words = append(words, d.Zone)
	}
	if d.Factor != 0 {
		words = append(words, fmt.Sprintf("by %g", d.Factor))
	}
	if d.For > 0 {
		words = append(words, "for "+d.For.Round(time.Second).String())
	}
	return strings.Join(words, " ")
}

// lasting are the kinds that have a duration.
var lasting = map[DisturbanceKind]bool{MetricsOutage: true, SlowDatabase: true, ColdCache: true, ColdCDN: true}

// problem is what is wrong with a disturbance, empty if nothing.
func (d Disturbance) problem(s *Scenario) string {
	known := slices.Contains(DisturbanceKinds(), string(d.Kind))
	named := func(v Service) bool { return d.Service == "" || d.Service == v.Name }
	switch {
	case !known:
		return fmt.Sprintf("kind = %q: unknown; known: %s", d.Kind, strings.Join(DisturbanceKinds(), ", "))
	case d.At < 0 || d.At > s.Load.Duration():
		return fmt.Sprintf("at = %s: must be within the %s of the load", d.At, s.Load.Duration())
	case lasting[d.Kind] && d.For <= 0:
		return fmt.Sprintf("for = %s: %s needs a duration", d.For, d.Kind)
	case d.Kind == ZoneLoss && d.Zone == "":
		return "zone: must name the zone that is lost"
	case !slices.ContainsFunc(s.Services, named):
		return fmt.Sprintf("service = %q: no such service", d.Service)
	}
	return d.factorProblem()
}

// factorProblem refuses NaN as well.
func (d Disturbance) factorProblem() string {
	if d.Kind == SlowDatabase && !(d.Factor >= 1 && d.Factor <= 1e6) {
		return fmt.Sprintf("factor = %g: must be from 1 to 1e6", d.Factor)
	}
	return ""
}

// DisturbanceKinds are all kinds, in the order of the documentation.
func DisturbanceKinds() []string {
	var out []string
	for _, k := range []DisturbanceKind{Rollout, NodeLoss, ZoneLoss, MetricsOutage, SlowDatabase, ColdCache, ColdCDN, ControllerRestart} {
		out = append(out, string(k))
	}
	return out
}
