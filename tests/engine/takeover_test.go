package engine_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/agencyos/headroom/stacks"
)

const (
	release  = "kubernetes:helm.sh/v3:Release"
	rulesets = "cloudflare:index/ruleset:Ruleset"
)

// nodesOfATeam is a node group that somebody made before there was a stack.
var nodesOfATeam = provider.Seed{Token: nodeGroup, ID: "agencyos-prod:teams-own", Inputs: map[string]any{
	"clusterName": "agencyos-prod", "nodeGroupName": "teams-own", "nodeRoleArn": "arn:aws:iam::111122223333:role/team", "capacityType": "ON_DEMAND",
	"subnetIds":     []any{"subnet-0a10000000000000a", "subnet-0a10000000000000b", "subnet-0a10000000000000c"},
	"instanceTypes": []any{"m7i.xlarge"}, "scalingConfig": map[string]any{"minSize": 3.0, "desiredSize": 11.0, "maxSize": 30.0},
	"labels": map[string]any{"team": "shop"}, "tags": map[string]any{"team": "shop"},
}}

// TestARunningProductIsTakenOver makes production once and then meets it with
// another state, as a team does whose product runs already: with everything in
// adopt, and with everything external.
func TestARunningProductIsTakenOver(t *testing.T) {
	first := openProd(t)
	edit(t, prodFile(first), slices.Concat(withDeployment("backend"), withDeployment("frontend"))...)
	made := must(t, "up of what runs later", first.Up)
	t.Run("Adopt", func(t *testing.T) { adoptThroughout(t, made) })
	t.Run("External", func(t *testing.T) { externalThroughout(t, made) })
}

func prodFile(s *standin.Session) string { return filepath.Join(s.WorkDir(), "Pulumi.prod.yaml") }

// withDeployment lets the program make the service's Deployment.
func withDeployment(service string) []spec.Setting {
	at := "services." + service
	return []spec.Setting{{Path: at + ".mode", Value: "managed"}, {Path: at + ".image", Value: "agencyos/" + service + ":1.4.2"}, {Path: at + ".patch"}}
}

// adoptThroughout: what the preview meets, it names with the settings that adopt
// it; with them nothing is made twice, replaced or deleted.
func adoptThroughout(t *testing.T, made standin.Result) {
	s := openProd(t)
	live := liveOf(made, func(step standin.Step) bool { return stacks.Adoption(step.URN, step.Parent, step.ID) != nil })
	if err := s.Seed(append(live, nodesOfATeam)); err != nil {
		t.Fatal(err)
	}
	settings := []spec.Setting{
		{Path: "services.backend.mode", Value: "adopt"}, {Path: "services.backend.id", Value: "agencyos/backend"}, {Path: "services.backend.patch"},
		{Path: "services.frontend.mode", Value: "adopt"}, {Path: "services.frontend.id", Value: "agencyos/frontend"},
		{Path: "nodes.groups[0].mode", Value: "adopt"}, {Path: "nodes.groups[0].id", Value: "teams-own"},
	}
	// An entry point of a phase is refused by the component, before a preview meets
	// it.
	settings = append(settings, adoptionOf(made, rulesets)...)
	edit(t, prodFile(s), settings...)
	met, err := s.Preview(t.Context())
	if err == nil || len(met.Collisions) == 0 {
		t.Fatalf("the first preview = %v and meets %v, want it refused for what is live", err, met.Collisions)
	}
	// The subnet group of a cache has a name of its own and meets nothing.
	edit(t, prodFile(s), append(adopting(t, met), adoptionOf(made, "aws:elasticache/subnetGroup:SubnetGroup")...)...)
	planned := must(t, "preview with the settings", s.Preview)
	if len(planned.Collisions) > 0 {
		t.Errorf("the preview still meets %v", planned.Collisions)
	}
	if diff := cmp.Diff(takenOver, importsOf(planned)); diff != "" {
		t.Errorf("imports by type (-want +got):\n%s", diff)
	}
	if planned.Changes["replace"]+planned.Changes["delete"] > 0 {
		t.Errorf("the preview does %v, want nothing replaced or deleted", planned.Changes)
	}
	must(t, "up", s.Up)
	again := steps(must(t, "second preview", s.Preview))
	delete(again, "read") // What is adopted is read every time.
	if diff := cmp.Diff(map[string][]string{}, again); diff != "" {
		t.Errorf("what was taken over changes again (-want +got):\n%s", diff)
	}
}

// takenOver counts what production in adopt imports, by type. The network around
// database and cache stays outside where nobody names it.
var takenOver = map[string]int{
	nodeGroup: 1, workload: 2, autoscaler: 2, "kubernetes:policy/v1:PodDisruptionBudget": 2, "kubernetes:core/v1:ConfigMap": 2,
	"aws:rds/instance:Instance": 1, "aws:rds/parameterGroup:ParameterGroup": 1, "aws:elasticache/replicationGroup:ReplicationGroup": 1,
	"aws:elasticache/parameterGroup:ParameterGroup": 1, "aws:elasticache/subnetGroup:SubnetGroup": 1,
	rulesets: 2, "aws:cloudfront/distribution:Distribution": 1, "aws:s3/bucketV2:BucketV2": 1,
}

