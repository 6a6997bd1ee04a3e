package rules

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/agencyos/headroom/capacity/golden"
)

// fixtures has a folder for each rule and in it files named after the verdict
// that the rule must give: pass, fail, unknown or not-applicable, each with any
// number of variants, such as fail-default.yaml.
const fixtures = "testdata"

var kinds = map[string]State{"pass": Pass, "fail": Violation, "unknown": CannotKnow, "not-applicable": NotApplicable}

// fixture is a change of the good stack and everything that is then found.
type fixture struct {
	// Reason is why this is the right verdict.
	Reason string `yaml:"reason"`
	// Base is "good" unless it is "direct", "workers" or "external".
	Base string `yaml:"base,omitempty"`
	// Stack that the resources are in; prod unless it is set.
	Stack string `yaml:"stack,omitempty"`
	// Edit sets values by resource and path; "$gone" removes, "$unknown" and
	// "$secret" hide. An empty path is all inputs.
	Edit map[string]map[string]any `yaml:"edit,omitempty"`
	// Without takes resources away.
	Without []string `yaml:"without,omitempty"`
	// Options replace those of a resource.
	Options map[string]fixtureOptions `yaml:"options,omitempty"`
	// Config sets options of rules.
	Config map[string]any `yaml:"config,omitempty"`
	// Also are other rules that rightly fire on the same change.
	Also []string `yaml:"also,omitempty"`
	// Expect is every violation and doubt of all rules, and every verdict of the
	// rule itself.
	Expect []string `yaml:"expect"`
}

type fixtureOptions struct {
	Manifest      bool     `yaml:"manifest,omitempty"`
	Protect       bool     `yaml:"protect,omitempty"`
	IgnoreChanges []string `yaml:"ignoreChanges,omitempty"`
}

// TestFixtures judges every fixture by all rules and compares all findings: no
// rule may fire on a neighbor.
func TestFixtures(t *testing.T) {
	folders := []string{}
	for _, rule := range All() {
		folders = append(folders, rule.ID)
		t.Run(rule.ID, func(t *testing.T) {
			seen := map[string]bool{}
			for _, path := range glob(t, filepath.Join(fixtures, rule.ID, "*.yaml")) {
				kind, _ := kindOf(path)
				seen[kind] = true
				t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) { holdsFixture(t, rule, path) })
			}
			for kind := range kinds {
				if !seen[kind] {
					t.Errorf("%s has no fixture %s.yaml", filepath.Join(fixtures, rule.ID), kind)
				}
			}
		})
	}
	for _, folder := range glob(t, filepath.Join(fixtures, "*")) {
		if !slices.Contains(folders, filepath.Base(folder)) {
			t.Errorf("%s belongs to no rule", folder)
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// kindOf reads the verdict out of a name such as fail-default.yaml.
func kindOf(path string) (string, State) {
	name := strings.TrimSuffix(filepath.Base(path), ".yaml")
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if name == kind || strings.HasPrefix(name, kind+"-") {
			return kind, kinds[kind]
		}
	}
	return "", ""
}

func holdsFixture(t *testing.T, rule Rule, path string) {
	t.Helper()
	f := readFixture(t, path)
	_, want := kindOf(path)
	report := f.run(t)
	if got := worst(report, rule.ID); got != want {
		t.Errorf("%s\n%s = %s, want %s, which the name of the file says:\n%s", f.Reason, rule.ID, got, want, messages(report, rule.ID))
	}
	fires := append([]string{}, f.Also...)
	if want == Violation {
		fires = append(fires, rule.ID)
	}
	slices.Sort(fires)
	if diff := cmp.Diff(fires, violated(report)); diff != "" {
		t.Errorf("%s\nviolated rules (-want +got):\n%s", f.Reason, diff)
	}
	fixes(t, report)
	got := told(report, rule.ID)
	if *golden.Update {
		f.Expect = got
		f.write(t, path)
	} else if diff := cmp.Diff(f.Expect, got); diff != "" {
		t.Errorf("%s\nfindings (-want +got):\n%s", f.Reason, diff)
	}
}

// told are the findings that a fixture pins down, one line each.
func told(r Report, rule string) []string {
	lines := []string{}
	for _, f := range r.Findings {
		if f.Rule == rule || f.State == Violation || f.State == CannotKnow {
			lines = append(lines, string(f.State)+" "+f.Rule+" on "+f.Resource+": "+f.Message)
		}
	}
	return lines
}

func readFixture(t *testing.T, path string) fixture {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if f.Reason == "" {
		t.Errorf("%s gives no reason", path)
	}
	return f
}

func (f fixture) write(t *testing.T, path string) {
	t.Helper()
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(f); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// stack is the changed stack of a fixture.
func (f fixture) stack(t *testing.T) []Resource {
	t.Helper()
	stack := map[string]func() []Resource{"": goodStack, "direct": directStack, "workers": workersStack, "external": externalStack}[f.Base]()
	var edits []edit
	for _, resource := range slices.Sorted(maps.Keys(f.Edit)) {
		for _, path := range slices.Sorted(maps.Keys(f.Edit[resource])) {
			edits = append(edits, edit{resource, path, special(f.Edit[resource][path])})
		}
	}
	stack = apply(t, stack, edits...)
	label := func(r Resource) string { return r.Type[strings.LastIndexByte(r.Type, ':')+1:] + " " + r.Name }
	stack = slices.DeleteFunc(stack, func(r Resource) bool { return slices.Contains(f.Without, label(r)) })
	for i := range stack {
		if o, ok := f.Options[label(stack[i])]; ok {
			stack[i].Options = Options{Known: !o.Manifest, Protect: o.Protect, IgnoreChanges: o.IgnoreChanges}
		}
		if f.Stack != "" {
			stack[i].URN = strings.Replace(stack[i].URN, "urn:pulumi:prod:", "urn:pulumi:"+f.Stack+":", 1)
		}
	}
	return stack
}

func (f fixture) run(t *testing.T) Report {
	t.Helper()
	entries := map[string]any{}
	data, err := json.Marshal(f.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	config, err := NewConfig(entries, All())
	if err != nil {
		t.Fatal(err)
	}
	return Run(NewModel(f.stack(t)), All(), RunOptions{Today: today, Config: config})
}

func special(value any) any {
	switch v := value.(type) {
	case string:
		if hidden, ok := map[string]any{"$gone": gone{}, "$unknown": Unknown(), "$secret": Secret()}[v]; ok {
			return hidden
		}
	case map[string]any:
		out := map[string]any{}
		for key := range v {
			out[key] = special(v[key])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = special(v[i])
		}
		return out
	}
	return value
}
