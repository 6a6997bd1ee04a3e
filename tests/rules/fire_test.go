package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/promqltest"

	"github.com/agencyos/headroom/capacity/alerts"
	"github.com/agencyos/headroom/capacity/plan"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// fire is a past in which an alert fires, and one next to it in which it does not.
type fire struct {
	// subject of the alert, where it has more than one.
	subject string
	// at is when the alert is looked at. Default: after an hour.
	at time.Duration
	// step of the past. Default: a minute.
	step time.Duration
	// fires and quiet are series as promtool writes them: value, increment, number
	// of steps.
	fires, quiet string
}

func TestAlertsFire(t *testing.T) {
	s, p := plantest.Everything(t)
	groups := alerts.New(s, p)
	cases := pasts(p)
	for _, g := range groups {
		for _, a := range g.Alerts {
			if len(cases[a.Name]) == 0 && a.Name != alerts.SeriesMissing && a.Name != alerts.Watchdog {
				t.Errorf("%s has no past in which it fires", a.Name)
			}
		}
	}
	for name, all := range cases {
		for _, c := range all {
			t.Run(strings.TrimSpace(name+" "+c.subject), func(t *testing.T) {
				only, wait := one(t, groups, name, c.subject)
				if n := fired(t, c, c.fires, only, wait); n == 0 {
					t.Errorf("it does not fire on\n%s", c.fires)
				}
				if n := fired(t, c, c.quiet, only, wait); n > 0 {
					t.Errorf("it fires on\n%s", c.quiet)
				}
				if wait > 0 {
					short := c
					if short.at == 0 {
						short.at = time.Hour
					}
					if n := firedWithin(t, short, c.fires, only, wait-time.Minute); n > 0 {
						t.Errorf("it fires before %s have passed", wait)
					}
				}
			})
		}
	}
}

// one is the group of a single alert, with what the group records.
func one(t *testing.T, groups []alerts.Group, name, subject string) ([]alerts.RuleGroup, time.Duration) {
	t.Helper()
	for _, g := range groups {
		for _, a := range g.Alerts {
			if a.Name == name && a.Subject == subject {
				return alerts.RuleFile("prod", "agencyos", "", []alerts.Group{{Name: g.Name, Records: g.Records, Alerts: []alerts.Alert{a}}}), a.For
			}
		}
	}
	t.Fatalf("there is no alert %s %s", name, subject)
	return nil, 0
}

func fired(t *testing.T, c fire, series string, groups []alerts.RuleGroup, wait time.Duration) int {
	t.Helper()
	return firedWithin(t, c, series, groups, wait+time.Minute)
}

// firedWithin counts the alerts that fire when the rules are evaluated for so long.
func firedWithin(t *testing.T, c fire, series string, groups []alerts.RuleGroup, evaluated time.Duration) int {
	t.Helper()
	at, step := c.at, c.step
	if at == 0 {
		at = time.Hour
	}
	if step == 0 {
		step = time.Minute
	}
	store := promqltest.LoadedStorage(t, fmt.Sprintf("load %s\n%s", step, indent(series)))
	defer store.Close() //nolint:errcheck // Nothing was written that must stay.
	end := time.Unix(0, 0).Add(at)
	return len(load(t, store, groups).firing(t, end.Add(-evaluated), end, time.Minute))
}

func indent(series string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimSpace(series)) {
		out.WriteString("  " + strings.TrimSpace(line) + "\n")
	}
	return out.String()
}

// pods of services as Deployments name them.
const (
	podA = `namespace="agencyos",pod="backend-7d9f8c6b5d-x2x9k"`
	podB = `namespace="agencyos",pod="backend-worker-7d9f8c6b5d-x2x9k"`
)

// pasts of every alert. The numbers come from the plan, one to this side of the
// threshold and one to the other.
func pasts(p plan.Plan) map[string][]fire {
	out := map[string][]fire{}
	for _, more := range []map[string][]fire{scalingPasts(p), podPasts(), sloPasts(), nodePasts(p), databasePasts(p), rdsPasts(), poolerPasts(p), cachePasts(p), edgePasts(), watchPasts()} {
		for name, all := range more {
			out[name] = append(out[name], all...)
		}
	}
	return out
}

