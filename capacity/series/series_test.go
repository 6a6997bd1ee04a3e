package series

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

var stack = spec.Stack{Cluster: spec.Cluster{Namespace: "shop"}}

func TestSelectors(t *testing.T) {
	s := Of(stack)
	exporter := &spec.Exporter{Labels: map[string]string{"namespace": "data", "job": "pg"}}
	cases := map[string]struct{ reason, got, want string }{
		"Service":    {"the monitor's labels", s.Service("up", "api"), `up{namespace="shop",service="api"}`},
		"More":       {"with matchers of its own", s.Service("up", "api", Is("a", `b"c`)), `up{namespace="shop",service="api",a="b\"c"}`},
		"Namespace":  {"objects of the namespace", s.Namespace("kube_pod_info"), `kube_pod_info{namespace="shop"}`},
		"Exporter":   {"labels in order", s.From(exporter, "pg_up"), `pg_up{job="pg",namespace="data"}`},
		"Alone":      {"nothing to match", Select("up"), "up"},
		"Bucket":     {"as every client writes it", Ends(200 * time.Millisecond), `le="0.2"`},
		"WholeSec":   {"1 or 1.0", Ends(time.Second), `le=~"1(\\.0)?"`},
		"SmallSec":   {"exponents are no whole numbers", Ends(time.Microsecond), `le="1e-06"`},
		"Rate":       {"a counter", Rate("a_total", time.Hour), "rate(a_total[1h])"},
		"Increase":   {"a counter", Increase("a_total", 90*time.Second), "increase(a_total[90s])"},
		"Total":      {"counts of a minute each", Total("a", time.Hour), "sum_over_time(a[1h])"},
		"Mean":       {"of a gauge", Mean("a", time.Hour), "avg_over_time(a[1h])"},
		"Sum":        {"over all", Sum("a"), "sum(a)"},
		"SumBy":      {"by labels", Sum("a", "b", "c"), "sum by (b,c) (a)"},
		"Days":       {"the largest unit", Window(72 * time.Hour), "3d"},
		"Minutes":    {"of those that measure it", Window(90 * time.Minute), "90m"},
		"Fraction":   {"down to milliseconds", Window(1500 * time.Millisecond), "1500ms"},
		"Number":     {"shortest form", Number(0.1), "0.1"},
		"LargeWhole": {"no exponent that a person cannot read", Number(821), "821"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestPodNames(t *testing.T) {
	pattern := regexp.MustCompile("^(?:" + PodNames("api") + ")$")
	for name, want := range map[string]bool{
		"api-7d9f8c6b5d-x2x9k": true, "api-5d4f8-abcde": false, "api-worker-7d9f8c6b5d-x2x9k": false,
		"api": false, "xapi-7d9f8c6b5d-x2x9k": false, "api-7d9f8c6b5d-x2x9k-y": false,
	} {
		if got := pattern.MatchString(name); got != want {
			t.Errorf("pod %s of Deployment api: %v, want %v", name, got, want)
		}
	}
}
