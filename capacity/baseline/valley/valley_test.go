package valley

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestLowest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1e3, 1e3).Draw(t, "low")
		high := low + rapid.Float64Range(1e-3, 1e3).Draw(t, "width")
		bottom := low + (high-low)*rapid.Float64Range(0, 1).Draw(t, "bottom")
		wall := bottom + (high-bottom)*rapid.Float64Range(0.5, 2).Draw(t, "wall")
		got := Lowest(func(x float64) float64 {
			if x > wall {
				return math.Inf(1) // where a model saturates
			}
			return math.Abs(x - bottom)
		}, low, high)
		if math.Abs(got-bottom) > 1e-6*(high-low) {
			t.Fatalf("lowest at %v, want %v", got, bottom)
		}
	})
}