func scalingPasts(p plan.Plan) map[string][]fire {
	v := p.Services["backend"]
	hpa := func(metric string, more string, value any) string {
		return fmt.Sprintf(`kube_horizontalpodautoscaler_%s{namespace="agencyos",horizontalpodautoscaler="backend"%s} %vx60`, metric, more, value)
	}
	active := `,condition="ScalingActive",status="true"`
	load := float64(v.MaxReplicas) * v.Metrics[0].TargetAverageValue
	inFlight := func(value float64) string {
		return fmt.Sprintf("http_requests_in_progress{namespace=\"agencyos\",service=\"backend\",pod=\"a\"} %gx60\nhttp_requests_in_progress{namespace=\"agencyos\",service=\"backend\",pod=\"b\"} %gx60", value/2, value/2)
	}
	return map[string][]fire{
		"HeadroomReplicasNearMaximum": {{subject: "backend", fires: hpa("status_current_replicas", "", 14), quiet: hpa("status_current_replicas", "", 13)}},
		"HeadroomReplicasAtMaximum":   {{subject: "backend", fires: hpa("status_current_replicas", "", v.MaxReplicas), quiet: hpa("status_current_replicas", "", v.MaxReplicas-1)}},
		"HeadroomLoadAboveMaximum":    {{subject: "backend", fires: inFlight(load + 0.1), quiet: inFlight(load - 0.1)}},
		"HeadroomAutoscalerBlind":     {{subject: "backend", fires: hpa("status_condition", active, 0), quiet: hpa("status_condition", active, 1)}},
		"HeadroomMetricUnavailable": {{subject: "backend", fires: `http_requests_in_progress{namespace="agencyos",service="frontend"} 1x60`,
			quiet: `http_requests_in_progress{namespace="agencyos",service="backend"} 0x60`}},
		"HeadroomAutoscalerDrift": {{subject: "backend", fires: hpa("spec_min_replicas", "", v.MinReplicas) + "\n" + hpa("spec_max_replicas", "", v.MaxReplicas+1),
			quiet: hpa("spec_min_replicas", "", v.MinReplicas) + "\n" + hpa("spec_max_replicas", "", v.MaxReplicas)}},
	}
}

func podPasts() map[string][]fire {
	available := func(n int) string {
		return fmt.Sprintf(`kube_deployment_status_replicas_available{namespace="agencyos",deployment="backend"} %dx60`, n)
	}
	memory := func(mib float64) string {
		return fmt.Sprintf(`container_memory_working_set_bytes{%s,container="backend"} %.0fx60`, podA, mib*(1<<20))
	}
	return map[string][]fire{
		"HeadroomPodsPending": {{subject: "backend", fires: `kube_pod_status_phase{` + podA + `,phase="Pending"} 1x60`,
			quiet: `kube_pod_status_phase{` + podB + `,phase="Pending"} 1x60`}},
		"HeadroomPodsUnavailable": {{subject: "backend", fires: available(3), quiet: available(4)}},
		"HeadroomPodsEvicted": {{subject: "backend", fires: `kube_pod_status_reason{` + podA + `,reason="Evicted"} 1x60`,
			quiet: `kube_pod_status_reason{` + podA + `,reason="Evicted"} 0x60`}},
		"HeadroomPodsRestarting": {{subject: "backend", fires: `kube_pod_container_status_restarts_total{` + podA + `,container="backend"} 0x50 1 2 3 4 5x6`,
			quiet: `kube_pod_container_status_restarts_total{` + podA + `,container="backend"} 0x50 1x10`}},
		"HeadroomMemoryNearLimit": {{subject: "backend", fires: memory(1390), quiet: memory(1380)}},
		"HeadroomPoolTimeouts": {{subject: "backend", fires: `db_pool_timeouts_total{namespace="agencyos",service="backend"} 0x57 1 2 3`,
			quiet: `db_pool_timeouts_total{namespace="agencyos",service="backend"} 7x60`}},
		"HeadroomPodsNotScraped": {{subject: "backend",
			fires: available(5) + "\n" + `up{namespace="agencyos",service="backend",pod="a"} 1x60` + "\n" + `up{namespace="agencyos",service="backend",pod="b"} 0x60`,
			quiet: available(1) + "\n" + `up{namespace="agencyos",service="backend",pod="a"} 1x60`}},
	}
}

