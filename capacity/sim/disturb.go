package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
)

// disturb brings the conditions up to now: what begins at this moment, and what
// has ended.
func (r *run) disturb() {
	for _, d := range r.Disturbances {
		if r.Warmup+d.At == r.now {
			r.strike(d)
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

// strike does what happens at once.
func (r *run) strike(d Disturbance) {
	r.tell("%s", d)
	switch d.Kind {
	case NodeLoss:
		r.happened(r.fleet.LoseNode(r.now))
	case ZoneLoss:
		r.happened(r.fleet.LoseZone(r.now, d.Zone))
	}
	for _, w := range r.concerned(d) {
		switch d.Kind {
		case Rollout:
			w.generation++
			r.reconcile(w)
		case MetricsOutage:
			w.outage = max(w.outage, r.now+d.For)
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

// What a disturbance needs: these kinds last, and these concern the whole stack.
var (
	lasting = map[DisturbanceKind]bool{MetricsOutage: true, SlowDatabase: true, ColdCache: true, ColdCDN: true}
	common  = map[DisturbanceKind]bool{NodeLoss: true, ZoneLoss: true, SlowDatabase: true}
)

// problem is what is wrong with a disturbance, empty if nothing.
func (d Disturbance) problem(s *Scenario) string {
	if !slices.Contains(DisturbanceKinds(), string(d.Kind)) {
		return fmt.Sprintf("kind = %q: unknown; known: %s", d.Kind, strings.Join(DisturbanceKinds(), ", "))
	}
	return cmp.Or(d.timeProblem(s), d.placeProblem(s), d.factorProblem(), d.targetProblem(s))
}

func (d Disturbance) timeProblem(s *Scenario) string {
	switch {
	case d.At < 0 || d.At > s.Load.Duration():
		return fmt.Sprintf("at = %s: must be within the %s of the load", d.At, s.Load.Duration())
	case d.For < 0 || d.For > load.Longest:
		return fmt.Sprintf("for = %s: must be from 0s to %s", d.For, load.Longest)
	case lasting[d.Kind] && d.For == 0:
		return fmt.Sprintf("for = %s: %s needs a duration", d.For, d.Kind)
	}
	return ""
}

// placeProblem is about what it strikes.
func (d Disturbance) placeProblem(s *Scenario) string {
	switch {
	case !slices.ContainsFunc(s.Services, d.concerns):
		return fmt.Sprintf("service = %q: no such service", d.Service)
	case common[d.Kind] && d.Service != "":
		return fmt.Sprintf("service = %q: %s concerns every service; leave it out", d.Service, d.Kind)
	case d.Kind == ZoneLoss && !slices.Contains(s.Fleet.AllZones(), d.Zone):
		return fmt.Sprintf("zone = %q: no such zone; known: %s", d.Zone, strings.Join(s.Fleet.AllZones(), ", "))
	}
	return ""
}

func (d Disturbance) concerns(v Service) bool { return d.Service == "" || d.Service == v.Name }

// targetProblem refuses what could do nothing.
func (d Disturbance) targetProblem(s *Scenario) string {
	hits := func(v Service) bool {
		switch d.Kind {
		case SlowDatabase, ColdCache:
			return v.Station.Pool != nil
		case ColdCDN:
			return v.CDNHitRatio > 0
		}
		return true
	}
	if slices.ContainsFunc(s.Services, func(v Service) bool { return d.concerns(v) && hits(v) }) {
		return ""
	}
	if d.Kind == ColdCDN {
		return "cold-cdn: no service that it concerns has a cdnHitRatio above 0"
	}
	return fmt.Sprintf("%s: no service that it concerns has a database", d.Kind)
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
