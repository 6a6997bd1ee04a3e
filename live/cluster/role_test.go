package cluster

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	v1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	"sigs.k8s.io/yaml"
)

// The roles of the guide allow what is asked for, and nothing else.
func TestRolesOfTheGuide(t *testing.T) {
	for role, ask := range map[string]func(*Conn, *Meter) error{
		"headroom-audit": func(conn *Conn, meter *Meter) error {
			_, err := conn.Workloads(t.Context(), "prod")
			if err == nil {
				_, err = meter.Use(t.Context(), "prod", Sampling{Samples: 1})
			}
			return err
		},
		"headroom-init": func(conn *Conn, _ *Meter) error {
			_, _, err := conn.Services(t.Context(), "prod")
			return err
		},
	} {
		core, metrics := fake.NewClientset(serving(t)...), metered(&v1beta1.PodMetricsList{})
		conn := New(core, "prod")
		if err := ask(conn, &Meter{conn, metrics}); err != nil {
			t.Fatal(err)
		}
		var asked []string
		for _, a := range slices.Concat(core.Actions(), metrics.Actions()) {
			asked = append(asked, key(a))
		}
		slices.Sort(asked)
		if diff := cmp.Diff(slices.Compact(asked), granted(t, "../../docs/audit.md", role)); diff != "" {
			t.Errorf("%s: -asked +allowed:\n%s", role, diff)
		}
	}
}

func key(a clienttesting.Action) string {
	return a.GetVerb() + " " + a.GetResource().Resource + "." + a.GetResource().Group
}

// granted are the rules of a ClusterRole in a guide.
func granted(t *testing.T, path, name string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, rest := range strings.Split(string(text), "```yaml\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		document, _, _ := strings.Cut(block, "\n---\n")
		var role rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict([]byte(document), &role); err != nil {
			t.Fatal(err)
		}
		if role.Kind == "ClusterRole" && role.Name == name {
			return rules(role)
		}
	}
	t.Fatalf("%s holds no ClusterRole %s", path, name)
	return nil
}

func rules(role rbacv1.ClusterRole) (out []string) {
	for _, rule := range role.Rules {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				out = append(out, verb+" "+resource+"."+strings.Join(rule.APIGroups, ","))
			}
		}
	}
	slices.Sort(out)
	return out
}
