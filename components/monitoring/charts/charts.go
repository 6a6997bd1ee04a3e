// Package charts types the values of the Helm charts that monitoring declares: as
// much of them as differs from the charts' own.
package charts

import (
	"github.com/agencyos/headroom/capacity/adapter"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
)

// Chart is one chart at a pinned version.
type Chart struct {
	Name, Version, Repository string
}

// repository of both charts.
const repository = "https://prometheus-community.github.io/helm-charts"

// The charts. The operator of the stack is v0.93, the adapter v0.12.0.
var (
	KubePrometheusStack = Chart{"kube-prometheus-stack", "88.5.3", repository}
	PrometheusAdapter   = Chart{"prometheus-adapter", "5.3.0", repository}
)

// Resources of a container.
type Resources struct {
	Requests map[string]string `json:"requests"`
	Limits   map[string]string `json:"limits,omitempty"`
}

// Switch turns a part of a chart on or off.
type Switch struct {
	Enabled bool `json:"enabled"`
}

// resources of a workload as the plan counted them. Memory is also the limit: what
// leaks must not take the node with it. CPU has none.
func resources(p plan.Plan, workload string) Resources {
	w, ok := p.Watcher(workload)
	if !ok {
		return Resources{}
	}
	memory := kube.MiB(w.MiB)
	return Resources{Requests: map[string]string{"cpu": kube.Milli(w.MilliCPU), "memory": memory}, Limits: map[string]string{"memory": memory}}
}

// maxAge is a flag of the adapter that its chart has no value for.
func maxAge(s spec.Stack) string { return "--metrics-max-age=" + adapter.MaxAge(s).String() }
