package catalog

import "testing"

func TestControlPlane(t *testing.T) {
	cases := map[string]struct {
		reason, version string
		want            float64
		ends            string
	}{
		"before the list": {"it was over long ago", "1.29", 0.6, ""},
		"ended":           {"in July 2026", "1.33", 0.6, "2026-07-29"},
		"about to end":    {"a week after the day of the prices", "1.34", 0.1, "2026-12-02"},
		"current":         {"in 2027", "1.35", 0.1, "2027-03-27"},
		"after the list":  {"a newer one ends later", "1.36", 0.1, ""},
		"none":            {"an external cluster need not say", "", 0.1, ""},
	}
	for name, tc := range cases {
		if got, ends := ControlPlane(tc.version); *got.USD != tc.want || ends != tc.ends {
			t.Errorf("%s: %s: %g USD per hour until %q, want %g until %q", name, tc.reason, *got.USD, ends, tc.want, tc.ends)
		}
	}
}
