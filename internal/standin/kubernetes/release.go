package kubernetes

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	release       = "kubernetes:helm.sh/v3:Release"
	priorityClass = "kubernetes:scheduling.k8s.io/v1:PriorityClass"

	pkRelease     = "pulumi-kubernetes provider/pkg/provider/helm_release.go @ 01799d56"
	helmName      = "https://helm.sh/docs/helm/helm_install/: a release name has at most 53 characters, 2026-11"
	k8sScheduling = "kubernetes/kubernetes pkg/apis/scheduling/validation/validation.go"
)

// releaseType is a chart that Helm installs. It has no metadata: the engine knows
// nothing of what is in it.
func releaseType() provider.Type {
	return provider.Known(provider.Type{
		Token: release, Required: []string{"chart"}, Rules: releaseRules(), Rivals: rivalReleases,
		Identity: func(in provider.Value) string {
			if in.At("name").Text() == "" || in.At("namespace").Unknown() {
				return ""
			}
			return "helm:" + releaseID(in)
		},
		Mint: func(m provider.Minting) (string, map[string]any) {
			return releaseID(m.Inputs), map[string]any{"status": map[string]any{
				"name": m.Inputs.At("name").Text(), "namespace": m.Inputs.At("namespace").Text(), "chart": m.Inputs.At("chart").Text(),
				"version": m.Inputs.At("version").Text(), "revision": 1.0, "status": "deployed",
			}}
		},
	})
}

func releaseID(in provider.Value) string {
	namespace := in.At("namespace").Text()
	if namespace == "" {
		namespace = "default"
	}
	return namespace + "/" + in.At("name").Text()
}

// nameRelease names a release that has no name, as Check does.
func nameRelease(c provider.Checking) (resource.PropertyMap, error) {
	if !c.News["name"].IsNull() {
		return c.News, nil
	}
	if old := c.Olds["name"]; !old.IsNull() {
		c.News["name"] = old
		return c.News, nil
	}
	name, err := resource.NewUniqueName(c.Seed, c.Name+"-", 8, 0, nil)
	c.News["name"] = resource.NewStringProperty(name)
	return c.News, err
}

func releaseRules() []provider.Rule {
	return []provider.Rule{
		{ID: "helm-release-name", Source: helmName, Test: func(_, in provider.Value) []provider.Problem {
			if name := in.At("name"); name.IsText() && (len(name.Text()) > 53 || !subdomain.MatchString(name.Text())) {
				return problem("name", "must be a lower-case name of at most 53 characters")
			}
			return nil
		}},
		{ID: "helm-release-repository", Source: pkRelease + " (getChart)", Test: func(_, in provider.Value) []provider.Problem {
			repo, chart := in.At("repositoryOpts.repo"), in.At("chart").Text()
			if repo.IsText() && !strings.HasPrefix(repo.Text(), "https://") && !strings.HasPrefix(repo.Text(), "http://") {
				return problem("repositoryOpts.repo", "could not find protocol handler for it; use https://")
			}
			if repo.Present() && strings.HasPrefix(chart, "oci://") {
				return problem("repositoryOpts.repo", "must not stand beside a chart of an OCI registry")
			}
			return nil
		}},
	}
}

