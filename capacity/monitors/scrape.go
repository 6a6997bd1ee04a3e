package monitors

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// PodMonitorSpec says which pods to scrape, and how.
type PodMonitorSpec struct {
	Selector            Selector   `json:"selector"`
	PodMetricsEndpoints []Endpoint `json:"podMetricsEndpoints"`
}

// Selector of pods by their labels.
type Selector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

// Endpoint of a pod: a named port, or the number of one that it declares.
type Endpoint struct {
	Port          string       `json:"port,omitempty"`
	PortNumber    int          `json:"portNumber,omitempty"`
	Path          string       `json:"path"`
	Interval      string       `json:"interval"`
	ScrapeTimeout string       `json:"scrapeTimeout"`
	Relabelings   []Relabeling `json:"relabelings"`
}

// Relabeling sets a label of the target.
type Relabeling struct {
	TargetLabel string `json:"targetLabel"`
	Replacement string `json:"replacement"`
}

// nameLabel is how pods are found: every pod of the stack carries it.
const nameLabel = "app.kubernetes.io/name"

// services are scraped pod by pod, whatever Service stands before them, and get
// the label that every query of the plan selects by.
func (w world) services() []Object {
	var out []Object
	for _, name := range plan.Names(w.plan) {
		m := w.stack.Services[name].Metrics
		out = append(out, w.object(v1, PodMonitor, "headroom-"+name, PodMonitorSpec{
			Selector: Selector{map[string]string{nameLabel: name}},
			PodMetricsEndpoints: []Endpoint{{PortNumber: m.Port, Path: m.Path, Interval: w.interval(name), ScrapeTimeout: w.timeout(name),
				Relabelings: []Relabeling{{"service", name}}}},
		}))
	}
	return out
}

// scrape interval of a service: that of the metrics its autoscaler follows.
func (w world) scrape(service string) time.Duration {
	interval := time.Duration(w.stack.Monitoring.ScrapeInterval)
	for _, m := range w.plan.Services[service].Metrics {
		interval = min(interval, time.Duration(m.ScrapeSeconds*float64(time.Second)))
	}
	return interval
}

func (w world) interval(service string) string { return series.Window(w.scrape(service)) }

// timeout leaves time before the next scrape; Prometheus refuses a longer one than
// the interval.
func (w world) timeout(service string) string {
	return series.Window((w.scrape(service) * 2 / 3).Truncate(time.Second))
}

// MetricsPort is the name of the port of every exporter.
const MetricsPort = "metrics"

// exporters that Headroom runs. PgBouncer's stands beside it in its pod, because
// every replica has its own pools.
func (w world) exporters() []Object {
	e := w.stack.Monitoring.Exporters
	known := map[string]struct {
		exporter *spec.Exporter
		pods     string
		interval time.Duration
	}{
		plan.PostgresExporter:   {e.Postgres, plan.PostgresExporter, 30 * time.Second},
		plan.PgBouncerExporter:  {e.PgBouncer, "pgbouncer", 15 * time.Second},
		plan.RedisExporter:      {e.Redis, plan.RedisExporter, 30 * time.Second},
		plan.CloudWatchExporter: {e.CloudWatch, plan.CloudWatchExporter, time.Minute},
		plan.CloudflareExporter: {e.Cloudflare, plan.CloudflareExporter, time.Minute},
	}
	var out []Object
	for _, workload := range w.plan.Monitoring {
		k, ok := known[workload.Name]
		if !ok {
			continue
		}
		out = append(out, w.object(v1, PodMonitor, "headroom-"+workload.Name, PodMonitorSpec{
			Selector: Selector{map[string]string{nameLabel: k.pods}},
			PodMetricsEndpoints: []Endpoint{{Port: MetricsPort, Path: "/metrics", Interval: series.Window(k.interval), ScrapeTimeout: "10s",
				Relabelings: []Relabeling{{"job", k.exporter.Labels["job"]}}}},
		}))
	}
	return out
}

// ProbeSpec says whom to ask through the blackbox exporter.
type ProbeSpec struct {
	JobName  string  `json:"jobName"`
	Interval string  `json:"interval"`
	Module   string  `json:"module"`
	Prober   Prober  `json:"prober"`
	Targets  Targets `json:"targets"`
}

// Prober is the blackbox exporter.
type Prober struct {
	URL string `json:"url"`
}

// Targets are addresses with labels.
type Targets struct {
	StaticConfig StaticConfig `json:"staticConfig"`
}

// StaticConfig lists them.
type StaticConfig struct {
	Static []string          `json:"static"`
	Labels map[string]string `json:"labels"`
}

const (
	// BlackboxPort is that of the blackbox exporter.
	BlackboxPort = 9115
	// ProbeModule of it asks by HTTP and wants a good answer.
	ProbeModule = "http_2xx"
)

// probes ask every ingress host as a user would.
func (w world) probes() []Object {
	if _, ok := w.plan.Watcher(plan.BlackboxExporter); !ok {
		return nil
	}
	var out []Object
	hosts := plan.Hosts(w.stack)
	for _, name := range plan.Names(w.plan) {
		host, ok := hosts[name]
		if !ok {
			continue
		}
		out = append(out, w.object(v1, Probe, "headroom-"+name, ProbeSpec{
			JobName: w.stack.Monitoring.Exporters.Blackbox.Labels["job"], Interval: "30s", Module: ProbeModule,
			Prober:  Prober{URL: w.blackbox()},
			Targets: Targets{StaticConfig{Static: []string{"https://" + host + w.stack.Services[name].Ingress.ProbePath}, Labels: map[string]string{"service": name}}},
		}))
	}
	return out
}

// blackbox is the address of the blackbox exporter.
func (w world) blackbox() string {
	return fmt.Sprintf("blackbox-exporter.%s.svc:%d", w.stack.Cluster.Namespace, BlackboxPort)
}
