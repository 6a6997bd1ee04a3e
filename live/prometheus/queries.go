package prometheus

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// Service says how Prometheus knows a service.
type Service struct {
	// Namespace and Name are its labels namespace and service.
	Namespace, Name string
	// Requests is a counter of requests, Duration a histogram of latencies in
	// seconds, classic or native.
	Requests, Duration string
	// Failed is a matcher of the requests that count as failed, such as
	// status=~"5..". Default: none fails.
	Failed string
}

// selector of the series that the service exports itself, with more matchers.
func (s Service) selector(more ...string) string {
	matchers := append([]string{fmt.Sprintf("namespace=%q", s.Namespace), fmt.Sprintf("service=%q", s.Name)}, more...)
	return "{" + strings.Join(matchers, ",") + "}"
}

// pods selects series about the pods of the service's Deployment, by their names:
// the Deployment's, the hash of its template, and five characters.
func (s Service) pods(more ...string) string {
	matchers := append([]string{fmt.Sprintf("namespace=%q", s.Namespace), fmt.Sprintf("pod=~%q", s.Name+"-[a-z0-9]{6,10}-[a-z0-9]{5}")}, more...)
	return "{" + strings.Join(matchers, ",") + "}"
}

// The containers that are not the pod's own sandbox or sum.
var containers = []string{`container!=""`, `container!="POD"`}

// window as PromQL writes it.
func window(d time.Duration) string { return model.Duration(d).String() }

// requests per second of all pods.
func (s Service) requests(w time.Duration) string {
	return fmt.Sprintf("sum(rate(%s%s[%s]))", s.Requests, s.selector(), window(w))
}

func (s Service) failed(w time.Duration) string {
	return fmt.Sprintf("sum(rate(%s%s[%s]))", s.Requests, s.selector(s.Failed), window(w))
}

// choice is one of several ways to ask the same.
type choice struct{ name, query string }

// ready pods on average.
func (s Service) ready(w time.Duration) []choice {
	return []choice{
		{"kube_pod_status_ready", fmt.Sprintf("sum(avg_over_time(kube_pod_status_ready%s[%s]))", s.pods(`condition="true"`), window(w))},
		{"up", fmt.Sprintf("sum(avg_over_time(up%s[%s]))", s.selector(), window(w))},
	}
}

// cores that all pods used.
func (s Service) cores(w time.Duration) []choice {
	return []choice{
		{"container_cpu_usage_seconds_total", fmt.Sprintf("sum(rate(container_cpu_usage_seconds_total%s[%s]))", s.pods(containers...), window(w))},
		{"process_cpu_seconds_total", fmt.Sprintf("sum(rate(process_cpu_seconds_total%s[%s]))", s.selector(), window(w))},
	}
}

// counters of the CPU seconds, as they were sampled in a range before the moment of
// the query.
func (s Service) counters(w time.Duration) []choice {
	return []choice{
		{"container_cpu_usage_seconds_total", fmt.Sprintf("container_cpu_usage_seconds_total%s[%s]", s.pods(containers...), window(w))},
		{"process_cpu_seconds_total", fmt.Sprintf("process_cpu_seconds_total%s[%s]", s.selector(), window(w))},
	}
}

// bytes of the largest pod.
func (s Service) bytes(w time.Duration) []choice {
	return []choice{
		{"container_memory_working_set_bytes", fmt.Sprintf("max(sum by (pod) (max_over_time(container_memory_working_set_bytes%s[%s])))", s.pods(containers...), window(w))},
		{"process_resident_memory_bytes", fmt.Sprintf("max(max_over_time(process_resident_memory_bytes%s[%s]))", s.selector(), window(w))},
	}
}

// startup is the p95 over the pods of the seconds from the start of the container to
// the first time that the pod was ready, as kube-state-metrics tells them.
func (s Service) startup(days int) string {
	ready, started := s.pods(), s.pods(`container!=""`)
	return fmt.Sprintf("quantile(0.95, min_over_time(((max by (pod) (kube_pod_status_ready_time%s) - on (pod) max by (pod) (kube_pod_container_state_started%s)) > 0)[%dd:5m]))", ready, started, days)
}

// classic buckets and sum of the latencies.
func (s Service) buckets(w time.Duration) string {
	return fmt.Sprintf("sum by (le) (increase(%s_bucket%s[%s]))", s.Duration, s.selector(), window(w))
}

func (s Service) seconds(w time.Duration) string {
	return fmt.Sprintf("sum(increase(%s_sum%s[%s]))", s.Duration, s.selector(), window(w))
}

// native is the merged native histogram.
func (s Service) native(w time.Duration) string {
	return fmt.Sprintf("sum(increase(%s%s[%s]))", s.Duration, s.selector(), window(w))
}

// nativeBuckets turns the native histogram into buckets like the classic ones, from
// a quarter of a millisecond to a minute, each a quarter wider than the last.
func (s Service) nativeBuckets(w time.Duration) string {
	merged := s.native(w)
	var parts []string
	for bound := 0.00025; bound < 80; bound *= 1.25 {
		parts = append(parts, fmt.Sprintf(`label_replace(histogram_fraction(0, %.6g, %s) * histogram_count(%s), "le", "%.6g", "", "")`, bound, merged, merged, bound))
	}
	parts = append(parts, fmt.Sprintf(`label_replace(histogram_count(%s), "le", "+Inf", "", "")`, merged))
	return strings.Join(parts, " or ")
}

func (s Service) nativeSeconds(w time.Duration) string {
	return fmt.Sprintf("histogram_sum(%s)", s.native(w))
}
