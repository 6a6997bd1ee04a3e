package drift

import (
	"strconv"
	"strings"
	"time"
)

// rule says whether what runs is as good as what was proven.
type rule func(want, have string) bool

func (e Expectation) holds(have string) bool {
	if have == e.Want {
		return true
	}
	if e.rule == nil {
		return number(same)(e.Want, have)
	}
	return e.rule(e.Want, have)
}

func same(want, have float64) bool { return want == have }

// atLeast lets a limit be higher than proven, atMost lower.
var (
	atLeast = number(func(want, have float64) bool { return have >= want })
	atMost  = number(func(want, have float64) bool { return have <= want })
)

// number compares what both sides spell as a number, a share or a duration, such
// as "0.1", "25%" or "15s"; anything else differs.
func number(holds func(want, have float64) bool) rule {
	return func(want, have string) bool {
		w, okWant := figure(want)
		h, okHave := figure(have)
		return okWant && okHave && holds(w, h)
	}
}

func figure(text string) (float64, bool) {
	if d, err := time.ParseDuration(text); err == nil {
		return d.Seconds(), true
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return n, err == nil
}
