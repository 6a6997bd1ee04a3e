package engine_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/cmd/preview/changes"
	"github.com/agencyos/headroom/cmd/preview/command"
	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/internal/standin/seeds"
	"github.com/agencyos/headroom/stacks"
)

const (
	// product is a running product: two autoscalers, Deployments that the delivery
	// owns, a database with its parameter group.
	product    = root + "/examples/adopt"
	autoscaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	workload   = "kubernetes:apps/v1:Deployment"
)

// ofHeadroom runs the preview command on the real program.
func ofHeadroom(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"--simulate=false", "--policies=false"}, args...)
	code = command.Main(t.Context(), args, command.Headroom(), command.Streams{Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

// TestFirstPreviewOfARunningProduct: a stack file that knows nothing of what is
// live is refused, and the lines it is told to add are all it takes.
func TestFirstPreviewOfARunningProduct(t *testing.T) {
	args := []string{"--dir", product, "--live", product + "/live"}
	code, out, errs := ofHeadroom(t, append(args, "--stack", "before")...)
	if code != command.Violated {
		t.Fatalf("the first preview exits %d, want %d\n%s\n%s", code, command.Violated, out, errs)
	}
	for _, want := range []string{
		"nothing was changed", "before-db meets Instance shop-db, which is a live postgres instance",
		"backend meets HorizontalPodAutoscaler shop/backend-hpa, which scales Deployment backend-api already",
		"frontend meets HorizontalPodAutoscaler shop/frontend, which exists already",
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("the refusal does not say %q:\n%s", want, errs)
		}
	}
	_, add, _ := strings.Cut(errs, "add to Pulumi.before.yaml under config:\n")
	merged := merge(t, read(t, product, "Pulumi.before.yaml"), "config:\n"+add)
	var after map[string]any
	if err := yaml.Unmarshal([]byte(read(t, product, "Pulumi.after.yaml")), &after); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(after, merged); diff != "" {
		t.Errorf("Pulumi.before.yaml with the lines is not Pulumi.after.yaml (-after +got):\n%s", diff)
	}
}

// merge lays the objects of one YAML text over those of another.
func merge(t *testing.T, texts ...string) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, text := range texts {
		var over map[string]any
		if err := yaml.Unmarshal([]byte(text), &over); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		lay(out, over)
	}
	return out
}

func lay(under, over map[string]any) {
	for key, value := range over {
		below, ok := under[key].(map[string]any)
		if above, both := value.(map[string]any); ok && both {
			lay(below, above)
			continue
		}
		under[key] = value
	}
}

