package rules

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"

	"github.com/agencyos/headroom/capacity/adapter"
	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// leads are the metrics that may lead.
var leads = []spec.Metric{spec.InFlight, spec.RequestRate}

// led is prod with one metric in the lead of both services.
func led(t *testing.T, lead spec.Metric) (spec.Stack, plan.Plan) {
	t.Helper()
	return plantest.Committed(t, "prod", "services.backend.autoscaling="+fmt.Sprintf("{metric: %s}", lead), "services.frontend.autoscaling="+fmt.Sprintf("{metric: %s}", lead))
}

// exported is what so many pods of a service expose at a load in all, in the
// shape of the application: per route, and per process of a pod.
func exported(s spec.Stack, service string, pods int, rps, inFlight float64, minutes int) string {
	var out strings.Builder
	v := s.Services[service]
	for pod := range pods {
		for _, route := range v.Routes {
			share := route.Share.Ratio() / float64(pods)
			labels := fmt.Sprintf(`namespace=%q,service=%q,pod="p%d",method=%q,handler=%q`, s.Cluster.Namespace, service, pod, route.Method, route.Path)
			fmt.Fprintf(&out, "  %s{%s,status=\"2xx\"} 0+%gx%d\n", v.Metrics.Requests, labels, 15*rps*share*0.99, 4*minutes)
			fmt.Fprintf(&out, "  %s{%s,status=\"5xx\"} 0+%gx%d\n", v.Metrics.Requests, labels, 15*rps*share*0.01, 4*minutes)
			fmt.Fprintf(&out, "  %s{%s} %gx%d\n", v.Metrics.InProgress, labels, inFlight*share, 4*minutes)
		}
	}
	return out.String()
}

// total is what the query of a metric answers on the real engine.
func total(t *testing.T, m plan.Metric, series string, at time.Duration) (float64, bool) {
	t.Helper()
	store := promqltest.LoadedStorage(t, "load 15s\n"+series)
	defer store.Close() //nolint:errcheck // Nothing was written that must stay.
	query, err := engine(t).NewInstantQuery(t.Context(), store, nil, m.Query, time.Unix(0, 0).Add(at))
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	result := query.Exec(t.Context())
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	vector, err := result.Vector()
	if err != nil {
		t.Fatal(err)
	}
	if len(vector) > 1 {
		t.Fatalf("%s answers %d values, the autoscaler would add them up", m.Query, len(vector))
	}
	if len(vector) == 0 {
		return 0, false
	}
	return vector[0].F, true
}

// replicas is the autoscaler's answer to a total, as the adapter hands it over:
// in thousandths, cut off.
func replicas(t *testing.T, s spec.Stack, v plan.Service, m plan.Metric, current int, total float64) int {
	t.Helper()
	scaler, err := hpa.New(hpa.Defaults(hpa.V135), hpa.Spec{MinReplicas: int32(v.MinReplicas), MaxReplicas: int32(v.MaxReplicas),
		Metrics: []hpa.Metric{{Source: hpa.External, Target: hpa.AverageValue, Value: int64(math.Round(m.TargetAverageValue * 1000))}}})
	if err != nil {
		t.Fatal(err)
	}
	pods := make([]hpa.Pod, current)
	for i := range pods {
		pods[i] = hpa.Pod{Phase: hpa.Running, Ready: hpa.ReadyTrue}
	}
	d := scaler.Step(0, hpa.Observation{SpecReplicas: int32(current), StatusReplicas: int32(current), Pods: pods,
		Readings: []hpa.Reading{{Total: int64(total * 1000)}}})
	if d.Outcome != hpa.Computed {
		t.Fatalf("the autoscaler answers %+v", d)
	}
	return int(d.Desired)
}

// N pods that carry a load expose what the adapter's query adds up to the load,
// and the autoscaler makes of it the replicas that the plan promises, whatever N.
func TestLoadGivesThePlannedReplicas(t *testing.T) {
	for _, lead := range leads {
		s, p := led(t, lead)
		for name, v := range p.Services {
			m := v.Metrics[0]
			perPod := m.TargetAverageValue / v.TargetRPS // of the metric, per request per second
			for _, want := range []int{v.MinReplicas, v.PeakReplicas, v.GrowthReplicas, v.MaxReplicas} {
				load := float64(want) * v.TargetRPS * 0.999 // all pods at their target
				for _, current := range []int{v.MinReplicas, v.GrowthReplicas, v.MaxReplicas} {
					series := exported(s, name, current, load, load*perPod, 10)
					got, ok := total(t, m, series, 9*time.Minute)
					if !ok || math.Abs(got/(load*perPod)-1) > 1e-6 {
						t.Errorf("%s by %s: %d pods at %.1f rps: the query answers %g, want %g", name, lead, current, load, got, load*perPod)
					}
					if n := replicas(t, s, v, m, current, got); n != want && !within(load, v, current) {
						t.Errorf("%s by %s: %d pods at %.1f rps: %d replicas, want %d", name, lead, current, load, n, want)
					}
				}
			}
		}
	}
}

