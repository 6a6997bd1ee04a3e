// Package monitors makes the objects by which the Prometheus operator learns what
// to scrape, what to ask, what to alert on and whom to tell. They carry the
// labels that the Prometheus in question selects by; without these the operator
// would ignore them in silence.
package monitors

import (
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Object is one custom resource.
type Object struct {
	APIVersion string
	Kind       string
	Name       string
	Namespace  string
	// Labels select it.
	Labels map[string]string
	// Spec is a value with JSON tags.
	Spec any
}

// The kinds, with the version of their API
// (github.com/prometheus-operator/prometheus-operator pkg/apis/monitoring, v0.93.1).
const (
	PodMonitor         = "PodMonitor"
	Probe              = "Probe"
	PrometheusRule     = "PrometheusRule"
	AlertmanagerConfig = "AlertmanagerConfig"

	v1       = "monitoring.coreos.com/v1"
	v1alpha1 = "monitoring.coreos.com/v1alpha1"
)

// Of a stack, in a fixed order.
func Of(stack spec.Stack, p plan.Plan) []Object {
	w := world{stack: stack, plan: p}
	out := w.services()
	out = append(out, w.exporters()...)
	out = append(out, w.probes()...)
	out = append(out, w.rules()...)
	return append(out, w.receivers()...)
}

// world is what the objects are made of.
type world struct {
	stack spec.Stack
	plan  plan.Plan
}

// object in the stack's namespace, where its pods and secrets are.
func (w world) object(api, kind, name string, content any) Object {
	return Object{APIVersion: api, Kind: kind, Name: name, Namespace: w.stack.Cluster.Namespace, Labels: w.stack.Monitoring.Labels, Spec: content}
}