func priorityRules() []provider.Rule {
	return []provider.Rule{
		{ID: "k8s-priority-value", Source: k8sScheduling + " ValidatePriorityClass; HighestUserDefinablePriority is 1000000000", Test: func(_, in provider.Value) []provider.Problem {
			if n, ok := in.At("value").Number(); ok && n > 1000000000 {
				return problem("value", "must be at most 1000000000")
			}
			return nil
		}},
		{ID: "k8s-priority-name", Source: k8sScheduling + " ValidatePriorityClass; system- is reserved", Test: func(_, in provider.Value) []provider.Problem {
			if strings.HasPrefix(in.At("metadata.name").Text(), "system-") {
				return problem("metadata.name", "must not begin with system-")
			}
			return nil
		}},
		{ID: "k8s-priority-policy", Source: k8sScheduling + " ValidatePreemptionPolicy", Test: func(_, in provider.Value) []provider.Problem {
			if p := in.At("preemptionPolicy"); p.IsText() && p.Text() != "Never" && p.Text() != "PreemptLowerPriority" {
				return problem("preemptionPolicy", "must be Never or PreemptLowerPriority")
			}
			return nil
		}},
		{ID: "k8s-priority-fixed", When: provider.OnUpdate, Source: k8sScheduling + " ValidatePriorityClassUpdate", Between: func(old, in provider.Value) []provider.Problem {
			for _, path := range []string{"value", "preemptionPolicy"} {
				if old.At(path).String() != in.At(path).String() {
					return problem(path, "Forbidden: may not be changed in an update")
				}
			}
			return nil
		}},
	}
}

// program is one that cannot run beside a chart's own.
type program struct {
	// image is how the name of its image ends.
	image, why string
}

const (
	sameNodes   = "both would add and remove the same nodes"
	sameMetrics = "one of both answers for the metrics API"
	// An API group and version has one server (https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/, 2026-11).
	sameExternal = "one of both answers for the external metrics API, by which every autoscaler asks"
	sameObjects  = "both would write the same Prometheus and Alertmanager of one cluster"
	sameSeries   = "a second one would scrape, store and alert on the same"
)

// singletons are charts whose programs must not run twice, with the programs that
// do what theirs do. Images of other names: Karpenter's is karpenter/controller
// (github.com/aws/karpenter-provider-aws charts/karpenter/values.yaml), KEDA serves
// the external metrics API as keda-metrics-apiserver
// (github.com/kedacore/charts keda/values.yaml), both 2026-11.
var singletons = map[string]struct {
	why      string
	programs []program
}{
	"cluster-autoscaler": {sameNodes, []program{
		{"cluster-autoscaler", sameNodes}, {"karpenter", "both would add a node for one pending pod"}, {"karpenter/controller", "both would add a node for one pending pod"},
	}},
	"metrics-server":        {sameMetrics, []program{{"metrics-server", sameMetrics}}},
	"prometheus-adapter":    {sameExternal, []program{{"prometheus-adapter", sameExternal}, {"keda-metrics-apiserver", sameExternal}}},
	"kube-prometheus-stack": {sameObjects, []program{{"prometheus-operator", sameObjects}, {"prometheus", sameSeries}}},
}

// rivalReleases are live installations of others of what a release brings: other
// releases of the chart, and workloads that run its program or one like it.
func rivalReleases(all []provider.Live, declared provider.Live) []provider.Rival {
	in := declared.Inputs
	chart := in.At("chart").Text()
	one, ok := singletons[chart]
	if !ok {
		return nil
	}
	var found []provider.Rival
	for _, other := range all {
		switch {
		case other.URN != "":
		case other.Token == release && other.Inputs.At("chart").Text() == chart && releaseID(other.Inputs) != releaseID(in):
			found = append(found, provider.Rival{ID: other.ID, Why: "is a " + chart + ": " + one.why})
		case other.Token == deployment || other.Token == statefulSet:
			found = append(found, running(other, one.programs)...)
		}
	}
	return found
}

// running are the programs of a list that a workload runs.
func running(workload provider.Live, programs []program) (found []provider.Rival) {
	for _, p := range programs {
		if runs(workload.Inputs, p.image) {
			found = append(found, provider.Rival{ID: workload.ID, Why: "runs " + p.image + ": " + p.why})
		}
	}
	return found
}

// runs tells whether a container's image is of a program.
func runs(workload provider.Value, program string) bool {
	for _, c := range workload.At("spec.template.spec.containers").List() {
		name, _, _ := strings.Cut(c.At("image").Text(), "@")
		if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
			name = name[:i]
		}
		if strings.HasSuffix("/"+name, "/"+program) {
			return true
		}
	}
	return false
}
