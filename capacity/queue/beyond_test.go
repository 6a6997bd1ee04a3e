package queue

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestResponseTail holds that the tail is the inverse of the quantile.
func TestResponseTail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStation(t)
		service := math.Pow(10, rapid.Float64Range(-3, 1).Draw(t, "log own service"))
		cv2 := rapid.Float64Range(0.05, 4).Draw(t, "own cv2")
		q := rapid.Float64Range(0.01, 0.9999).Draw(t, "q")
		at := s.ResponseQuantile(q, service, cv2)
		if math.IsInf(at, 1) {
			if got := s.ResponseTail(service, service, cv2); got != 1 {
				t.Fatalf("a saturated station answers the share %v in time", 1-got)
			}
			return
		}
		if got := s.ResponseTail(at, service, cv2); math.Abs(got-(1-q)) > 1e-6*(1-q) {
			t.Fatalf("tail(quantile(%v)) = %v", q, got)
		}
	})
}

func TestResponseTailEnds(t *testing.T) {
	cases := map[string]struct {
		reason    string
		got, want float64
	}{
		"Never":    {reason: "everything is answered in the end", got: mmc(4, 0.5).ResponseTail(math.Inf(1), 0.1, 1), want: 0},
		"Before":   {reason: "nothing is answered before it came", got: mmc(4, 0.5).ResponseTail(-1, 0.1, 1), want: 1},
		"Constant": {reason: "nobody is done before the constant service", got: mmc(4, 0.5).ResponseTail(0.09, 0.1, 0), want: 1},
		"Shifted":  {reason: "after it, the wait decides", got: mmc(4, 0.5).ResponseTail(0.15, 0.1, 0), want: mmc(4, 0.5).WaitTail(0.05)},
		"Nonsense": {reason: "a time that is not a number", got: mmc(4, 0.5).ResponseTail(math.NaN(), 0.1, 1), want: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if math.Abs(tc.got-tc.want) > 1e-12 {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, tc.got)
			}
		})
	}
}
