package chart

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Ticks are round numbers from 0 to top or the next one above it, about n of them
// above 0.
func Ticks(top float64, n int) []float64 {
	if !(top > 0) || math.IsInf(top, 1) {
		return []float64{0, 1}
	}
	step := round(top / float64(n))
	out := []float64{0}
	for i := 1; out[len(out)-1] < top*(1-1e-9); i++ {
		out = append(out, step*float64(i))
	}
	return out
}

// round is the smallest of 1, 2, 2.5 and 5 times a power of ten that is no less.
func round(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if f*power >= x*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

// Compact is a number that fits beside an axis.
func Compact(x float64) string {
	switch {
	case x >= 1e6:
		return trim(x/1e6) + "M"
	case x >= 1e5:
		return fmt.Sprintf("%.0fk", x/1e3)
	case x >= 1e4:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", x/1e3), ".0") + "k"
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	}
	return trim(x)
}

func trim(x float64) string {
	text := fmt.Sprintf("%.2f", x)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// steps of a time axis.
var steps = []time.Duration{
	5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour,
}

// TimeTicks are round moments of a run, at most n of them after the start;
// positions are percent from the left.
func TimeTicks(length time.Duration, n int) []Label {
	if length <= 0 {
		return nil
	}
	step := steps[len(steps)-1]
	for i := len(steps) - 1; i >= 0 && length/steps[i] <= time.Duration(n); i-- {
		step = steps[i]
	}
	var out []Label
	for at := time.Duration(0); at <= length; at += step {
		share := float64(at) / float64(length)
		out = append(out, Label{At: 100 * share, Text: moment(at, step), Y: Width * share})
	}
	return out
}

// moment in the unit of the steps.
func moment(at, step time.Duration) string {
	switch {
	case at == 0:
		return "0"
	case step < time.Minute:
		return fmt.Sprintf("%.0f s", at.Seconds())
	case step < time.Hour:
		return fmt.Sprintf("%.0f min", at.Minutes())
	case step < 24*time.Hour:
		return fmt.Sprintf("%.0f h", at.Hours())
	}
	return fmt.Sprintf("day %.0f", at.Hours()/24)
}
