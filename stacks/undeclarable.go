package stacks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// needsAccount is why a local stack declares no part of a cloud.
const needsAccount = "needs an account, and a local stack has none"

// undeclarable reports every mode that no component can honor. Leaving such a
// part out in silence would prove a stack that is never built.
func undeclarable(s spec.Stack) spec.Problems {
	return slices.Concat(localData(s), localNodes(s), localEdge(s), oldCluster(s))
}

// refused is a mode that nobody honors.
func refused(path string, mode spec.Mode, rule, fix string) spec.Problem {
	return spec.Problem{Path: path, Value: string(mode), Rule: rule, Fix: fix}
}

// localData keeps a local stack free of accounts.
func localData(s spec.Stack) (problems spec.Problems) {
	const fix = "use managed for one in the cluster, or external"
	if s.Local() && s.Database.Mode == spec.Adopt {
		problems = append(problems, refused("database.mode", spec.Adopt, needsAccount, fix))
	}
	if s.Local() && s.Cache.Mode == spec.Adopt {
		problems = append(problems, refused("cache.mode", spec.Adopt, needsAccount, fix))
	}
	return problems
}

// localNodes keeps a local stack free of accounts, and a node that EC2 does not
// launch out of EKS.
func localNodes(s spec.Stack) (problems spec.Problems) {
	add := func(path string, mode spec.Mode, rule string) {
		problems = append(problems, refused(path, mode, rule, "use external"))
	}
	if s.Local() && s.Addons.ClusterAutoscaler == spec.Managed {
		add("addons.clusterAutoscaler", spec.Managed, needsAccount)
	}
	if s.Local() && s.Addons.PodIdentityAgent == spec.Managed {
		add("addons.podIdentityAgent", spec.Managed, needsAccount)
	}
	for i, g := range s.Nodes.Groups {
		path := fmt.Sprintf("nodes.groups[%d].mode", i)
		switch {
		case g.Mode == spec.External:
		case s.Local():
			add(path, g.Mode, needsAccount)
		case g.Fixed != nil:
			add(path, g.Mode, "is for EC2 instances, and fixed states another kind of node")
		}
	}
	return problems
}

// localEdge keeps a local stack free of accounts.
func localEdge(s spec.Stack) (problems spec.Problems) {
	if s.Local() && s.Edge.ChangesCloudFront() {
		problems = append(problems, refused("edge.cloudfront.mode", s.Edge.CloudFront.Mode, needsAccount, "use external"))
	}
	if s.Local() && s.Edge.Cloudflare != nil && s.Edge.Cloudflare.Touched() {
		problems = append(problems, refused("edge.cloudflare.mode", s.Edge.Cloudflare.Mode, needsAccount, "use external"))
	}
	return problems
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
