package stacks

import (
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestOutputsNameTheirOwnValue(t *testing.T) {
	r := results{
		headroomFactor: pulumi.String("factor"), firstLimit: pulumi.String("limit"), namespace: pulumi.String("namespace"),
		settings: pulumi.StringMap{"api": pulumi.String("settings")}, autoscalers: pulumi.StringMap{"api": pulumi.String("autoscaler")},
	}
	want := map[Output]any{
		OutHeadroomFactor: pulumi.String("factor"), OutFirstLimit: pulumi.String("limit"), OutNamespace: pulumi.String("namespace"),
		OutSettings:    pulumi.StringMap{"api": pulumi.String("settings")},
		OutAutoscalers: pulumi.StringMap{"api": pulumi.String("autoscaler")},
	}
	compareOutputs(t, "without a database", want, outputs(r))
	r.database = &databaseResults{host: pulumi.String("host"), port: pulumi.String("port"), id: pulumi.String("id"),
		serverHost: pulumi.String("server"), secretARN: pulumi.String("arn")}
	want[OutDatabaseHost], want[OutDatabasePort] = pulumi.String("host"), pulumi.String("port")
	want[OutDatabaseServerHost], want[OutDatabaseSecretARN] = pulumi.String("server"), pulumi.String("arn")
	compareOutputs(t, "with a database", want, outputs(r))
	r.cache = &cacheResults{host: pulumi.String("cache"), readerHost: pulumi.String("readers"), port: pulumi.String("cache port")}
	want[OutCacheHost], want[OutCacheReaderHost], want[OutCachePort] = pulumi.String("cache"), pulumi.String("readers"), pulumi.String("cache port")
	compareOutputs(t, "with a cache", want, outputs(r))
	r.media = &mediaResults{domain: pulumi.String("domain"), bucket: pulumi.String("bucket"), distribution: pulumi.String("distribution")}
	want[OutMediaDomain], want[OutMediaBucket], want[OutDistribution] = pulumi.String("domain"), pulumi.String("bucket"), pulumi.String("distribution")
	compareOutputs(t, "with a distribution", want, outputs(r))
}

func compareOutputs(t *testing.T, name string, want map[Output]any, got pulumi.Map) {
	t.Helper()
	plain := map[Output]any{}
	for key, value := range got {
		plain[Output(key)] = value
	}
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Errorf("outputs %s (-want +got):\n%s", name, diff)
	}
}

