package kubernetes_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/kubernetes"
	"github.com/agencyos/headroom/internal/standin/provider"
)

func TestAPriorityIsForLife(t *testing.T) {
	p := kubernetes.New()
	if err := p.Seed(provider.Seed{Token: priority, ID: "a", Inputs: plain(t, object(t, good[priority]))}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"value": "value", "preemptionPolicy": "preemptionPolicy", "description": ""} {
		value := map[string]any{"value": -4.0, "preemptionPolicy": "PreemptLowerPriority", "description": "x"}[path]
		_, err := p.Update(t.Context(), plugin.UpdateRequest{Type: tokens.Type(priority), ID: "a", NewInputs: at(t, priority, path, value), Preview: true})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), "may not be changed")) {
			t.Errorf("Update of %s = %v, want it refused: %t", path, err, want != "")
		}
	}
}

func TestReleasesAndClasses(t *testing.T) {
	p := kubernetes.New()
	create := func(token string) plugin.CreateResponse {
		r, err := p.Create(t.Context(), plugin.CreateRequest{URN: urnOf(token), Type: tokens.Type(token), Properties: object(t, good[token])})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := create(priority); r.ID != "a" {
		t.Errorf("a class has id %s, want its name: it lies in no namespace", r.ID)
	}
	r := create(release)
	if status := provider.Of(r.Properties).At("status"); r.ID != "kube-system/a" || status.At("status").Text() != "deployed" || status.At("version").Text() != "1.2.3" {
		t.Errorf("a release has id %s and status %s", r.ID, status)
	}
	news, _ := check(t.Context(), t, release, nil, at(t, release, "name", nil))
	if name := provider.Of(news).At("name").Text(); !strings.HasPrefix(name, "logical-") {
		t.Errorf("a release without a name is called %q, want one of the logical name", name)
	}
	again, _ := check(t.Context(), t, release, news, at(t, release, "name", nil))
	if diff := cmp.Diff(provider.Of(news).At("name").Text(), provider.Of(again).At("name").Text()); diff != "" {
		t.Errorf("and keeps it (-want +got):\n%s", diff)
	}
}

// What runs already is told before a second one is installed.
func TestRivalsOfAChart(t *testing.T) {
	workload := func(image string) map[string]any {
		return plain(t, object(t, `{apiVersion: apps/v1, metadata: {name: x, namespace: ops}, spec: {selector: {matchLabels: {app: x}},
			template: {metadata: {labels: {app: x}}, spec: {containers: [{name: x, image: "`+image+`"}]}}}}`))
	}
	chart := func(name, of string) string {
		return `{name: ` + name + `, namespace: kube-system, chart: ` + of + `, repositoryOpts: {repo: "https://example.com"}}`
	}
	cases := map[string]struct {
		reason string
		token  string
		live   map[string]any
		made   string
		want   string
	}{
		"Image":      {"a second autoscaler fights", deployment, workload("registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0"), chart("a", "cluster-autoscaler"), "runs cluster-autoscaler"},
		"Metrics":    {"one answers for the API", deployment, workload("registry.k8s.io/metrics-server/metrics-server:v0.8.1"), chart("a", "metrics-server"), "runs metrics-server"},
		"Karpenter":  {"adds nodes as well", deployment, workload("public.ecr.aws/karpenter/controller:1.14.0"), chart("a", "cluster-autoscaler"), "runs karpenter"},
		"Aside":      {"Karpenter measures nothing", deployment, workload("public.ecr.aws/karpenter/controller:1.14.0"), chart("a", "metrics-server"), ""},
		"Adapter":    {"an API has one server", deployment, workload("registry.k8s.io/prometheus-adapter/prometheus-adapter:v0.12.0"), chart("a", "prometheus-adapter"), "runs prometheus-adapter"},
		"Keda":       {"KEDA is one, too", deployment, workload("ghcr.io/kedacore/keda-metrics-apiserver:2.18.0@sha256:aa"), chart("a", "prometheus-adapter"), "runs keda-metrics-apiserver"},
		"Operator":   {"two operators write the same objects", deployment, workload("quay.io/prometheus-operator/prometheus-operator:v0.90.0"), chart("a", "kube-prometheus-stack"), "runs prometheus-operator"},
		"Prometheus": {"whatever started it", statefulSet, workload("registry.example:5000/prometheus/prometheus"), chart("a", "kube-prometheus-stack"), "runs prometheus:"},
		"Exporter":   {"what Prometheus reads may run twice", deployment, workload("quay.io/prometheus/blackbox-exporter:v0.27.0"), chart("a", "kube-prometheus-stack"), ""},
		"Stack":      {"another release of it", release, plain(t, object(t, chart("b", "kube-prometheus-stack"))), chart("a", "kube-prometheus-stack"), "is a kube-prometheus-stack"},
		"Release":    {"another release of the chart", release, plain(t, object(t, chart("b", "cluster-autoscaler"))), chart("a", "cluster-autoscaler"), "is a cluster-autoscaler"},
		"OtherChart": {"charts that may run twice do", release, plain(t, object(t, chart("b", "redis"))), chart("a", "redis"), ""},
		"OtherImage": {"as do other programs", deployment, workload("example.com/cluster-autoscaler-exporter:1"), chart("a", "cluster-autoscaler"), ""},
		"SameName":   {"the release itself is told as existing", release, plain(t, object(t, chart("a", "metrics-server"))), chart("a", "metrics-server"), "exists already"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := kubernetes.New()
			id := "ops/x"
			if c.token == release {
				id = "kube-system/" + c.live["name"].(string)
			}
			if err := p.Seed(provider.Seed{Token: c.token, ID: id, Inputs: c.live}); err != nil {
				t.Fatal(err)
			}
			p.Begin()
			if _, err := p.Create(t.Context(), plugin.CreateRequest{URN: urnOf(release), Type: tokens.Type(release), Properties: object(t, c.made), Preview: true}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, collision := range p.Collisions() {
				got = append(got, collision.Why)
			}
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) {
				t.Errorf("%s: collisions %q, want %q", c.reason, got, c.want)
			}
		})
	}
}
