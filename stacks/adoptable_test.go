package stacks

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

// leaves are the resources that a committed stack declares in a cloud or cluster.
func leaves(t *testing.T, stack string) []componenttest.Resource {
	t.Helper()
	r, err := play(stack, project, raw(t, stack))
	if err != nil {
		t.Fatalf("program of %s: %v", stack, err)
	}
	var out []componenttest.Resource
	for _, one := range r.Resources() {
		if one.Custom && !strings.HasPrefix(one.Type, "pulumi:") {
			out = append(out, one)
		}
	}
	return out
}

// neverAdopted are what a running product keeps without it, by type, by component
// and type, or by type and name.
var neverAdopted = map[string]bool{
	// A patch owns fields of an object and is none.
	"kubernetes:apps/v1:DeploymentPatch": true,
	// The Service of a managed Deployment comes and goes with it.
	"headroom:service:Service kubernetes:core/v1:Service": true,
	// An adopted replication group keeps its users and where its logs go.
	"aws:elasticache/user:User":           true,
	"aws:elasticache/userGroup:UserGroup": true,
	"aws:cloudwatch/logGroup:LogGroup":    true,
	// Cache and database of a local stack are made for it.
	"kubernetes:apps/v1:StatefulSet":                       true,
	"headroom:database:Database kubernetes:core/v1:Secret": true,
	"headroom:cache:Cache kubernetes:apps/v1:Deployment":   true,
	"headroom:cache:Cache kubernetes:core/v1:ConfigMap":    true,
	"headroom:cache:Cache kubernetes:core/v1:Secret":       true,
	"headroom:cache:Cache kubernetes:core/v1:Service":      true,
	// A distribution is told to use these, beside what it used before.
	"aws:cloudfront/cachePolicy:CachePolicy":                     true,
	"aws:cloudfront/originAccessControl:OriginAccessControl":     true,
	"aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": true,
	// Logs have a bucket of their own.
	"aws:s3/bucketV2:BucketV2 prod-edge-logs":                      true,
	"aws:cloudwatch/logDelivery:LogDelivery":                       true,
	"aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": true,
	"aws:cloudwatch/logDeliverySource:LogDeliverySource":           true,
	// A setting is put, not made; Cloudflare's provider imports none.
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       true,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     true,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           true,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     true,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": true,
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               true,
	"cloudflare:index/tieredCache:TieredCache":                                                   true,
	"cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride":                                 true,
	// A group has a name of its own and meets no live one: nodes.groups[].id adopts
	// it, and what nodes are launched from and may do stays with it.
	"aws:autoscaling/tag:Tag":                           true,
	"aws:ec2/launchTemplate:LaunchTemplate":             true,
	"aws:eks/nodeGroup:NodeGroup":                       true,
	"aws:iam/role:Role":                                 true,
	"aws:iam/rolePolicy:RolePolicy":                     true,
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": true,
	// Pause pods and their priority come and go with the setting.
	"headroom:nodes:Nodes kubernetes:apps/v1:Deployment": true,
	"kubernetes:scheduling.k8s.io/v1:PriorityClass":      true,
	// What watches a stack is made for it, beside what watched it before; exporters
	// that run are named by monitoring.exporters with mode external.
	"headroom:monitoring:Monitoring aws:eks/podIdentityAssociation:PodIdentityAssociation": true,
	"headroom:monitoring:Monitoring kubernetes:apps/v1:Deployment":                         true,
	"headroom:monitoring:Monitoring kubernetes:core/v1:ConfigMap":                          true,
	"headroom:monitoring:Monitoring kubernetes:core/v1:Service":                            true,
	"headroom:monitoring:Monitoring kubernetes:core/v1:ServiceAccount":                     true,
	"aws:budgets/budget:Budget":                                                            true,
	"kubernetes:monitoring.coreos.com/v1:PodMonitor":                                       true,
	"kubernetes:monitoring.coreos.com/v1:Probe":                                            true,
	"kubernetes:monitoring.coreos.com/v1:PrometheusRule":                                   true,
	"kubernetes:monitoring.coreos.com/v1alpha1:AlertmanagerConfig":                         true,
	// The records of a certificate and of aliases stay with edge.cloudfront.dns: external.
	"aws:acm/certificateValidation:CertificateValidation": true,
	"cloudflare:index/record:Record":                      true,
}

// Whatever a stack declares, a preview must be able to say what a change of it
// does, and a running product must be able to keep what it has of it.
func TestEveryDeclaredTypeHasEffectsAndCanBeAdopted(t *testing.T) {
	for _, stack := range committed(t) {
		for _, leaf := range leaves(t, stack) {
			if _, ok := effects.Of(leaf.Type); !ok {
				t.Errorf("%s: %s has no row in capacity/effects", stack, leaf.Type)
			}
			urn := "urn:pulumi:" + stack + "::headroom::" + leaf.Type + "::" + leaf.Name
			if neverAdopted[leaf.Type] || neverAdopted[typeOf(leaf.Parent)+" "+leaf.Type] || neverAdopted[leaf.Type+" "+leaf.Name] {
				continue
			}
			if Adoption(urn, leaf.Parent, "x") == nil {
				t.Errorf("%s: %s %s below %s cannot be adopted: add a row to adoptable", stack, leaf.Type, leaf.Name, typeOf(leaf.Parent))
			}
		}
	}
}