func TestUndeclarable(t *testing.T) {
	external := spec.External
	base := func() spec.Stack {
		return spec.Stack{
			Cluster:  spec.Cluster{Name: "c", Version: "1.35"},
			Services: map[string]spec.Service{"api": {Mode: spec.Managed}},
			Database: spec.Database{Mode: spec.Managed}, Cache: spec.Cache{Mode: external},
			Nodes:  spec.Nodes{Groups: []spec.NodeGroup{{Mode: external}, {Mode: external}}},
			Addons: spec.Addons{MetricsServer: external},
			Edge: spec.Edge{CloudFront: &spec.CloudFront{Mode: external}, Cloudflare: &spec.Cloudflare{
				Mode: external, Settings: external, CachePhase: spec.Phase{Mode: external}, HeaderPhase: spec.Phase{Mode: external}}},
		}
	}
	cases := map[string]struct {
		reason string
		change func(*spec.Stack)
		want   []string
	}{
		"Base":         {"services and the database are declared", func(*spec.Stack) {}, nil},
		"NoCacheAtAll": {"a stack without a cache asks for none", func(s *spec.Stack) { s.Cache.Mode = "" }, nil},
		"ManagedCache": {"ElastiCache", func(s *spec.Stack) { s.Cache.Mode = spec.Managed }, nil},
		"LocalCache":   {"a Redis in the cluster", func(s *spec.Stack) { s.Cluster.Context, s.Database.Mode, s.Cache.Mode = "kind", external, spec.Managed }, nil},
		"LocalAdopted": {"a local stack has no account", func(s *spec.Stack) { s.Cluster.Context, s.Database.Mode, s.Cache.Mode = "kind", external, spec.Adopt }, []string{"cache.mode"}},
		"ManagedGroup": {"its component creates it", func(s *spec.Stack) { s.Nodes.Groups[1].Mode = spec.Managed }, nil},
		"FixedGroup": {"EC2 launches no such node", func(s *spec.Stack) { s.Nodes.Groups[1] = spec.NodeGroup{Mode: spec.Managed, Fixed: &spec.PodAmounts{}} },
			[]string{"nodes.groups[1].mode"}},
		"LocalNodes": {"a local stack has no account", func(s *spec.Stack) {
			s.Cluster.Context, s.Database.Mode, s.Addons.ClusterAutoscaler, s.Addons.PodIdentityAgent = "kind", external, spec.Managed, spec.Managed
			s.Nodes.Groups[0].Mode = spec.Adopt
		}, []string{"addons.clusterAutoscaler", "addons.podIdentityAgent", "nodes.groups[0].mode"}},
		"LocalMetrics": {"metrics-server needs none", func(s *spec.Stack) {
			s.Cluster.Context, s.Database.Mode, s.Addons.MetricsServer = "kind", external, spec.Managed
		}, nil},
		"PausePods": {"they are declared", func(s *spec.Stack) {
			n := 3
			s.Services["api"] = spec.Service{Mode: spec.Managed, Autoscaling: spec.Autoscaling{PausePods: &n}}
		}, nil},
		"ManagedZone":  {"rules and settings are declared", func(s *spec.Stack) { s.Edge.Cloudflare.CachePhase.Mode = spec.Managed }, nil},
		"AdoptedMedia": {"so is the distribution, in every mode", func(s *spec.Stack) { s.Edge.CloudFront.Mode = spec.Adopt }, nil},
		"LocalEdge": {"a local stack has no account", func(s *spec.Stack) {
			s.Cluster.Context, s.Database.Mode = "kind", external
			s.Edge.Cloudflare.Settings, s.Edge.CloudFront.Mode = spec.Managed, spec.Managed
		}, []string{"edge.cloudfront.mode", "edge.cloudflare.mode"}},
		"AdoptedService":  {"its component imports it", func(s *spec.Stack) { s.Services["api"] = spec.Service{Mode: spec.Adopt} }, nil},
		"AdoptedDatabase": {"its component imports it", func(s *spec.Stack) { s.Database.Mode = spec.Adopt }, nil},
		"AdoptedLocally":  {"a local stack has no account", func(s *spec.Stack) { s.Cluster.Context, s.Database.Mode = "kind", spec.Adopt }, []string{"database.mode"}},
		"AdoptedGroup":    {"its component imports it", func(s *spec.Stack) { s.Nodes.Groups[0].Mode = spec.Adopt }, nil},
		"LocalDatabase":   {"a PostgreSQL in the cluster", func(s *spec.Stack) { s.Cluster.Context = "kind" }, nil},
		"OldCluster":      {"preStop could not sleep", func(s *spec.Stack) { s.Cluster.Version = "1.29" }, []string{"cluster.version"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := base()
			c.change(&s)
			var got []string
			for _, p := range undeclarable(s) {
				got = append(got, p.Path)
				if p.Value == "" || p.Rule == "" || p.Fix == "" {
					t.Errorf("undeclarable(%s): %q lacks value, rule or fix", name, p)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("undeclarable(%s): %s (-want +got):\n%s", name, c.reason, diff)
			}
		})
	}
}

func TestKubeconfigNamesOneClusterAndHoldsNoSecret(t *testing.T) {
	text, err := kubeconfig(endpoint{name: "shop", region: "eu-west-1", url: "https://shop.example", authority: "Y2E="})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("kubeconfig is not JSON: %v", err)
	}
	want := map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": "shop",
		"clusters": []any{map[string]any{"name": "shop", "cluster": map[string]any{
			"server": "https://shop.example", "certificate-authority-data": "Y2E="}}},
		"contexts": []any{map[string]any{"name": "shop", "context": map[string]any{"cluster": "shop", "user": "shop"}}},
		"users": []any{map[string]any{"name": "shop", "user": map[string]any{"exec": map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "interactiveMode": "Never",
			"args": []any{"--region", "eu-west-1", "eks", "get-token", "--cluster-name", "shop", "--output", "json"},
		}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kubeconfig (-want +got):\n%s", diff)
	}
	if strings.Contains(text, "insecure-skip-tls-verify") {
		t.Error("kubeconfig skips the verification of the cluster")
	}
}

func TestStackKeysAreThoseOfTheStackFile(t *testing.T) {
	got := stackKeys()
	sort.Strings(got)
	want := []string{"addons", "budget", "cache", "cluster", "database", "edge", "monitoring", "nodes", "policy",
		"services", "slo", "traffic", "waivers"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stackKeys (-want +got):\n%s", diff)
	}
}
