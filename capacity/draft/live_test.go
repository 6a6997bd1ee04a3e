package draft_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

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

// TestPoolOfNobody: a service that is said to use no database has no pool, whatever
// its processes are told.
func TestPoolOfNobody(t *testing.T) {
	live := draft.Service{Name: "api", PeakRPS: 10, Port: 80, Workers: 1, Live: &spec.Service{Mode: spec.External, Port: 80, Workers: 1, Pool: &spec.Pool{Size: new(7)}}}
	stateless := live
	stateless.Stateless = true
	for name, tc := range map[string]struct {
		answers draft.Answers
		pool    bool
	}{
		"Stated":    {draft.Answers{Services: []draft.Service{live}}, true},
		"None":      {draft.Answers{Services: []draft.Service{live}, Database: draft.None}, false},
		"Stateless": {draft.Answers{Services: []draft.Service{stateless}}, false},
	} {
		tc.answers.Stack, tc.answers.Cluster.Context = "shop", "kind"
		d, err := draft.New(tc.answers, nil, time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if strings.Contains(string(d.File), "pool:\n        size: 7\n") != tc.pool {
			t.Errorf("%s: want a pool %v:\n%s", name, tc.pool, d.File)
		}
	}
	if live.Live.Pool == nil {
		t.Error("the answers were changed")
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
