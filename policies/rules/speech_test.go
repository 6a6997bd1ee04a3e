package rules

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// speechless is where a message names nothing: words with nothing between them,
// quotes around nothing, an end that is not there; and where it names a thing of
// one kind as another.
var speechless = regexp.MustCompile(`^\s|\s$|  | [,;)]|\( |""|''|\(\)| -headroom|Deployment Horizontal`)

// nameless finds what names nothing among all that a report says.
func nameless(r Report) string {
	for _, f := range r.Findings {
		for _, said := range append([]string{f.Message, f.Resource, f.Fix}, f.WaitsFor...) {
			if speechless.MatchString(said) {
				return f.Rule + " on " + f.Resource + ": " + said
			}
		}
	}
	return ""
}

// TestMessagesNameWhatTheyMean empties every value of the stacks, one at a time:
// whatever is then said still names a thing.
func TestMessagesNameWhatTheyMean(t *testing.T) {
	for name, stack := range map[string][]Resource{"good": goodStack(), "direct": directStack(), "external": externalStack()} {
		for i, r := range stack {
			for _, path := range paths(r.Inputs) {
				for _, value := range []any{"", " ", gone{}, Unknown(), []any{""}, node{"": ""}, []any{node{"name": ""}}} {
					changed := slices.Clone(stack)
					changed[i].Inputs = set(changed[i].Inputs, path, value)
					if said := nameless(Run(NewModel(changed), reading(r.Type), RunOptions{Today: today})); said != "" {
						t.Errorf("%s: %s of %s = %q: %s", name, strings.Join(path, "/"), r.label(), value, said)
					}
				}
			}
		}
	}
}

// Every fixture is told in words that name a thing.
func TestFixturesNameWhatTheyMean(t *testing.T) {
	eachFixture(t, func(t *testing.T, _ Rule, _ State, f fixture) {
		if said := nameless(f.run(t)); said != "" {
			t.Error(said)
		}
	})
}