// sloPasts burn the budget: of GET /api/items 1 % may be slower than 200 ms, and
// 0.1 % may fail.
func sloPasts() map[string][]fire {
	route := `namespace="agencyos",service="backend",method="GET",handler="/api/items"`
	slow := func(rate, fast float64, steps int) string {
		return fmt.Sprintf("http_request_duration_seconds_count{%s} 0+%gx%d\nhttp_request_duration_seconds_bucket{%s,le=\"0.2\"} 0+%gx%d", route, rate, steps, route, fast, steps)
	}
	failed := func(ok, bad float64, steps int) string {
		return fmt.Sprintf("http_requests_total{%s,status=\"200\"} 0+%gx%d\nhttp_requests_total{%s,status=\"5xx\"} 0+%gx%d", route, ok, steps, route, bad, steps)
	}
	// A past must not go on after the moment that is looked at: its samples are too
	// new then for the rules to record beside them.
	const days = 80 * 60
	return map[string][]fire{
		"HeadroomSlowRequests": {
			{subject: "backend GET /api/items over 1h", at: 2 * time.Hour, fires: slow(1000, 850, 200), quiet: slow(1000, 860, 200)},
			{subject: "backend GET /api/items over 6h", at: 8 * time.Hour, fires: slow(1000, 935, 600), quiet: slow(1000, 945, 600)},
			{subject: "backend GET /api/items over 3d", at: 80 * time.Hour, fires: slow(1000, 989, days), quiet: slow(1000, 991, days)},
		},
		"HeadroomFailedRequests": {
			{subject: "backend GET /api/items over 1h", at: 2 * time.Hour, fires: failed(985, 15, 200), quiet: failed(987, 13, 200)},
			{subject: "backend GET /api/items over 6h", at: 8 * time.Hour, fires: failed(993, 7, 600), quiet: failed(995, 5, 600)},
			{subject: "backend GET /api/items over 3d", at: 80 * time.Hour, fires: failed(9985, 15, days), quiet: failed(9995, 5, days)},
		},
	}
}

func nodePasts(p plan.Plan) map[string][]fire {
	nodes := func(n int) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, "kube_node_labels{node=\"n%d\",label_eks_amazonaws_com_nodegroup=\"web\"} 1x60\n", i)
		}
		return out.String() + `kube_node_labels{node="other",label_eks_amazonaws_com_nodegroup="webshop"} 1x60`
	}
	most := p.Nodes.Groups[0].MaxSize
	disk := func(free float64) string {
		const at = `mountpoint="/",fstype="ext4",instance="a"`
		return fmt.Sprintf("node_filesystem_avail_bytes{%s} %gx60\nnode_filesystem_size_bytes{%s} 100x60", at, free, at)
	}
	ready := func(value int) string {
		return fmt.Sprintf(`kube_node_status_condition{node="a",condition="Ready",status="true"} %dx60`, value)
	}
	return map[string][]fire{
		"HeadroomNodesNearMaximum": {{subject: "web", fires: nodes(20), quiet: nodes(19)}},
		"HeadroomNodesAtMaximum":   {{subject: "web", fires: nodes(most), quiet: nodes(most - 1)}},
		"HeadroomNodeNotReady":     {{fires: ready(0), quiet: ready(1)}},
		"HeadroomNodeDiskFilling":  {{fires: disk(19), quiet: disk(21)}},
	}
}

// The watchdog always fires: there is no past in which it is quiet.
func TestWatchdogAlwaysFires(t *testing.T) {
	groups := alerts.New(plantest.Everything(t))
	only, wait := one(t, groups, alerts.Watchdog, "")
	if n := fired(t, fire{}, `up 0x60`, only, wait); n != 1 {
		t.Errorf("the watchdog fires %d times, want once", n)
	}
}

// Every series that is missing is told by its own rule, and none that is there.
func TestMissingSeries(t *testing.T) {
	const need = `pg_up{job="postgres-exporter",namespace="agencyos"}`
	only, wait := one(t, alerts.New(plantest.Everything(t)), alerts.SeriesMissing, need)
	if n := fired(t, fire{}, `pg_up{job="another",namespace="agencyos"} 1x60`, only, wait); n != 1 {
		t.Errorf("a missing series is told %d times, want once", n)
	}
	if n := fired(t, fire{}, need+" 0x60", only, wait); n != 0 {
		t.Errorf("a series that is there is told %d times", n)
	}
}
