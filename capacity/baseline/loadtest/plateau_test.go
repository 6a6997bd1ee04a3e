package loadtest

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat/distuv"
)

// stairs are counts per second: of users at random, or on the beat.
func stairs(random bool, rates ...float64) []float64 {
	source := rand.New(rand.NewPCG(2, 2))
	var out []float64
	carry := 0.0
	for _, rate := range rates {
		for range 30 {
			if random {
				out = append(out, distuv.Poisson{Lambda: rate, Src: source}.Rand())
				continue
			}
			carry += rate
			whole := float64(int(carry))
			out, carry = append(out, whole), carry-whole
		}
	}
	return out
}

func TestPlateaus(t *testing.T) {
	cases := map[string]struct {
		reason string
		counts []float64
		want   [][2]int
	}{
		"Empty":    {reason: "nothing has no plateau", counts: nil, want: nil},
		"One":      {reason: "a constant rate is one", counts: stairs(true, 50), want: [][2]int{{0, 30}}},
		"Random":   {reason: "users at random, steps of 30 %", counts: stairs(true, 60, 80, 104), want: [][2]int{{0, 30}, {30, 60}, {60, 90}}},
		"Even":     {reason: "on the beat even small steps show", counts: stairs(false, 100.3, 104.3), want: [][2]int{{0, 30}, {30, 60}}},
		"UpAndOff": {reason: "a pause is a plateau at 0", counts: stairs(true, 80, 0, 80), want: [][2]int{{0, 30}, {30, 60}, {60, 90}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := plateaus(tc.counts)
			if len(got) != len(tc.want) {
				t.Fatalf("%s: plateaus %v, want %v", tc.reason, got, tc.want)
			}
			for i := range got {
				for end := range 2 {
					if d := got[i][end] - tc.want[i][end]; d < -1 || d > 1 {
						t.Errorf("%s\n-want, +got:\n%s", tc.reason, cmp.Diff(tc.want, got))
					}
				}
			}
		})
	}
}

// A part of nine hours that changes all the time is split in seconds.
func BenchmarkPlateaus(b *testing.B) {
	counts := make([]float64, mostBins)
	for i := range counts {
		counts[i] = float64(i % 60)
	}
	for b.Loop() {
		plateaus(counts)
	}
}

func TestRamping(t *testing.T) {
	ramp := make([]float64, 60)
	for i := range ramp {
		ramp[i] = 50 + float64(i)
	}
	if !ramping(ramp) {
		t.Error("a rate that doubles in a minute is no plateau")
	}
	if ramping(stairs(true, 50)) || ramping(stairs(false, 50)) || ramping(nil) {
		t.Error("a constant rate is no ramp")
	}
}
