package plan

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/spec"
)

const root = "../.."

// committed are the stacks of this repository by name.
func committed(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "Pulumi.*.yaml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("found %v, %v; want at least three committed stacks", files, err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml"))
	}
	return names
}

func committedInputs(t testing.TB, name string) (spec.Stack, baseline.Baseline) {
	t.Helper()
	stack, err := spec.DecodeFile(name, golden.Read(t, filepath.Join(root, "Pulumi."+name+".yaml")))
	if err != nil {
		t.Fatalf("%s:\n%v", name, err)
	}
	base, err := baseline.Decode(golden.Read(t, filepath.Join(root, "baselines", name+".json")))
	if err != nil {
		t.Fatalf("%s:\n%v", name, err)
	}
	return stack, base
}

func TestCommittedStacks(t *testing.T) {
	for _, name := range committed(t) {
		t.Run(name, func(t *testing.T) {
			stack, base := committedInputs(t, name)
			p := mustPlan(t, stack, base)
			golden.Text(t, "testdata/"+name+".golden.json", asJSON(t, p))
			if ids := violatedIDs(p); ids != nil {
				t.Errorf("a committed stack violates %v", ids)
			}
			if p.Headroom.Factor < stack.Traffic.Growth {
				t.Errorf("every check holds at %g×, but headroom is %g×", stack.Traffic.Growth, p.Headroom.Factor)
			}
		})
	}
}

// What the proof relies on is named as it is called where it runs.
func TestReliesNamesWhatIsThere(t *testing.T) {
	p := planned(t, "services.frontend.deployment=shop-web", "services.frontend.selector={app: shop-web, tier: web}", "services.frontend.adopt.settings=agencyos/shop-settings")
	all := strings.Join(p.Relies, "\n")
	for _, want := range []string{"Deployment shop-web includes ConfigMap shop-settings by envFrom, labels its pods app: shop-web, tier: web, ", "the cache at "} {
		if !strings.Contains(all, want) {
			t.Errorf("the plan relies on\n%s\nwithout %q", all, want)
		}
	}
}