// within says that the current pods carry the load within the tolerance, so that
// the autoscaler leaves them alone.
func within(load float64, v plan.Service, current int) bool {
	ratio := load / (float64(current) * v.TargetRPS)
	return ratio >= 0.9 && ratio <= 1.1
}

// At growth times today's peak the query gives the replicas of the plan.
func TestGrowthGivesTheGrowthReplicas(t *testing.T) {
	for _, lead := range leads {
		s, p := led(t, lead)
		for name, v := range p.Services {
			m := v.Metrics[0]
			perPod := m.TargetAverageValue / v.TargetRPS
			got, _ := total(t, m, exported(s, name, v.MinReplicas, v.OriginRPS, v.OriginRPS*perPod, 10), 9*time.Minute)
			if n := replicas(t, s, v, m, v.MinReplicas, got); n != v.GrowthReplicas {
				t.Errorf("%s by %s at %.0f rps: %d replicas, the plan says %d", name, lead, v.OriginRPS, n, v.GrowthReplicas)
			}
		}
	}
}

// A pod of another service, or of another namespace, must not count.
func TestOnlyTheServiceCounts(t *testing.T) {
	for _, lead := range leads {
		s, p := led(t, lead)
		m := p.Services["backend"].Metrics[0]
		own := exported(s, "backend", 3, 300, 30, 10)
		want, _ := total(t, m, own, 9*time.Minute)
		others := exported(s, "frontend", 3, 300, 30, 10) + strings.ReplaceAll(own, `namespace="agencyos"`, `namespace="staging"`)
		if got, _ := total(t, m, own+others, 9*time.Minute); got != want {
			t.Errorf("%s: with others %g, without %g", lead, got, want)
		}
		if _, ok := total(t, m, others, 9*time.Minute); ok {
			t.Errorf("%s: answers without a single pod; the autoscaler must hear that there is no value", lead)
		}
	}
}

// A step of load is seen within the time that the plan counts on: the window
// crosses the target no later.
func TestStepIsSeenInTime(t *testing.T) {
	for _, lead := range leads {
		s, p := led(t, lead)
		v := p.Services["backend"]
		m := v.Metrics[0]
		before, after := float64(v.MinReplicas)*v.TargetRPS*0.5, float64(v.MinReplicas)*v.TargetRPS*1.5
		perPod := m.TargetAverageValue / v.TargetRPS
		step := stepped(s, before, after, perPod)
		// The step is at 10 minutes. The plan counts a scrape, the window as far as
		// it must fill, and the adapter; sync and stabilization come after.
		var seen time.Duration
		for at := 10 * time.Minute; at < 12*time.Minute; at += time.Second {
			got, _ := total(t, m, step, at)
			if got >= 1.1*m.TargetAverageValue*float64(v.MinReplicas) {
				seen = at - 10*time.Minute
				break
			}
		}
		allowed := m.DecisionSeconds - 15 // less the autoscaler's own sync
		t.Logf("%s: seen after %s, the plan counts on %g s", lead, seen, allowed)
		if seen == 0 || seen.Seconds() > allowed {
			t.Errorf("%s: a step to 1.5 times the target is seen after %s, the plan counts on %g s", lead, seen, allowed)
		}
	}
}

// stepped is one pod whose load steps up at ten minutes, scraped just before.
func stepped(s spec.Stack, before, after, perPod float64) string {
	labels := fmt.Sprintf(`namespace=%q,service="backend",pod="p"`, s.Cluster.Namespace)
	v := s.Services["backend"].Metrics
	at := 10 * 4 // scrapes
	return fmt.Sprintf("  %s{%s} 0+%gx%d %g+%gx%d\n  %s{%s} %gx%d %gx%d\n", v.Requests, labels, 15*before, at, 15*before*float64(at)+15*after, 15*after, 8,
		v.InProgress, labels, before*perPod, at, after*perPod, 8)
}

// The adapter discovers exactly the series that its query adds up.
func TestAdapterFindsWhatItQueries(t *testing.T) {
	for _, lead := range leads {
		s, p := led(t, lead)
		for _, rule := range adapter.Of(s, p).ExternalRules {
			if found, queried := selectors(t, rule.SeriesQuery), selectors(t, rule.MetricsQuery); len(found) != 1 || len(queried) != 1 || found[0] != queried[0] {
				t.Errorf("%s: finds %v, adds up %v", rule.Name.As, found, queried)
			}
		}
	}
}

func selectors(t *testing.T, expr string) []string {
	t.Helper()
	parsed, err := parser.ParseExpr(expr)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			out = append(out, v.String())
		}
		return nil
	})
	return out
}
