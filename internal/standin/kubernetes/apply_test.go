package kubernetes_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/kubernetes"
	"github.com/agencyos/headroom/internal/standin/provider"
)

// plain is a property map as YAML would give it.
func plain(t *testing.T, m resource.PropertyMap) map[string]any {
	t.Helper()
	text, err := json.Marshal(m.Mappable())
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

const kubectlSet = `kubectl.kubernetes.io/last-applied-configuration: '{"metadata":{"labels":{"app":"a"}},"spec":{"replicas":3,` +
	`"template":{"spec":{"containers":[{"name":"app","image":"x","env":[{"name":"A","value":"1"}]}]}}}}'`

// TestApply is server-side apply as the provider does it: what the program
// states is set, what it (or kubectl before it) set and nobody states any more
// goes, and what others set stays.
func TestApply(t *testing.T) {
	const id = "{name: a, namespace: web"
	cases := map[string]struct{ reason, live, news, want string }{
		"Others": {
			"labels and keys of others stay",
			`{metadata: ` + id + `, labels: {team: shop}}, data: {THEIRS: "1"}}`,
			`{metadata: ` + id + `, labels: {app: a}}, data: {OURS: "2"}}`,
			`{metadata: ` + id + `, labels: {team: shop, app: a}}, data: {THEIRS: "1", OURS: "2"}}`,
		},
		"Kubectl": {
			"the provider takes over what kubectl applied, and drops what is not stated",
			`{metadata: ` + id + `, annotations: {` + kubectlSet + `}, labels: {app: a, team: shop}}, spec: {replicas: 3, paused: true}}`,
			`{metadata: ` + id + `}, spec: {minReadySeconds: 5}}`,
			`{metadata: ` + id + `, labels: {team: shop}}, spec: {paused: true, minReadySeconds: 5}}`,
		},
		"Containers": {
			"containers and their variables are told apart by name",
			`{metadata: ` + id + `, annotations: {` + kubectlSet + `}}, spec: {template: {spec: {containers: [{name: mesh, image: m},
				{name: app, image: x, env: [{name: A, value: "1"}, {name: B, value: "2"}]}]}}}}`,
			`{metadata: ` + id + `}, spec: {template: {spec: {containers: [{name: app, image: y, env: [{name: C, value: "3"}]}]}}}}`,
			`{metadata: ` + id + `}, spec: {template: {spec: {containers: [{name: mesh, image: m},
				{name: app, image: y, env: [{name: B, value: "2"}, {name: C, value: "3"}]}]}}}}`,
		},
		"AtomicList": {
			"a list without keys is one value",
			`{metadata: ` + id + `}, spec: {template: {spec: {containers: [{name: app, command: [a, b, c]}]}}}}`,
			`{metadata: ` + id + `}, spec: {template: {spec: {containers: [{name: app, command: [d]}]}}}}`,
			`{metadata: ` + id + `}, spec: {template: {spec: {containers: [{name: app, command: [d]}]}}}}`,
		},
		"PortsOfTCP": {
			"a port without a protocol is TCP",
			`{metadata: ` + id + `}, spec: {ports: [{port: 80, name: old}, {port: 80, protocol: UDP}]}}`,
			`{metadata: ` + id + `}, spec: {ports: [{port: 80, protocol: TCP, name: new}]}}`,
			`{metadata: ` + id + `}, spec: {ports: [{port: 80, protocol: TCP, name: new}, {port: 80, protocol: UDP}]}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := update(t, c.live, c.news)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plain(t, object(t, c.want)), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// update seeds a Deployment and updates it; it answers what is live then.
func update(t *testing.T, live, news string) (map[string]any, error) {
	t.Helper()
	p := kubernetes.New()
	seed := provider.Seed{Token: deployment, ID: "web/a", Inputs: plain(t, object(t, live))}
	if err := p.Seed(seed); err != nil {
		t.Fatal(err)
	}
	request := plugin.UpdateRequest{URN: "urn:pulumi:s::p::" + deployment + "::a", Type: tokens.Type(deployment), ID: "web/a", NewInputs: object(t, news)}
	if _, err := p.Update(t.Context(), request); err != nil {
		return nil, err
	}
	read, err := p.Read(t.Context(), plugin.ReadRequest{Type: tokens.Type(deployment), ID: "web/a"})
	return plain(t, read.Inputs), err
}

const fields = `managedFields: [
	{manager: argocd-controller, operation: Apply, fieldsV1: {"f:spec": {"f:replicas": {}, "f:template": {"f:spec": {"f:containers":
		{'k:{"name":"app"}': {".": {}, "f:name": {}, "f:image": {}}}}}}}},
	{manager: kubectl-client-side-apply, operation: Update, fieldsV1: {"f:metadata": {"f:labels": {"f:app": {}}}}},
	{manager: kube-controller-manager, operation: Update, subresource: status, fieldsV1: {"f:status": {"f:replicas": {}}}}]`

const owned = `{metadata: {name: a, namespace: web, labels: {app: a, team: shop}, ` + fields + `},
	spec: {replicas: 3, paused: true, template: {spec: {containers: [{name: app, image: x, tty: true}]}}}, status: {replicas: 3}}`

func TestManagersOfFields(t *testing.T) {
	cases := map[string]struct{ reason, news, want, refused string }{
		"KubectlsFieldsGo": {
			reason: "labels of kubectl are taken over and not stated",
			news:   `{metadata: {name: a, namespace: web}}`,
			want: `{metadata: {name: a, namespace: web, labels: {team: shop}}, spec: {replicas: 3, paused: true,
				template: {spec: {containers: [{name: app, image: x, tty: true}]}}}}`,
		},
		"SameValue": {
			reason: "two may set a field to one value",
			news:   `{metadata: {name: a, namespace: web, labels: {app: a}}, spec: {replicas: 3}}`,
			want: `{metadata: {name: a, namespace: web, labels: {app: a, team: shop}}, spec: {replicas: 3, paused: true,
				template: {spec: {containers: [{name: app, image: x, tty: true}]}}}}`,
		},
		"Conflict": {
			reason:  "the delivery set the image, and the program says another",
			news:    `{metadata: {name: a, namespace: web}, spec: {template: {spec: {containers: [{name: app, image: y}]}}}}`,
			refused: "conflicts over spec.template.spec.containers.image, which argocd-controller set",
		},
		"Force": {
			reason: "an object may ask for force",
			news:   `{metadata: {name: a, namespace: web, labels: {app: a}, annotations: {pulumi.com/patchForce: "true"}}, spec: {replicas: 5}}`,
			want: `{metadata: {name: a, namespace: web, labels: {app: a, team: shop}, annotations: {pulumi.com/patchForce: "true"}},
				spec: {replicas: 5, paused: true, template: {spec: {containers: [{name: app, image: x, tty: true}]}}}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := update(t, owned, c.news)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("%s: %v, want a refusal with %q", c.reason, err, c.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plain(t, object(t, c.want)), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestRefreshShowsWhatTheProgramStates(t *testing.T) {
	p := kubernetes.New()
	seed := provider.Seed{Token: deployment, ID: "web/a", Inputs: plain(t, object(t, owned))}
	if err := p.Seed(seed); err != nil {
		t.Fatal(err)
	}
	stated := `{metadata: {name: a, namespace: web, labels: {app: b}}, spec: {replicas: 1, template: {spec: {containers: [{name: app}]}}}}`
	read, err := p.Read(t.Context(), plugin.ReadRequest{Type: tokens.Type(deployment), ID: "web/a", Inputs: object(t, stated)})
	if err != nil {
		t.Fatal(err)
	}
	want := `{metadata: {name: a, namespace: web, labels: {app: a}}, spec: {replicas: 3, template: {spec: {containers: [{name: app}]}}}}`
	if diff := cmp.Diff(plain(t, object(t, want)), plain(t, read.Inputs)); diff != "" {
		t.Errorf("a refresh tells live values of what the program states, and nothing else (-want +got):\n%s", diff)
	}
}
