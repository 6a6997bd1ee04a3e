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
	for _, t := range []thing{{path: "database.mode", mode: s.Database.Mode}, {path: "cache.mode", mode: s.Cache.Mode}} {
		if s.Local() && t.mode == spec.Adopt {
			problems = append(problems, t.problem("needs an AWS account, and a local stack has none", "use managed for one in the cluster, or external"))
		}
	}
	return slices.Concat(problems, localNodes(s), localEdge(s), oldCluster(s))
}

// localNodes keeps a local stack free of accounts, and a node that EC2 does not
// launch out of EKS.
func localNodes(s spec.Stack) (problems spec.Problems) {
	add := func(path string, mode spec.Mode, rule string) {
		problems = append(problems, spec.Problem{Path: path, Value: string(mode), Rule: rule, Fix: "use external"})
	}
	if s.Local() && s.Addons.ClusterAutoscaler == spec.Managed {
		add("addons.clusterAutoscaler", s.Addons.ClusterAutoscaler, "needs an account, and a local stack has none")
	}
	if s.Local() && s.Addons.PodIdentityAgent == spec.Managed {
		add("addons.podIdentityAgent", s.Addons.PodIdentityAgent, "needs an account, and a local stack has none")
	}
	for i, g := range s.Nodes.Groups {
		path := fmt.Sprintf("nodes.groups[%d].mode", i)
		switch {
		case g.Mode == spec.External:
		case s.Local():
			add(path, g.Mode, "needs an account, and a local stack has none")
		case g.Fixed != nil:
			add(path, g.Mode, "is for EC2 instances, and fixed states another kind of node")
		}
	}
	return problems
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
		{"addons.clusterAutoscaler", s.Addons.ClusterAutoscaler, true},
		{"addons.metricsServer", s.Addons.MetricsServer, true},
		{"addons.podIdentityAgent", s.Addons.PodIdentityAgent, true},
		{"addons.prometheus", s.Addons.Prometheus, false},
		{"addons.prometheusAdapter", s.Addons.PrometheusAdapter, false},
		{"cache.mode", s.Cache.Mode, true},
		{"database.mode", s.Database.Mode, true},
	}
	for i, g := range s.Nodes.Groups {
		all = append(all, thing{fmt.Sprintf("nodes.groups[%d].mode", i), g.Mode, true})
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
