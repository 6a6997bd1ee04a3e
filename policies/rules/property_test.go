package rules

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// eachFixture runs a property over the fixtures of all rules.
func eachFixture(t *testing.T, hold func(*testing.T, Rule, State, fixture)) {
	t.Helper()
	for _, rule := range All() {
		for _, path := range glob(t, filepath.Join(fixtures, rule.ID, "*.yaml")) {
			_, want := kindOf(path)
			t.Run(rule.ID+"/"+strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) { hold(t, rule, want, readFixture(t, path)) })
		}
	}
}

// TestUnknownNeverPasses hides what makes a violation, one value at a time: what
// was wrong may still be wrong, so nothing may pass.
func TestUnknownNeverPasses(t *testing.T) {
	hidden := 0
	eachFixture(t, func(t *testing.T, rule Rule, want State, f fixture) {
		if want != Violation {
			return
		}
		for resource, edits := range f.Edit {
			for path := range edits {
				blind := f
				blind.Edit = maps.Clone(f.Edit)
				blind.Edit[resource] = maps.Clone(edits)
				blind.Edit[resource][path] = "$unknown"
				hidden++
				if got := worst(blind.run(t), rule.ID); got == Pass || got == NotApplicable {
					t.Errorf("%s = %s with %s of %s unknown, and violated with what stands there", rule.ID, got, path, resource)
				}
			}
		}
	})
	if hidden < 100 {
		t.Errorf("only %d values were hidden", hidden)
	}
}

// TestSingleRulesAgree judges each resource alone: what a single rule refuses
// there it refuses in the stack too, and the other way round.
func TestSingleRulesAgree(t *testing.T) {
	eachFixture(t, func(t *testing.T, rule Rule, want State, f fixture) {
		if !rule.Single || want != Violation || f.Config != nil {
			return
		}
		var alone []Finding
		for _, r := range f.stack(t) {
			alone = append(alone, Run(NewModel([]Resource{r}), []Rule{rule}, RunOptions{Today: today}).Active()...)
		}
		whole := Run(NewModel(f.stack(t)), []Rule{rule}, RunOptions{Today: today}).Active()
		byURN := func(a, b Finding) int { return strings.Compare(a.URN, b.URN) }
		slices.SortFunc(whole, byURN)
		slices.SortFunc(alone, byURN)
		if diff := cmp.Diff(whole, alone); diff != "" {
			t.Errorf("violations (-in the stack +alone):\n%s", diff)
		}
	})
}

// verdicts are the findings without what depends on the order in which a message
// lists things.
func verdicts(r Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Rule+" "+string(f.State)+" "+f.URN)
	}
	slices.Sort(out)
	return out
}

// all fixtures as stacks, each once.
func fixtureStacks(t *testing.T) [][]Resource {
	t.Helper()
	var all [][]Resource
	for _, rule := range All() {
		for _, path := range glob(t, filepath.Join(fixtures, rule.ID, "*.yaml")) {
			all = append(all, readFixture(t, path).stack(t))
		}
	}
	return all
}

// TestOrderDoesNotMatter shuffles the resources.
func TestOrderDoesNotMatter(t *testing.T) {
	stacks := fixtureStacks(t)
	rapid.Check(t, func(t *rapid.T) {
		stack := stacks[rapid.IntRange(0, len(stacks)-1).Draw(t, "fixture")]
		if diff := cmp.Diff(verdicts(judge(stack)), verdicts(judge(rapid.Permutation(stack).Draw(t, "order")))); diff != "" {
			t.Fatalf("verdicts (-in order +shuffled):\n%s", diff)
		}
	})
}

// TestStrangersDoNotMatter adds what no rule knows: nothing changes about the rest.
func TestStrangersDoNotMatter(t *testing.T) {
	stranger := declared("aws:sqs/queue:Queue", "jobs", node{"name": "jobs", "policy": "*", "publiclyAccessible": true})
	stacks := fixtureStacks(t)
	rapid.Check(t, func(t *rapid.T) {
		stack := stacks[rapid.IntRange(0, len(stacks)-1).Draw(t, "fixture")]
		at := rapid.IntRange(0, len(stack)).Draw(t, "at")
		if diff := cmp.Diff(judge(stack).Findings, judge(slices.Insert(slices.Clone(stack), at, stranger)).Findings); diff != "" {
			t.Fatalf("findings (-without +with a stranger):\n%s", diff)
		}
	})
}