// TestAdoption: with the lines, the preview imports, replaces nothing and lists
// every input that differs with what its change does.
func TestAdoption(t *testing.T) {
	code, out, errs := ofHeadroom(t, "--dir", product, "--live", product+"/live", "--stack", "after", "--json")
	var got struct {
		OK      bool             `json:"ok"`
		Steps   map[string]int   `json:"steps"`
		Changes []changes.Change `json:"changes"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != command.OK || !got.OK {
		t.Fatalf("preview exits %d, %v\n%s\n%s", code, err, out, errs)
	}
	if diff := cmp.Diff(map[string]int{"create": 32, "import": 5, "update": 5}, got.Steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	told := map[string]string{}
	for _, c := range got.Changes {
		if !c.Imported || c.Worst() == effects.Replace {
			t.Errorf("%s %s is not taken over as it is: %+v", c.Op, c.ID, c)
		}
		for _, d := range c.Differences {
			told[c.ID+" "+d.Field] = changes.Show(d.Live) + " → " + changes.Show(d.Wanted) + " " + string(d.Effect)
		}
	}
	for field, want := range map[string]string{
		"shop-db multiAz":                            "false → true update",
		"shop-db backupRetentionPeriod":              "1 → 7 update",
		"shop-db skipFinalSnapshot":                  "true → false none",
		"shop-db tags":                               `{"team":"shop"} → - none`,
		"shop-pg17 parameters[max_connections]":      "500 → - restart",
		"shop-pg17 parameters[log_temp_files]":       "- → 10240 update",
		"shop/backend-hpa spec.maxReplicas":          "12 → 17 update",
		"shop/backend-hpa metadata.labels":           `{"team":"shop"} → - none`,
		"shop/backend-pdb spec.maxUnavailable":       "2 → 1 update",
		"shop/frontend metadata.annotations":         `{"owner":"web@shop.example"} → - none`,
		"shop-pg17 parameters[rds.force_ssl]":        "- → 1 update",
		"shop-db performanceInsightsRetentionPeriod": "7 → - none",
	} {
		if told[field] != want {
			t.Errorf("%s is told as %q, want %q", field, told[field], want)
		}
	}
}

// TestOthersKeepWhatIsTheirs takes the product over and changes something else:
// image, replicas, labels and everything that the delivery and the autoscaler
// move meanwhile stay.
func TestOthersKeepWhatIsTheirs(t *testing.T) {
	cases := map[string]struct {
		reason string
		set    []spec.Setting
	}{
		"External": {"the Deployments stay with the delivery", nil},
		"Adopted": {"Headroom takes the backend's Deployment over as well", []spec.Setting{
			{Path: "services.backend.mode", Value: "adopt"}, {Path: "services.backend.id", Value: "shop/backend-api"},
			{Path: "services.backend.container", Value: "app"}, {Path: "services.backend.deployment"}, {Path: "services.backend.selector"},
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(product)); err != nil {
				t.Fatal(err)
			}
			edit(t, filepath.Join(dir, "Pulumi.after.yaml"), c.set...)
			s := open(t, stacks.Program, func(o *standin.Options) { o.Dir, o.Stack = dir, "after" })
			live, err := seeds.Read(filepath.Join(dir, "live"))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Seed(live.Objects); err != nil {
				t.Fatal(err)
			}
			first := must(t, "up", s.Up)
			if first.Changes["import"] < 5 || first.Changes["replace"]+first.Changes["delete"] > 0 {
				t.Errorf("up does %v, want imports and no replacement", first.Changes)
			}
			deliver(t, s)
			was := theirs(t, s)
			edit(t, filepath.Join(s.WorkDir(), "Pulumi.after.yaml"), spec.Setting{Path: "services.frontend.autoscaling.minReplicas", Value: "6"})
			changed := must(t, "an unrelated up", s.Up)
			// Alerts and dashboards name the new floor.
			const rule, page = "kubernetes:monitoring.coreos.com/v1:PrometheusRule::headroom-after-", "kubernetes:core/v1:ConfigMap::headroom-dashboard-after-"
			want := []string{autoscaler + "::frontend", page + "autoscaling", page + "services", rule + "pods", rule + "scaling"}
			if diff := cmp.Diff(want, changedObjects(changed)); diff != "" {
				t.Errorf("an unrelated change (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(was, theirs(t, s)); diff != "" {
				t.Errorf("what others own changed (-before +after):\n%s", diff)
			}
			if again := changedObjects(must(t, "preview after it", s.Preview)); len(again) > 0 {
				t.Errorf("a further preview changes %v", again)
			}
		})
	}
}

// changedObjects are the objects of a cluster or account that an operation
// changed, by type and name; components only note their inputs.
func changedObjects(r standin.Result) []string {
	var out []string
	for _, step := range r.Steps {
		if step.Op != "read" && !strings.HasPrefix(step.Type, "headroom:") && !strings.HasPrefix(step.Type, "pulumi:") {
			out = append(out, step.Type+"::"+step.Name)
		}
	}
	slices.Sort(out) // the engine takes steps side by side
	return out
}

// deliver is what goes on in a running product: a new image, a scaled
// Deployment, a label of another manager.
func deliver(t *testing.T, s *standin.Session) {
	t.Helper()
	moved := 0
	s.Providers["kubernetes"].Modify(func(token string, in resource.PropertyMap) bool {
		if token != workload || in["metadata"].ObjectValue()["name"].StringValue() != "backend-api" {
			return false
		}
		moved++
		set(t, in, "spec.replicas", 14.0)
		set(t, in, "spec.template.spec.containers[1].image", "shop/backend:2026-11-25.1")
		set(t, in, "metadata.labels.release", "blue")
		return true
	})
	if moved != 1 {
		t.Fatalf("the delivery moved %d Deployments, want the backend's", moved)
	}
}

// theirs is what the delivery and the autoscaler own of the backend.
func theirs(t *testing.T, s *standin.Session) map[string]string {
	t.Helper()
	d, ok := s.Providers["kubernetes"].Find(workload, "shop/backend-api")
	if !ok {
		t.Fatal("the backend's Deployment is gone")
	}
	out := map[string]string{}
	for _, path := range []string{
		"spec.replicas", "metadata.labels", "spec.selector", "spec.template.spec.containers[0]", "spec.template.spec.containers[1].image",
		"spec.template.spec.containers[1].command", "spec.template.spec.containers[1].envFrom", "spec.template.spec.volumes", "spec.template.spec.serviceAccountName",
	} {
		out[path] = d.At(path).String()
	}
	if out["spec.replicas"] != "14" || !strings.Contains(out["spec.template.spec.containers[1].image"], "2026-11-25.1") ||
		!strings.Contains(out["metadata.labels"], "blue") || !strings.Contains(out["metadata.labels"], `"team":"shop"`) {
		t.Errorf("the backend's Deployment has %v, want what the delivery set", out)
	}
	return out
}

// set changes one input of a live object, whose values others may hold as well.
func set(t *testing.T, in resource.PropertyMap, path string, value any) {
	t.Helper()
	at, err := resource.ParsePropertyPath(path)
	top := resource.PropertyKey(strings.Split(path, ".")[0])
	in[top] = resource.NewPropertyValue(in[top].Mappable())
	if err != nil || !at.Set(resource.NewObjectProperty(in), resource.NewPropertyValue(value)) {
		t.Fatalf("setting %s: %v", path, err)
	}
}
