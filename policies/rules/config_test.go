package rules

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// configured are two rules with options of both kinds.
func configured() []Rule {
	return []Rule{
		{ID: "pool-size", Level: Mandatory, Options: []Option{{Name: "seconds", Default: 60, Low: 1, High: 600}, {Name: "paths", Default: []string{"/api"}}}},
		{ID: "no-options", Level: Advisory},
	}
}

func TestParseConfig(t *testing.T) {
	for name, c := range map[string]struct {
		reason, in string
		// levels of pool-size and no-options, and the options of the first.
		levels  [2]Level
		options map[string]any
		problem string
	}{
		"Nothing": {reason: "an empty file leaves the rules' own", in: `{}`, levels: [2]Level{Mandatory, Advisory}},
		"Level":   {reason: "a bare text is a level", in: `{"pool-size": "advisory"}`, levels: [2]Level{Advisory, Advisory}},
		"Both": {reason: "a level may stand beside options", in: `{"pool-size": {"enforcementLevel": "disabled", "seconds": 30}}`,
			levels: [2]Level{Disabled, Advisory}, options: map[string]any{"seconds": 30}},
		"Options": {reason: "options leave the level", in: `{"pool-size": {"seconds": 30, "paths": ["/a", "/b"]}}`,
			levels: [2]Level{Mandatory, Advisory}, options: map[string]any{"seconds": 30, "paths": []string{"/a", "/b"}}},
		"All":       {reason: "all is every rule", in: `{"all": "disabled"}`, levels: [2]Level{Disabled, Disabled}},
		"Nearer":    {reason: "what is said of a rule is nearer than what is said of all", in: `{"all": "disabled", "no-options": "mandatory"}`, levels: [2]Level{Disabled, Mandatory}},
		"Remediate": {reason: "a rule that may only refuse refuses", in: `{"no-options": "remediate"}`, levels: [2]Level{Mandatory, Mandatory}},
		"Lowest":    {reason: "a number may be its least", in: `{"pool-size": {"seconds": 1}}`, levels: [2]Level{Mandatory, Advisory}, options: map[string]any{"seconds": 1}},
		"Highest":   {reason: "or its most", in: `{"pool-size": {"seconds": 600}}`, levels: [2]Level{Mandatory, Advisory}, options: map[string]any{"seconds": 600}},
		"TooLow":    {reason: "and not less", in: `{"pool-size": {"seconds": 0}}`, problem: "pool-size.seconds = 0: must be a whole number from 1 to 600"},
		"TooHigh":   {reason: "nor more", in: `{"pool-size": {"seconds": 601}}`, problem: "pool-size.seconds = 601: must be a whole number from 1 to 600"},
		"Fraction":  {reason: "nor in between", in: `{"pool-size": {"seconds": 1.5}}`, problem: "pool-size.seconds = 1.5: must be a whole number from 1 to 600"},
		"Text":      {reason: "a text is no number", in: `{"pool-size": {"seconds": "30"}}`, problem: "pool-size.seconds = 30: must be a whole number from 1 to 600"},
		"NoList":    {reason: "one text is no list", in: `{"pool-size": {"paths": "/a"}}`, problem: "pool-size.paths = /a: must be a list of texts"},
		"Mixed":     {reason: "a list of texts holds texts", in: `{"pool-size": {"paths": ["/a", 1]}}`, problem: "pool-size.paths = [/a 1]: must be a list of texts"},
		"NoOption":  {reason: "an option that the rule lacks", in: `{"no-options": {"seconds": 1}}`, problem: "no-options.seconds = 1: the rule has no such option"},
		"NoLevel":   {reason: "a level that there is not", in: `{"pool-size": "warn"}`, problem: "pool-size.enforcementLevel = warn: must be mandatory, advisory or disabled"},
		"NoRule":    {reason: "a misspelled rule is told the nearest", in: `{"pool-sizes": "advisory"}`, problem: "pool-sizes: no rule has this id; did you mean \"pool-size\"?"},
		"AllOption": {reason: "options belong to one rule", in: `{"all": {"seconds": 1}}`, problem: "all.seconds = only a level can be set for all rules"},
		"Everything": {reason: "all problems at once, in the order of ids", in: `{"zo-options": "advisory", "pool-size": {"seconds": 0, "enforcementLevel": "warn"}}`,
			problem: "pool-size.enforcementLevel = warn: must be mandatory, advisory or disabled\npool-size.seconds = 0: must be a whole number from 1 to 600\nzo-options: no rule has this id; did you mean \"no-options\"?"},
		"NoObject": {reason: "a list names no rule", in: `[]`, problem: "is not a JSON object of rules: json: cannot unmarshal array into Go value of type map[string]interface {}"},
	} {
		config, err := ParseConfig([]byte(c.in), configured())
		if diff := cmp.Diff(c.problem, said(err)); diff != "" {
			t.Errorf("%s: %s\nproblem (-want +got):\n%s", name, c.reason, diff)
		}
		if c.problem != "" {
			continue
		}
		rules := configured()
		if diff := cmp.Diff(c.levels, [2]Level{config.Level(rules[0]), config.Level(rules[1])}); diff != "" {
			t.Errorf("%s: %s\nlevels (-want +got):\n%s", name, c.reason, diff)
		}
		want := map[string]any{"seconds": 60, "paths": []string{"/api"}}
		maps.Copy(want, c.options)
		if diff := cmp.Diff(want, config.options(rules[0])); diff != "" {
			t.Errorf("%s: %s\noptions (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestConfigOfNoRules suggests none.
func TestConfigOfNoRules(t *testing.T) {
	_, err := ParseConfig([]byte(`{"pool-size": "advisory"}`), nil)
	if diff := cmp.Diff("pool-size: no rule has this id", said(err)); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestOptionSchema is what the engine and editors read.
func TestOptionSchema(t *testing.T) {
	for name, c := range map[string]struct {
		option Option
		want   map[string]any
	}{
		"Number": {Option{What: "seconds", Default: 60, Low: 1, High: 600}, map[string]any{"type": "integer", "minimum": 1, "maximum": 600, "default": 60, "description": "seconds"}},
		"List":   {Option{What: "paths", Default: []string{"/api"}}, map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "default": []any{"/api"}, "description": "paths"}},
	} {
		if diff := cmp.Diff(c.want, c.option.Schema()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
