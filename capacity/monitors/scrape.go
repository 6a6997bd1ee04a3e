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

// Selector of pods by their labels; without any it finds all of the namespace.
type Selector struct {
	MatchLabels map[string]string `json:"matchLabels,omitempty"`
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

// Relabeling sets a label of the target, or drops the target.
type Relabeling struct {
	Action       string   `json:"action,omitempty"`
	SourceLabels []string `json:"sourceLabels,omitempty"`
	Regex        string   `json:"regex,omitempty"`
	TargetLabel  string   `json:"targetLabel,omitempty"`
	Replacement  string   `json:"replacement,omitempty"`
}

// label of the target.
func label(name, value string) Relabeling { return Relabeling{TargetLabel: name, Replacement: value} }

// podsOf scrapes the pods of a Deployment, which are found by their labels. Where
// these are its owner's, they are told by the Deployment's name in theirs.
func podsOf(deployment string, labels map[string]string, at Endpoint) PodMonitorSpec {
	if len(labels) == 0 {
		keep := Relabeling{Action: "keep", SourceLabels: []string{"__meta_kubernetes_pod_name"}, Regex: series.PodNames(deployment)}
		at.Relabelings = append([]Relabeling{keep}, at.Relabelings...)
	}
	return PodMonitorSpec{Selector: Selector{labels}, PodMetricsEndpoints: []Endpoint{at}}
}

// services are scraped pod by pod, whatever Service stands before them, and get
// the label that every query of the plan selects by.
func (w world) services() []Object {
	var out []Object
	for _, name := range plan.Names(w.plan) {
		v := w.stack.Services[name]
		out = append(out, w.object(v1, PodMonitor, "headroom-"+name, podsOf(v.Target(name), v.Labels(name),
			Endpoint{PortNumber: v.Metrics.Port, Path: v.Metrics.Path, Interval: w.interval(name), ScrapeTimeout: w.timeout(name),
				Relabelings: []Relabeling{label("service", name)}})))
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

// exporterIntervals between scrapes; the blackbox exporter is asked by probes.
var exporterIntervals = map[string]time.Duration{
	spec.ByPostgres: 30 * time.Second, spec.ByPgBouncer: 15 * time.Second, spec.ByRedis: 30 * time.Second,
	// These two know something new once a minute at most.
	spec.ByCloudWatch: time.Minute, spec.ByCloudflare: time.Minute,
}

// exporters that Headroom runs.
func (w world) exporters() []Object {
	var out []Object
	for name, e := range w.stack.Watching().Each() {
		interval, scraped := exporterIntervals[name]
		if e.Mode != spec.Managed || !scraped {
			continue
		}
		deployment, labels := w.stack.ExporterPods(name)
		out = append(out, w.object(v1, PodMonitor, "headroom-"+spec.ExporterName(name), podsOf(deployment, labels,
			Endpoint{Port: MetricsPort, Path: "/metrics", Interval: series.Window(interval), ScrapeTimeout: "10s",
				Relabelings: []Relabeling{label("job", e.Labels["job"])}})))
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
	e := w.stack.Watching().Blackbox
	if e == nil || e.Mode != spec.Managed {
		return nil
	}
	var out []Object
	hosts := w.stack.Hosts()
	for _, name := range plan.Names(w.plan) {
		host, ok := hosts[name]
		if !ok {
			continue
		}
		out = append(out, w.object(v1, Probe, "headroom-"+name, ProbeSpec{
			JobName: e.Labels["job"], Interval: "30s", Module: ProbeModule,
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
