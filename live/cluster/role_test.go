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

// The role of the guide allows what is asked for, and nothing else.
func TestRoleOfTheGuide(t *testing.T) {
	core, metrics := fake.NewClientset(), metered(&v1beta1.PodMetricsList{})
	conn := New(core, "prod")
	if _, err := conn.Workloads(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Meter{conn, metrics}).Use(t.Context(), "shop", Sampling{Samples: 1}); err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, a := range slices.Concat(core.Actions(), metrics.Actions()) {
		asked = append(asked, key(a))
	}
	slices.Sort(asked)
	if diff := cmp.Diff(asked, granted(t, "../../docs/audit.md")); diff != "" {
		t.Errorf("-asked +allowed:\n%s", diff)
	}
}

func key(a clienttesting.Action) string {
	return a.GetVerb() + " " + a.GetResource().Resource + "." + a.GetResource().Group
}

// granted are the rules of the ClusterRole in a guide.
func granted(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	block, _, _ := strings.Cut(rest, "```")
	document, _, _ := strings.Cut(block, "\n---\n")
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(document), &role); err != nil || role.Kind != "ClusterRole" {
		t.Fatalf("%s holds no ClusterRole: %v", path, err)
	}
	var out []string
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
