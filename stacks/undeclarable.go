package stacks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// thing is a part of the stack file with a mode.
type thing struct {
	path string
	mode spec.Mode
	// declared says that a component creates it.
	declared bool
}

// undeclarable reports every mode that no component can honor. Leaving such a
// part out in silence would prove a stack that is never built.
func undeclarable(s spec.Stack) spec.Problems {
	var problems spec.Problems
	for _, t := range things(s) {
		switch {
		case t.mode == spec.Adopt && !t.declared:
			problems = append(problems, t.problem("adopting comes with a later release", "use external"))
		case t.mode == spec.Managed && !t.declared:
			problems = append(problems, t.problem("creating it comes with a later release", "use external and state its limits"))
		}
	}
	for _, name := range serviceNames(s) {
		if n := s.Services[name].Autoscaling.PausePods; n != nil && *n > 0 {
			problems = append(problems, spec.Problem{Path: "services." + name + ".autoscaling.pausePods", Value: strconv.Itoa(*n),
				Rule: "creating them comes with a later release", Fix: "keep room by nodes.groups[].minSize"})
		}
	}
	if s.Local() && (s.Database.Mode == spec.Managed || s.Database.Mode == spec.Adopt) {
		problems = append(problems, spec.Problem{Path: "database.mode", Value: string(s.Database.Mode),
			Rule: "needs an AWS account, and a local stack has none", Fix: "use external and name its host"})
	}
	return append(append(problems, localEdge(s)...), oldCluster(s)...)
}

// localEdge keeps a local stack free of accounts.
func localEdge(s spec.Stack) (problems spec.Problems) {
	add := func(path string, mode spec.Mode) {
		problems = append(problems, spec.Problem{Path: path, Value: string(mode), Rule: "needs an account, and a local stack has none", Fix: "use external"})
	}
	if s.Local() && s.Edge.ChangesCloudFront() {
		add("edge.cloudfront.mode", s.Edge.CloudFront.Mode)
	}
	if s.Local() && s.Edge.Cloudflare != nil && s.Edge.Cloudflare.Touched() {
		add("edge.cloudflare.mode", s.Edge.Cloudflare.Mode)
	}
	return problems
}

func (t thing) problem(rule, fix string) spec.Problem {
	return spec.Problem{Path: t.path, Value: string(t.mode), Rule: rule, Fix: fix}
}

// things are all parts with a mode, in the order of their paths.
func things(s spec.Stack) []thing {
	all := []thing{
		{"addons.clusterAutoscaler", s.Addons.ClusterAutoscaler, false},
		{"addons.metricsServer", s.Addons.MetricsServer, false},
		{"addons.podIdentityAgent", s.Addons.PodIdentityAgent, false},
		{"addons.prometheus", s.Addons.Prometheus, false},
		{"addons.prometheusAdapter", s.Addons.PrometheusAdapter, false},
		{"cache.mode", s.Cache.Mode, false},
		{"database.mode", s.Database.Mode, true},
	}
	for i, g := range s.Nodes.Groups {
		all = append(all, thing{fmt.Sprintf("nodes.groups[%d].mode", i), g.Mode, false})
	}
	for _, name := range serviceNames(s) {
		all = append(all, thing{"services." + name + ".mode", s.Services[name].Mode, true})
	}
	return all
}

// oldestMinor serves the sleep action of preStop by default
// (https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/, PodLifecycleSleepAction, 2026-11).
const oldestMinor = 30

func oldCluster(s spec.Stack) spec.Problems {
	minor, err := strconv.Atoi(strings.TrimPrefix(s.Cluster.Version, "1."))
	if err == nil && minor >= oldestMinor {
		return nil
	}
	return spec.Problems{{Path: "cluster.version", Value: s.Cluster.Version,
		Rule: fmt.Sprintf("must be at least 1.%d, the first that sleeps in preStop by default", oldestMinor), Fix: "upgrade the cluster"}}
}

func serviceNames(s spec.Stack) []string {
	names := make([]string, 0, len(s.Services))
	for name := range s.Services {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
