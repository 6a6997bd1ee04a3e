package kubernetes_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/kubernetes"
	"github.com/agencyos/headroom/internal/standin/provider"
)

func TestRivals(t *testing.T) {
	hpa := func(name, space, target string) string {
		return `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: ` + name + `, namespace: ` + space +
			`}, spec: {maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: ` + target + `}}}`
	}
	pdb := func(name, selector string) string {
		return `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: ` + name + `, namespace: web}, spec: {maxUnavailable: 1, selector: ` + selector + `}}`
	}
	workload := `{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: web}, spec: {template: {metadata: {labels: {app: api, tier: web}}}}}`
	cases := map[string]struct {
		reason string
		token  string
		live   []string
		made   string
		want   string
	}{
		"SameTarget":       {"two autoscalers fight", autoscaler, []string{hpa("old", "web", "api")}, hpa("new", "web", "api"), "scales Deployment api already"},
		"OtherTarget":      {"each has its own", autoscaler, []string{hpa("old", "web", "jobs")}, hpa("new", "web", "api"), ""},
		"OtherNamespace":   {"names are per namespace", autoscaler, []string{hpa("old", "shop", "api")}, hpa("new", "web", "api"), ""},
		"SameName":         {"the object itself is told as existing", autoscaler, []string{hpa("new", "web", "api")}, hpa("new", "web", "api"), "exists already"},
		"SameSelector":     {"without any workload known", budget, []string{pdb("old", "{matchLabels: {app: api}}")}, pdb("new", "{matchLabels: {app: api}}"), "covers the pods of the selector"},
		"SamePods":         {"other selectors, the same pods", budget, []string{workload, pdb("old", "{matchLabels: {app: api}}")}, pdb("new", "{matchLabels: {tier: web}}"), "covers the pods of Deployment api"},
		"OtherPods":        {"nothing in common", budget, []string{workload, pdb("old", "{matchLabels: {app: jobs}}")}, pdb("new", "{matchLabels: {tier: web}}"), ""},
		"Expression":       {"an expression selects as well", budget, []string{workload, pdb("old", "{matchExpressions: [{key: app, operator: In, values: [api, jobs]}]}")}, pdb("new", "{matchLabels: {tier: web}}"), "covers the pods of Deployment api"},
		"ExpressionAgains": {"and excludes", budget, []string{workload, pdb("old", "{matchExpressions: [{key: app, operator: NotIn, values: [api]}]}")}, pdb("new", "{matchLabels: {tier: web}}"), ""},
		"Exists":           {"a label of any value", budget, []string{workload, pdb("old", "{matchExpressions: [{key: app, operator: Exists}]}")}, pdb("new", "{matchLabels: {tier: web}}"), "covers the pods of Deployment api"},
		"NoSuchTarget":     {"an autoscaler of nothing", autoscaler, []string{workload}, hpa("new", "web", "backend"), "scales Deployment backend, which is not there; there are api"},
		"LikelyTarget":     {"the only one there is, with the autoscaler it has", autoscaler, []string{workload, hpa("old", "web", "api")}, hpa("new", "web", "backend"), "scales Deployment api already"},
		"Target":           {"its Deployment is there", autoscaler, []string{workload}, hpa("new", "web", "api"), ""},
		"NoSuchPods":       {"a budget over nothing", budget, []string{workload}, pdb("new", "{matchLabels: {app: web}}"), `selects no pod by {"app":"web"}; of the Deployments there, api has {"app":"api","tier":"web"}`},
		"DoesNotExist":     {"or of none", budget, []string{workload, pdb("old", "{matchExpressions: [{key: app, operator: DoesNotExist}]}")}, pdb("new", "{matchLabels: {tier: web}}"), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := kubernetes.New()
			for _, text := range c.live {
				in := plain(t, object(t, text))
				meta := in["metadata"].(map[string]any)
				token := map[any]string{"HorizontalPodAutoscaler": autoscaler, "PodDisruptionBudget": budget, "Deployment": deployment}[in["kind"]]
				if err := p.Seed(provider.Seed{Token: token, ID: meta["namespace"].(string) + "/" + meta["name"].(string), Inputs: in}); err != nil {
					t.Fatal(err)
				}
			}
			p.Begin()
			_, err := p.Create(t.Context(), plugin.CreateRequest{URN: urnOf(c.token), Type: tokens.Type(c.token), Properties: object(t, c.made), Preview: true})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, collision := range p.Collisions() {
				got = append(got, collision.Why)
			}
			if all := strings.Join(got, "\n"); (c.want == "") != (all == "") || !strings.Contains(all, c.want) {
				t.Errorf("Collisions() = %q, want %q: %s", all, c.want, c.reason)
			}
		})
	}
}

func urnOf(token string) resource.URN { return resource.URN("urn:pulumi:s::p::" + token + "::new") }

// TestAdoptedObjectIsNoRival reads a live autoscaler as an import does.
func TestAdoptedObjectIsNoRival(t *testing.T) {
	p := kubernetes.New()
	in := plain(t, object(t, `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: old, namespace: web},
		spec: {maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: api}}}`))
	if err := p.Seed(provider.Seed{Token: autoscaler, ID: "web/old", Inputs: in}); err != nil {
		t.Fatal(err)
	}
	for run := range 2 { // the second run does not read it again
		p.Begin()
		if run == 0 {
			if _, err := p.Read(t.Context(), plugin.ReadRequest{URN: urnOf(autoscaler), Type: tokens.Type(autoscaler), ID: "web/old"}); err != nil {
				t.Fatal(err)
			}
		}
		if found := p.Collisions(); len(found) > 0 {
			t.Errorf("run %d: Collisions() = %v, want none: the program has adopted it", run, found)
		}
		p.Commit()
	}
}

// TestOwnDeploymentsAreNoTargets makes pause pods beside services whose
// Deployments nobody has told of.
func TestOwnDeploymentsAreNoTargets(t *testing.T) {
	p := kubernetes.New()
	p.Begin()
	for token, text := range map[string]string{
		deployment: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: api-pause, namespace: web}, spec: {selector: {matchLabels: {app: pause}}, template: {metadata: {labels: {app: pause}}, spec: {containers: [{name: pause, image: "pause:3.10"}]}}}}`,
		autoscaler: `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: api, namespace: web}, spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}}`,
		budget:     `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: api, namespace: web}, spec: {maxUnavailable: 1, selector: {matchLabels: {app: api}}}}`,
	} {
		if _, err := p.Create(t.Context(), plugin.CreateRequest{URN: urnOf(token), Type: tokens.Type(token), Properties: object(t, text), Preview: true}); err != nil {
			t.Fatal(err)
		}
	}
	if found := p.Collisions(); len(found) > 0 {
		t.Errorf("Collisions() = %v, want none: no Deployment of others is known", found)
	}
}