// What holds data must not go by accident where others depend on it.
func TestWhatHoldsDataIsProtected(t *testing.T) {
	for _, stack := range committed(t) {
		src, err := fromFile(project, stack)
		if err != nil {
			t.Fatal(err)
		}
		in, err := src.load()
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range leaves(t, stack) {
			row, _ := effects.Of(leaf.Type)
			if want := row.Holds != "" && !in.stack.Local(); leaf.Protect != want {
				t.Errorf("%s: %s %s protect = %v, want %v", stack, leaf.Type, leaf.Name, leaf.Protect, want)
			}
		}
	}
}

func TestAdoption(t *testing.T) {
	const service = "urn:pulumi:prod::headroom::headroom:service:Service::backend"
	const db = "urn:pulumi:prod::headroom::headroom:database:Database::prod-db"
	const edge = "urn:pulumi:prod::headroom::headroom:edge:Edge::prod-edge"
	const ruleset = "urn:pulumi:prod::headroom::headroom:edge:Edge$cloudflare:index/ruleset:Ruleset::"
	cases := map[string]struct {
		urn, parent string
		want        []spec.Setting
	}{
		"Autoscaler": {service[:len(service)-9] + "$kubernetes:autoscaling/v2:HorizontalPodAutoscaler::backend", service,
			[]spec.Setting{{Path: "services.backend.adopt.autoscaler", Value: "web/x"}}},
		"Deployment": {"urn:pulumi:prod::headroom::headroom:service:Service$kubernetes:apps/v1:Deployment::backend", service,
			[]spec.Setting{{Path: "services.backend.mode", Value: "adopt"}, {Path: "services.backend.id", Value: "web/x"}}},
		"Pooler": {"urn:pulumi:prod::headroom::headroom:database:Database$kubernetes:apps/v1:Deployment::pgbouncer", db,
			[]spec.Setting{{Path: "database.pgbouncer.adopt.deployment", Value: "web/x"}}},
		"Cache phase": {ruleset + "prod-edge-cachePhase-0a1b", edge,
			[]spec.Setting{{Path: "edge.cloudflare.cachePhase.mode", Value: "adopt"}, {Path: "edge.cloudflare.cachePhase.rulesetId", Value: "x"}}},
		"Header phase": {ruleset + "prod-edge-headerPhase-0a1b", edge,
			[]spec.Setting{{Path: "edge.cloudflare.headerPhase.mode", Value: "adopt"}, {Path: "edge.cloudflare.headerPhase.rulesetId", Value: "x"}}},
		"Autoscaler of nodes": {"urn:pulumi:prod::headroom::headroom:nodes:Nodes$kubernetes:helm.sh/v3:Release::prod-nodes-cluster-autoscaler", "urn:pulumi:prod::headroom::headroom:nodes:Nodes::prod-nodes",
			[]spec.Setting{{Path: "addons.clusterAutoscaler", Value: "external"}}},
		"Logs":    {"urn:pulumi:prod::headroom::headroom:edge:Edge$aws:s3/bucketV2:BucketV2::prod-edge-logs", edge, nil},
		"Nothing": {"urn:pulumi:prod::headroom::aws:s3/bucket:Bucket::x", db, nil},
		"NoURN":   {"x", "", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Adoption(c.urn, c.parent, "web/x")); diff != "" {
				t.Errorf("Adoption (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPointer(t *testing.T) {
	const service = "urn:pulumi:prod::headroom::headroom:service:Service::backend"
	hpa := "urn:pulumi:prod::headroom::headroom:service:Service$kubernetes:autoscaling/v2:HorizontalPodAutoscaler::backend"
	if got := Pointer(hpa, service); got != "services.backend.deployment" {
		t.Errorf("Pointer of an autoscaler = %q", got)
	}
	const edge = "urn:pulumi:prod::headroom::headroom:edge:Edge::prod-edge"
	if got := Pointer("urn:pulumi:prod::headroom::headroom:edge:Edge$aws:cloudfront/distribution:Distribution::prod-edge-media", edge); got != "edge.cloudfront.bucket.name" {
		t.Errorf("Pointer of a distribution = %q", got)
	}
	if got := Pointer(hpa, "urn:pulumi:prod::headroom::headroom:database:Database::db") + Pointer("x", service); got != "" {
		t.Errorf("Pointer of what finds nothing = %q, want none", got)
	}
}

// A line that a preview offers must be one that the stack file takes.
func TestAdoptionPathsAreOfTheStackFile(t *testing.T) {
	config := map[string]json.RawMessage{}
	for key, text := range raw(t, "prod") {
		config[strings.TrimPrefix(key, spec.Namespace+":")] = json.RawMessage(text)
	}
	for _, row := range adoptable {
		for _, path := range []string{row.path, row.mode, pointers[[2]string{row.component, row.resource}]} {
			if path == "" {
				continue
			}
			changed, err := spec.Set(config, strings.ReplaceAll(path, "%s", "backend"), "agencyos/x")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := spec.Decode("prod", changed); err != nil && strings.Contains(err.Error(), "unknown key") {
				t.Errorf("adoptable offers %s, which is no key: %v", path, err)
			}
		}
	}
}
