package plan

import (
	"fmt"
	"slices"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/spec"
)

// Workload is one program of the monitoring that Headroom runs.
type Workload struct {
	Name string `json:"name"`
	// Pods of it; 0 for one on every node or beside every pod of another.
	Pods     int   `json:"pods"`
	MilliCPU int64 `json:"milliCpu"`
	MiB      int64 `json:"miB"`
}

// The workloads.
const (
	Prometheus         = "prometheus"
	Alertmanager       = "alertmanager"
	Grafana            = "grafana"
	PrometheusOperator = "prometheus-operator"
	KubeStateMetrics   = "kube-state-metrics"
	NodeExporter       = "node-exporter"
	PrometheusAdapter  = "prometheus-adapter"
	PostgresExporter   = spec.ByPostgres + spec.ExporterSuffix
	PgBouncerExporter  = spec.ByPgBouncer + spec.ExporterSuffix
	RedisExporter      = spec.ByRedis + spec.ExporterSuffix
	CloudWatchExporter = spec.ByCloudWatch + spec.ExporterSuffix
	CloudflareExporter = spec.ByCloudflare + spec.ExporterSuffix
	BlackboxExporter   = spec.ByBlackbox + spec.ExporterSuffix
)

// stackWorkloads are those of a managed Prometheus, and what they request.
// Planning choices for some hundred thousand series; the adapter has two pods,
// because without it no autoscaler sees its metric.
var (
	stackWorkloads = []Workload{
		{Prometheus, 1, 500, 2048}, {Alertmanager, 1, 50, 128}, {Grafana, 1, 100, 256},
		{PrometheusOperator, 1, 100, 128}, {KubeStateMetrics, 1, 50, 128}, {NodeExporter, 0, 50, 64},
	}
	adapterWorkload = Workload{PrometheusAdapter, 2, 100, 256}
)

// exporterWorkload requests what an exporter of one server needs. A planning choice.
func exporterWorkload(name string, pods int) Workload { return Workload{name, pods, 25, 64} }

// Monitoring lists what Headroom runs to watch a stack. It follows from the stack
// file alone.
func Monitoring(s spec.Stack) []Workload {
	var out []Workload
	if s.Addons.Prometheus == spec.Managed {
		out = append(out, stackWorkloads...)
	}
	if s.Addons.PrometheusAdapter == spec.Managed {
		out = append(out, adapterWorkload)
	}
	for name, e := range s.Watching().Each() {
		pods := 1
		if name == spec.ByPgBouncer {
			pods = 0
		}
		if e.Mode == spec.Managed {
			out = append(out, exporterWorkload(spec.ExporterName(name), pods))
		}
	}
	return out
}

// Watcher is a workload of the monitoring, and whether Headroom runs it.
func (p Plan) Watcher(name string) (Workload, bool) { return watcher(p.Monitoring, name) }

func watcher(all []Workload, name string) (Workload, bool) {
	i := slices.IndexFunc(all, func(w Workload) bool { return w.Name == name })
	if i < 0 {
		return Workload{}, false
	}
	return all[i], true
}

// PerNode is what DaemonSets take of every node, monitoring's among them.
func PerNode(s spec.Stack) spec.PodAmounts {
	sets := *s.Nodes.DaemonSets
	if w, ok := watcher(Monitoring(s), NodeExporter); ok {
		sets.CPU += spec.MilliCPU(w.MilliCPU)
		sets.Memory += spec.MiB(w.MiB)
		sets.Pods++
	}
	return sets
}

// monitoringRelies names what metrics and alerts rely on.
func (d *draft) monitoringRelies() {
	add := func(format string, args ...any) { d.plan.Relies = append(d.plan.Relies, fmt.Sprintf(format, args...)) }
	m := d.stack.Monitoring
	if d.stack.Addons.PrometheusAdapter == spec.External {
		add("prometheus-adapter serves the external metrics of the plan by the rules in ConfigMap %s of namespace %s, and lists them every 30 s", AdapterRules, m.Namespace)
	}
	if d.stack.Addons.Prometheus == spec.External {
		add("Prometheus selects monitors, rules and receivers labeled %s, and Grafana dashboards labeled %s; kube-state-metrics runs with --metric-labels-allowlist=%s",
			labels(m.Labels), labels(m.DashboardLabels), NodeLabels)
	}
	for _, name := range d.names() {
		v := d.stack.Services[name]
		add("%s serves %s, %s and %s at :%d%s, by %s, %s and %s, with a bucket that ends at the promised p99 of every core route",
			name, v.Metrics.Requests, v.Metrics.InProgress, v.Metrics.Duration, v.Metrics.Port, v.Metrics.Path, v.Metrics.Method, v.Metrics.Route, v.Metrics.Status)
	}
	if e := d.stack.Watching().Postgres; e != nil && e.Mode == spec.Managed {
		add("the database has a role %s with pg_monitor, and the extension pg_stat_statements in %s", e.User, d.stack.Database.Name)
	}
}

const (
	// AdapterRules is the ConfigMap with the rules for an external adapter.
	AdapterRules = "headroom-adapter-rules"
	// NodeGroupLabel is the label of a node that names its managed node group
	// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html, 2026-11).
	NodeGroupLabel = "eks.amazonaws.com/nodegroup"
	// NodeLabels are the node labels that kube-state-metrics must show.
	NodeLabels = "nodes=[" + NodeGroupLabel + "]"
)

// watchers are the pods that monitoring runs: Prometheus, and the small ones as
// so many equal ones that request as much in all.
func watchers(s spec.Stack) []budget.Demand {
	var out []budget.Demand
	var sum budget.Amount
	for _, w := range Monitoring(s) {
		each := budget.Amount{MilliCPU: w.MilliCPU, MiB: w.MiB, Pods: 1}
		if w.Name == Prometheus {
			out = append(out, budget.Demand{Name: w.Name, Pods: w.Pods, Each: each})
			continue
		}
		sum = sum.Plus(each.Times(w.Pods))
	}
	if n := int64(sum.Pods); n > 0 {
		out = append(out, budget.Demand{Name: "monitoring", Pods: sum.Pods,
			Each: budget.Amount{MilliCPU: (sum.MilliCPU + n - 1) / n, MiB: (sum.MiB + n - 1) / n, Pods: 1}})
	}
	return out
}
