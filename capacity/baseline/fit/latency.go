package fit

import (
	"cmp"
	"math"
	"slices"

	"github.com/agencyos/headroom/capacity/baseline/valley"
)

// Model is how well one model explains the test.
type Model struct {
	Name string `json:"name"`
	// ErrorPercent is the root mean square error of p50 and p99 in the fitted steps,
	// HeldOutPercent that of the p99 in the held-out ones.
	ErrorPercent   float64 `json:"errorPercent"`
	HeldOutPercent float64 `json:"heldOutPercent"`
	// Saturated says that a step which was not saturated would be by the model; then
	// the errors are 0 and mean nothing.
	Saturated bool `json:"saturated"`

	// criterion of Akaike: the smallest is the best, +Inf is out of the question.
	criterion float64
	model     model
	service   service
}

// models are all models that can be told from the test, the best first.
func models(fitted, heldOut []Step, s Subject, cpu float64) []Model {
	base := model{servers: s.Servers, stretch: s.Stretch, cpu: cpu}
	var all []model
	add := func(name string, busy float64, parameters int) {
		m := base
		m.name, m.busy, m.parameters = name, busy, parameters
		all = append(all, m)
	}
	add(Blocking, 0, 0)
	if cpu > 0 {
		add(EventLoop, cpu*s.Stretch, 0)
		add(Sharing, cpu*s.Stretch, 0)
	}
	add(Occupancy, base.occupancy(fitted), 1)
	var out []Model
	for _, m := range all {
		out = append(out, m.rate(fitted, heldOut))
	}
	slices.SortStableFunc(out, func(a, b Model) int { return cmp.Compare(a.criterion, b.criterion) })
	return out
}

// rate fits a model and says how far off it is.
func (m model) rate(fitted, heldOut []Step) Model {
	return m.rateWith(fitted, heldOut, m.serve(fitted))
}

// rateWith is rate with a time in service that is known.
func (m model) rateWith(fitted, heldOut []Step, v service) Model {
	squares, terms := m.misfit(fitted, v)
	sum := 0.0
	for _, s := range heldOut {
		off := m.quantile(s, v, 0.99)/s.P99Millis - 1
		sum += off * off / float64(len(heldOut))
	}
	r := Model{Name: m.name, criterion: akaike(squares, terms, m.parameters), model: m, service: v}
	if math.IsInf(squares, 1) || math.IsInf(sum, 1) {
		r.Saturated = true
		return r
	}
	r.ErrorPercent, r.HeldOutPercent = 100*math.Sqrt(squares/float64(max(terms, 1))), 100*math.Sqrt(sum)
	return r
}

// better is the difference of the criterion of Akaike from which a model is clearly
// better (Burnham and Anderson 2002, section 2.6).
const better = 4

// best is the model that explains the test: of those that none is clearly better
// than, the one that plans are made with, or else the simplest.
func best(all []Model) Model {
	for _, name := range []string{EventLoop, Blocking, Sharing} {
		if m := named(all, name); m != nil && m.criterion <= all[0].criterion+better {
			return *m
		}
	}
	return all[0]
}

// occupancy is the time that a request keeps its worker which explains the steps
// best, in what the highest step allows: more of it makes every step slower.
func (m model) occupancy(steps []Step) float64 {
	m.name = Occupancy
	highest := 0.0
	for _, s := range steps {
		highest = math.Max(highest, s.AchievedRPS)
	}
	return valley.Lowest(func(busy float64) float64 {
		m.busy = busy
		squares, _ := m.misfit(steps, m.serve(steps))
		return squares
	}, 0, 0.999*1000*float64(m.servers)/highest)
}

// named is the model with a name, or nil.
func named(all []Model, name string) *Model {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}
