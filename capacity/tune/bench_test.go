package tune

import (
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
)

// A whole search of prod on the traces of a stack without any: a day of 24 h that
// peaks at five times today's peak, and the ramp to it.
func BenchmarkSearch(b *testing.B) {
	stack, base := committed(b, "prod")
	tried := 0
	for b.Loop() {
		r, err := Run(b.Context(), stack, base, Options{Budget: 1000, Seed: 1, Workers: 2, Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			b.Fatal(err)
		}
		tried += r.Tried
	}
	b.ReportMetric(60*float64(tried)/b.Elapsed().Seconds(), "configurations/min")
}

// Every configuration replayed for a whole day, without the halving that spares
// most of them.
func BenchmarkDays(b *testing.B) {
	stack, base := committed(b, "prod")
	day, err := load.Of(load.DiurnalShape, 5, 0)
	if err != nil {
		b.Fatal(err)
	}
	o, err := Options{Traces: []Trace{{"day", day}}, Seed: 1, Workers: 2, Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)}.withDefaults(stack)
	if err != nil {
		b.Fatal(err)
	}
	s, err := newSearch(stack, base, o)
	if err != nil {
		b.Fatal(err)
	}
	var configs []config
	for _, t := range s.trials(1 << 20) {
		if c := s.turn(s.standing(), t.knob, t.choice); s.valid(c) {
			configs = append(configs, c)
		}
	}
	replayed := 0
	for b.Loop() {
		s.memo = map[string]Score{}
		scores, err := s.all(b.Context(), configs, everything)
		if err != nil {
			b.Fatal(err)
		}
		for _, score := range scores {
			if score.Feasible() {
				replayed++
			}
		}
	}
	b.ReportMetric(60*float64(replayed)/b.Elapsed().Seconds(), "configurations/min")
}
