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
)

const release = "kubernetes:helm.sh/v3:Release"

// nodesOfATeam is a node group that somebody made before there was a stack.
var nodesOfATeam = provider.Seed{Token: nodeGroup, ID: "agencyos-prod:teams-own", Inputs: map[string]any{
	"clusterName": "agencyos-prod", "nodeGroupName": "teams-own", "nodeRoleArn": "arn:aws:iam::111122223333:role/team", "capacityType": "ON_DEMAND",
	"subnetIds":     []any{"subnet-0a10000000000000a", "subnet-0a10000000000000b", "subnet-0a10000000000000c"},
	"instanceTypes": []any{"m7i.xlarge"}, "scalingConfig": map[string]any{"minSize": 3.0, "desiredSize": 11.0, "maxSize": 30.0},
	"labels": map[string]any{"team": "shop"}, "tags": map[string]any{"team": "shop"},
}}

// TestARunningProductIsTakenOver makes production once and then meets it with
// another state, as a team does whose product runs already, with everything external.
func TestARunningProductIsLeftAlone(t *testing.T) {
	first := openProd(t)
	edit(t, prodFile(first), slices.Concat(withDeployment("backend"), withDeployment("frontend"))...)
	made := must(t, "up of what runs later", first.Up)
	externalThroughout(t, made)
}

func prodFile(s *standin.Session) string { return filepath.Join(s.WorkDir(), "Pulumi.prod.yaml") }

// withDeployment lets the program make the service's Deployment.
func withDeployment(service string) []spec.Setting {
	at := "services." + service
	return []spec.Setting{{Path: at + ".mode", Value: "managed"}, {Path: at + ".image", Value: "agencyos/" + service + ":1.4.2"}, {Path: at + ".patch"}}
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
