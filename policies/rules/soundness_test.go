package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// crashed finds a rule that failed by itself.
func crashed(r Report) string {
	for _, f := range r.Findings {
		if strings.HasPrefix(f.Message, "the rule itself failed") {
			return f.Rule + ": " + f.Message
		}
	}
	return ""
}

// trials are values that a place may turn out to have.
var trials = []any{
	gone{}, nil, 0, 1, 2, -1, 3.5, 99999, 1e18, true, false, "", "x", "0", "-1", "1", "250", "100%", "0%", "200%",
	"0.0.0.0/0", "repo/image", "repo/image:latest", "Recreate", "Disabled", "Min", "immediate", "-", "tcp", "postgres17",
	"100m", "9", "sleep 300", []any{}, []any{"0.0.0.0/0"}, []any{"sleep", "999"}, node{},
	[]any{node{"name": "DB_POOL_SIZE", "value": "0"}}, node{"DB_POOL_SIZE": "9999"}, node{"app": "api"},
}

// TestUnknownIsSound replaces every value, one at a time, by an unknown one and
// by a secret. No rule may then panic or find a violation; and a rule that still
// passes must also pass whatever value stands there.
func TestUnknownIsSound(t *testing.T) {
	for name, stack := range map[string][]Resource{"good": goodStack(), "direct": directStack(), "workers": workersStack(), "external": externalStack()} {
		for i, r := range stack {
			for _, path := range paths(r.Inputs) {
				soundAt(t, name, stack, i, path)
			}
		}
	}
}

// reading are the rules that read a type; TestTypesAreDeclared holds that no
// other one looks at it.
func reading(typ string) []Rule {
	return slices.DeleteFunc(All(), func(r Rule) bool { return !slices.Contains(r.Types, typ) })
}

func soundAt(t *testing.T, name string, stack []Resource, i int, path []string) {
	t.Helper()
	where := fmt.Sprintf("%s: %s of %s", name, strings.Join(path, "/"), stack[i].label())
	with := func(value any) Report {
		changed := slices.Clone(stack)
		changed[i].Inputs = set(changed[i].Inputs, path, value)
		report := Run(NewModel(changed), reading(stack[i].Type), RunOptions{Today: today})
		if c := crashed(report); c != "" {
			t.Fatalf("%s = %v: %s", where, value, c)
		}
		return report
	}
	blind := with(Unknown())
	for _, hidden := range []Report{blind, with(Secret())} {
		if diff := cmp.Diff([]string{}, violated(hidden)); diff != "" {
			t.Errorf("%s not readable: violations (-want +got):\n%s", where, diff)
		}
	}
	told := map[string]bool{}
	for _, value := range trials {
		seen := with(value)
		for _, rule := range violated(seen) {
			if got := worst(blind, rule); got != CannotKnow && !told[rule] {
				told[rule] = true
				t.Errorf("%s unknown: %s = %s, but with %v there it is violated:\n%s", where, rule, got, value, messages(seen, rule))
			}
		}
	}
}

// TestHostileShapes runs every rule over random trees under real type tokens: no
// rule fails by itself, and none names nothing.
func TestHostileShapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stack := goodStack()
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			i := rapid.IntRange(0, len(stack)-1).Draw(t, "resource")
			all := paths(stack[i].Inputs)
			path := all[rapid.IntRange(0, len(all)-1).Draw(t, "path")]
			stack[i].Inputs = set(stack[i].Inputs, path, tree(3).Draw(t, "tree"))
		}
		for _, typ := range Types() {
			stack = append(stack, Resource{Type: typ, Inputs: tree(4).Draw(t, typ)})
		}
		report := judge(stack)
		if c := crashed(report); c != "" {
			t.Fatal(c)
		}
		if said := nameless(report); said != "" {
			t.Fatal(said)
		}
	})
}

// tree generates values of every kind whose keys are those that rules look for.
func tree(depth int) *rapid.Generator[Value] {
	leaves := []*rapid.Generator[Value]{
		rapid.Just(Value{}), rapid.Just(Unknown()), rapid.Just(Secret()), rapid.Just(Opaque()),
		rapid.Map(rapid.Bool(), Bool), rapid.Map(rapid.Float64(), Number),
		rapid.Map(rapid.SampledFrom(hostileTexts), Text),
	}
	if depth == 0 {
		return rapid.OneOf(leaves...)
	}
	lists := rapid.Map(rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[Value] { return tree(depth - 1) }), 0, 3), List)
	maps := rapid.Map(rapid.MapOfN(rapid.SampledFrom(hostileKeys), rapid.Deferred(func() *rapid.Generator[Value] { return tree(depth - 1) }), 0, 5), Object)
	return rapid.OneOf(append(leaves, lists, maps, maps)...)
}

var hostileTexts = []string{"", "api", "web", "NaN", "Inf", "-1", "1e309", "%", "25%", "-5%", "m", "1m", "Deployment", "Percent",
	"Resource", "cpu", "[databases]\n=\n[", "=", "0.0.0.0/0", "::/0", ":", "a/b:", "sleep 9999999999", "default.", "\x00"}

var hostileKeys = []string{"metadata", "name", "namespace", "labels", "annotations", "spec", "scaleTargetRef", "kind", "minReplicas",
	"maxReplicas", "metrics", "type", "resource", "target", "averageUtilization", "behavior", "scaleUp", "policies", "value",
	"periodSeconds", "selectPolicy", "replicas", "strategy", "rollingUpdate", "maxSurge", "maxUnavailable", "minAvailable", "template",
	"containers", "initContainers", "image", "env", "envFrom", "configMapRef", "secretRef", "valueFrom", "lifecycle", "preStop",
	"exec", "command", "sleep", "seconds", "resources", "requests", "limits", "cpu", "selector", "matchLabels", "matchExpressions",
	"key", "operator", "values", "data", "DB_POOL_SIZE", "pgbouncer.ini", "parameters", "applyMethod", "ingress", "cidrBlocks",
	"fromPort", "scalingConfig", "minSize", "app.kubernetes.io/name", "volumes", "configMap"}

// TestTypesAreDeclared takes all resources of types that a rule does not list
// away from it: its findings must not change.
func TestTypesAreDeclared(t *testing.T) {
	for _, rule := range All() {
		var listed []Resource
		for _, r := range goodStack() {
			if slices.Contains(rule.Types, r.Type) {
				listed = append(listed, r)
			}
		}
		all := Run(NewModel(goodStack()), []Rule{rule}, RunOptions{Today: today})
		few := Run(NewModel(listed), []Rule{rule}, RunOptions{Today: today})
		if diff := cmp.Diff(all.Findings, few.Findings); diff != "" {
			t.Errorf("%s with only its Types (-all +listed):\n%s", rule.ID, diff)
		}
		for _, typ := range rule.Types {
			if !slices.Contains(Types(), typ) {
				t.Errorf("%s reads %s, which Types leaves out", rule.ID, typ)
			}
		}
	}
}