func importsOf(r standin.Result) map[string]int {
	out := map[string]int{}
	for _, step := range r.Steps {
		if step.Op == "import" {
			out[step.Type]++
		}
	}
	return out
}

// adoptionOf are the settings that adopt what was made of a type.
func adoptionOf(made standin.Result, typ string) (settings []spec.Setting) {
	for _, step := range made.Steps {
		if step.Type == typ {
			settings = append(settings, stacks.Adoption(step.URN, step.Parent, step.ID)...)
		}
	}
	return settings
}

// adopting are the settings for what a preview met.
func adopting(t *testing.T, r standin.Result) (settings []spec.Setting) {
	t.Helper()
	parents := map[string]string{}
	for _, one := range r.Resources {
		parents[one.URN] = one.Parent
	}
	for _, c := range r.Collisions {
		urn := string(c.URN)
		sets := stacks.Adoption(urn, parents[urn], c.ID)
		if c.ID == "" { // Nothing is in the way, and something must be named.
			sets = []spec.Setting{{Path: stacks.Pointer(urn, parents[urn]), Value: c.Value}}
		}
		if len(sets) == 0 {
			t.Errorf("nothing adopts what %s meets: %s %s, which %s", c.URN, c.Token, c.ID, c.Why)
		}
		settings = append(settings, sets...)
	}
	return settings
}

// externalThroughout: the live product is left alone, whatever the stack adds.
func externalThroughout(t *testing.T, made standin.Result) {
	s := openProd(t)
	live := append(liveOf(made, ofOthers), nodesOfATeam)
	if err := s.Seed(live); err != nil {
		t.Fatal(err)
	}
	before := described(t, s, live)
	edit(t, prodFile(s), allExternal...)
	planned := must(t, "preview", s.Preview)
	if len(planned.Collisions) > 0 {
		t.Errorf("the preview meets %v", planned.Collisions)
	}
	for _, step := range planned.Steps {
		if step.Op != "create" || ofOthers(step) {
			t.Errorf("the preview does %s of %s %s: it is external", step.Op, step.Type, step.Name)
		}
	}
	must(t, "up", s.Up)
	if diff := cmp.Diff(before, described(t, s, live)); diff != "" {
		t.Errorf("what is external changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{}, steps(must(t, "second preview", s.Preview))); diff != "" {
		t.Errorf("an unchanged stack changes (-want +got):\n%s", diff)
	}
}

// ofOthers holds for what a stack declares no part of when all is external: data,
// edge, nodes, charts and Deployments.
func ofOthers(step standin.Step) bool {
	component := step.Parent
	return strings.Contains(component, "headroom:database:") || strings.Contains(component, "headroom:cache:") || strings.Contains(component, "headroom:edge:") ||
		strings.HasPrefix(step.Type, "aws:eks/") || step.Type == release || step.Type == workload && strings.Contains(component, "headroom:service:")
}

// allExternal states what runs in place of production's own.
var allExternal = []spec.Setting{
	{Path: "services.backend.patch"},
	{Path: "database.mode", Value: "external"}, {Path: "database.host", Value: "db.agencyos.example"},
	{Path: "cache.mode", Value: "external"}, {Path: "cache.host", Value: "cache.agencyos.example"},
	{Path: "nodes.groups[0].mode", Value: "external"},
	{Path: "edge.cloudflare.mode", Value: "external"}, {Path: "edge.cloudfront.mode", Value: "external"}, {Path: "edge.cloudfront.dns"},
	{Path: "addons", Value: "{metricsServer: external, clusterAutoscaler: external, prometheus: external, prometheusAdapter: external, podIdentityAgent: external}"},
	{Path: "monitoring.exporters", Value: "{postgres: {mode: external, labels: {job: pg}}, redis: {mode: external, labels: {job: redis}}, cloudwatch: {mode: external, labels: {job: yace}}, " +
		"cloudflare: {mode: external, labels: {job: cloudflare}}, blackbox: {mode: external, labels: {job: probes}}}"},
}

// liveOf are objects that an operation made, as ones that no program made.
func liveOf(r standin.Result, wanted func(standin.Step) bool) (live []provider.Seed) {
	for _, step := range r.Steps {
		if step.Op == "create" && step.ID != "" && wanted(step) {
			live = append(live, provider.Seed{Token: step.Type, ID: step.ID, Inputs: step.New, Computed: step.After})
		}
	}
	return live
}

// described is every live object by its id.
func described(t *testing.T, s *standin.Session, live []provider.Seed) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, one := range live {
		name, _, _ := strings.Cut(one.Token, ":")
		object, ok := s.Providers[name].Find(one.Token, one.ID)
		if !ok {
			t.Errorf("%s %s is gone", one.Token, one.ID)
		}
		out[one.Token+" "+one.ID] = object.String()
	}
	return out
}
