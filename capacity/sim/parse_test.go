package sim

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseDisturbance(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   Disturbance
		rule   string
	}{
		"Moment":     {"at once, of every service", "rollout@5m", Disturbance{Kind: Rollout, At: 5 * time.Minute}, ""},
		"Service":    {"of one", "rollout:express-api@90s", Disturbance{Kind: Rollout, At: 90 * time.Second, Service: "express-api"}, ""},
		"Lasting":    {"for a while", "cold-cache@1h+2m30s", Disturbance{Kind: ColdCache, At: time.Hour, For: 150 * time.Second}, ""},
		"Factor":     {"by so much", "slow-database@5m+2m×3", Disturbance{Kind: SlowDatabase, At: 5 * time.Minute, For: 2 * time.Minute, Factor: 3}, ""},
		"Ascii":      {"with the x of a keyboard", "slow-database@5m+2mx1.5", Disturbance{Kind: SlowDatabase, At: 5 * time.Minute, For: 2 * time.Minute, Factor: 1.5}, ""},
		"Zone":       {"a zone stands where a service would", "zone-loss:us-east-1a@5m", Disturbance{Kind: ZoneLoss, At: 5 * time.Minute, Zone: "us-east-1a"}, ""},
		"Kind":       {"close to one", "node-lost@5m", Disturbance{}, `no such kind; did you mean "node-loss"?`},
		"NoTime":     {"a moment is needed", "rollout", Disturbance{}, "must be kind[:service]@time"},
		"Empty":      {"so is everything else", "", Disturbance{}, "must be kind[:service]@time"},
		"Time":       {"a duration with its unit", "rollout@5", Disturbance{}, `time "5" must be a duration such as 5m`},
		"Duration":   {"above 0", "cold-cdn@5m+0s", Disturbance{}, `duration "0s" must be one above 0s`},
		"NaN":        {"a number", "slow-database@5m+2m×NaN", Disturbance{}, `factor "NaN" must be a number above 0`},
		"NoDuration": {"the simulator says that it needs one", "slow-database@5m×3", Disturbance{Kind: SlowDatabase, At: 5 * time.Minute, Factor: 3}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ParseDisturbance(tc.text)
			if (err == nil) != (tc.rule == "") || err != nil && !strings.HasPrefix(err.Error(), tc.rule) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.rule)
			}
			if diff := cmp.Diff(tc.want, got); err == nil && diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// Nothing that a person types panics, and what is accepted means something.
func FuzzParseDisturbance(f *testing.F) {
	for _, text := range []string{"rollout@5m", "slow-database:a@5m+2m×3", "zone-loss:@", "@+×", "rollout@-5m", "rollout@5m+9999999h×1e309"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDisturbance(text)
		if err == nil && (d.Kind == "" || d.For < 0 || d.Factor < 0 || math.IsNaN(d.Factor)) {
			t.Errorf("%q is accepted as %+v", text, d)
		}
	})
}
