package plan

import "testing"

func TestBoughtIOPS(t *testing.T) {
	cases := map[string]struct {
		reason string
		sets   []string
		want   float64
	}{
		"small":     {"3000 are included", []string{"database.storage={gib: 399}"}, 0},
		"striped":   {"12000 are included", []string{"database.storage={gib: 400, iops: 12000}"}, 0},
		"multi-AZ":  {"8000 × 0.04 USD, for both volumes", []string{"database.storage={gib: 400, iops: 20000}"}, 320},
		"single-AZ": {"8000 × 0.02 USD", []string{"database.storage={gib: 400, iops: 20000}", "database.multiAz=false"}, 160},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := 0.0
			for _, item := range planned(t, tc.sets...).Cost.Items {
				if item.Name == "database IOPS" {
					got += item.CeilingUSD
				}
			}
			if got != tc.want {
				t.Errorf("%s: %g USD per month, want %g", tc.reason, got, tc.want)
			}
		})
	}
}
