package draft_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/discover"
	"github.com/agencyos/headroom/capacity/draft"
	"github.com/agencyos/headroom/capacity/spec"
)

func TestFromLive(t *testing.T) {
	web := discover.Found{Name: "web", Service: spec.Service{Mode: spec.External, Port: 80, Workers: 3},
		Open: []discover.Open{{Path: "services.web.peakRps", Why: "nobody knows"}, {Path: "services.web.port", Why: "one of two"}}}
	api := discover.Found{Name: "api", Service: spec.Service{Mode: spec.External, Port: 8000}}
	for name, tc := range map[string]struct {
		reason string
		stated []draft.Service
		found  []discover.Found
		want   []string
		left   string
		err    string
	}{
		"Both":    {"in the order in which they were stated", []draft.Service{{Name: "web", PeakRPS: 1}, {Name: "api", PeakRPS: 2}}, []discover.Found{api, web}, []string{"web 80 3 services.web.port: one of two", "api 8000 0 "}, "", ""},
		"Some":    {"one without a peak is left out", []draft.Service{{Name: "web", PeakRPS: 1}}, []discover.Found{api, web}, []string{"web 80 3 services.web.port: one of two"}, "api", ""},
		"Only":    {"the only one needs no name", []draft.Service{{Name: "backend", PeakRPS: 1}}, []discover.Found{web}, []string{"web 80 3 services.web.port: one of two"}, "", ""},
		"Unknown": {"what does not run cannot be taken over", []draft.Service{{Name: "other", PeakRPS: 1}, {Name: "web", PeakRPS: 1}}, []discover.Found{api, web}, nil, "", "peak-rps = other: no such service runs there; these do: api, web"},
		"None":    {"the peak is what everything follows from", nil, []discover.Found{api, web}, nil, "", "these run there: api, web"},
	} {
		t.Run(name, func(t *testing.T) {
			services, left, err := draft.FromLive(tc.stated, tc.found)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("%s: error %v, want %q", tc.reason, err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range services {
				got = append(got, strings.Join([]string{s.Name, strconv.Itoa(s.Port), strconv.Itoa(s.Workers), strings.Join(s.Open, "; ")}, " "))
				if s.Live == nil {
					t.Errorf("%s has nothing of what runs", s.Name)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || strings.Join(left, " ") != tc.left {
				t.Errorf("%s: left %v (-want +got):\n%s", tc.reason, left, diff)
			}
		})
	}
}

func TestFromARN(t *testing.T) {
	got := draft.FromARN(spec.Cluster{Region: "eu-west-1"}, "arn:aws:eks:us-east-1:111122223333:cluster/shop")
	if diff := cmp.Diff(spec.Cluster{Name: "shop", Region: "eu-west-1", Account: "111122223333"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, other := range []string{"", "kind-shop", "me@shop.us-east-1.eksctl.io", "arn:aws:eks:us-east-1:1", "arn:aws:eks:us-east-1:111122223333:nodegroup/shop"} {
		if diff := cmp.Diff(spec.Cluster{}, draft.FromARN(spec.Cluster{}, other)); diff != "" {
			t.Errorf("%q says nothing of a cluster:\n%s", other, diff)
		}
	}
}
