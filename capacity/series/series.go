// Package series names the time series that the Prometheus of a stack holds: how
// those of a service, of its pods and of every exporter are selected. Alerts and
// dashboards ask for nothing else.
package series

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/workload/podname"
)

// Set are the series of one stack.
type Set struct{ stack spec.Stack }

// Of a stack.
func Of(stack spec.Stack) Set { return Set{stack} }

// Service selects series that a service exports itself. Monitors give them the
// labels namespace and service.
func (s Set) Service(metric, service string, more ...string) string {
	return Select(metric, append([]string{Is("namespace", s.stack.Cluster.Namespace), Is("service", service)}, more...)...)
}

// Namespace selects series about objects in the stack's namespace.
func (s Set) Namespace(metric string, more ...string) string {
	return Select(metric, append([]string{Is("namespace", s.stack.Cluster.Namespace)}, more...)...)
}

// Deployment selects series about the Deployment of a service.
func (s Set) Deployment(metric, service string) string {
	return s.Namespace(metric, Is("deployment", s.stack.Services[service].Target(service)))
}

// Autoscaler selects what kube-state-metrics shows of a service's autoscaler.
func (s Set) Autoscaler(metric, service string, more ...string) string {
	name := Is("horizontalpodautoscaler", s.stack.Services[service].Adopt.Autoscaler.Name(service))
	return s.Namespace("kube_horizontalpodautoscaler_"+metric, append([]string{name}, more...)...)
}

// Pods selects series about the pods of a service.
func (s Set) Pods(metric, service string, more ...string) string {
	name := Matches("pod", PodNames(s.stack.Services[service].Target(service)))
	return s.Namespace(metric, append([]string{name}, more...)...)
}

// Containers selects series about the container that serves in the pods of a
// service, or, where its name is not known, about all of them.
func (s Set) Containers(metric, service string) string {
	if v := s.stack.Services[service]; v.KnowsContainer() {
		return s.Pods(metric, service, Is("container", v.ServingContainer(service)))
	}
	return s.Pods(metric, service, `container!=""`, `container!="POD"`)
}

// PodNames matches the names of a Deployment's pods.
func PodNames(deployment string) string { return podname.Of("Deployment", deployment) }

// From selects series of an exporter.
func (s Set) From(e *spec.Exporter, metric string, more ...string) string {
	var matchers []string
	for _, key := range slices.Sorted(maps.Keys(e.Labels)) {
		matchers = append(matchers, Is(key, e.Labels[key]))
	}
	return Select(metric, append(matchers, more...)...)
}

// Select is an instant vector selector.
func Select(metric string, matchers ...string) string {
	if len(matchers) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(matchers, ",") + "}"
}

// Is and Matches are matchers of a label; a regular expression is anchored by Prometheus.
func Is(label, value string) string { return fmt.Sprintf("%s=%q", label, value) }

// Matches a regular expression.
func Matches(label, pattern string) string { return fmt.Sprintf("%s=~%q", label, pattern) }

// Ends matches the bucket of a histogram that ends at a duration. A whole number
// of seconds is written with or without its zero, as the client library likes.
func Ends(d time.Duration) string {
	text := strconv.FormatFloat(d.Seconds(), 'g', -1, 64)
	if strings.ContainsAny(text, ".e") {
		return Is("le", text)
	}
	return Matches("le", text+`(\.0)?`)
}

// Rate of a counter per second over a window.
func Rate(selector string, window time.Duration) string {
	return "rate(" + selector + "[" + Window(window) + "])"
}

// Increase of a counter over a window.
func Increase(selector string, window time.Duration) string {
	return "increase(" + selector + "[" + Window(window) + "])"
}

// Total over a window of what an exporter counted since its last look, a gauge: a
// look that found nothing leaves a gap.
func Total(selector string, window time.Duration) string {
	return "sum_over_time(" + selector + "[" + Window(window) + "])"
}

// Mean over a window.
func Mean(selector string, window time.Duration) string {
	return "avg_over_time(" + selector + "[" + Window(window) + "])"
}

// Sum over all series, or by labels.
func Sum(expr string, by ...string) string {
	if len(by) == 0 {
		return "sum(" + expr + ")"
	}
	return "sum by (" + strings.Join(by, ",") + ") (" + expr + ")"
}

// Window is a duration as PromQL writes it: one number of the largest unit that
// measures it.
func Window(d time.Duration) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if d >= unit.size && d%unit.size == 0 {
			return strconv.FormatInt(int64(d/unit.size), 10) + unit.name
		}
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
}

// Number as PromQL writes it.
func Number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
