package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/agencyos/headroom/capacity/catalog"
)

// Config is what a person chose: the level of rules and their options. The zero
// value leaves everything as the rules have it.
type Config struct {
	levels map[string]Level
	chosen map[string]map[string]any
}

// allRules stands for every rule in a configuration.
const allRules = "all"

// keyLevel is the key of a level beside options.
const keyLevel = "enforcementLevel"

// ParseConfig reads the file that `pulumi --policy-pack-config` takes: a map of
// rule to level, or to an object of enforcementLevel and options; "all" is every
// rule. All problems are returned at once.
func ParseConfig(data []byte, rules []Rule) (Config, error) {
	var entries map[string]any
	if err := json.Unmarshal(data, &entries); err != nil {
		return Config{}, fmt.Errorf("is not a JSON object of rules: %w", err)
	}
	return NewConfig(entries, rules)
}

// NewConfig is ParseConfig of what is already decoded.
func NewConfig(entries map[string]any, rules []Rule) (Config, error) {
	c := Config{levels: map[string]Level{}, chosen: map[string]map[string]any{}}
	var problems []error
	for _, id := range slices.Sorted(maps.Keys(entries)) {
		problems = append(problems, c.add(id, entries[id], rules)...)
	}
	return c, errors.Join(problems...)
}

func (c Config) add(id string, entry any, rules []Rule) []error {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 0 && id != allRules {
		return []error{fmt.Errorf("%s: no rule has this id%s", legible(id), closest(id, rules))}
	}
	fields, ok := entry.(map[string]any)
	if !ok {
		fields = map[string]any{keyLevel: entry}
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var err error
		switch {
		case name == keyLevel:
			err = c.level(id, fields[name])
		case i < 0:
			err = errors.New("only a level can be set for all rules")
		default:
			err = c.option(rules[i], name, fields[name])
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s.%s = %w", id, legible(name), err))
		}
	}
	return problems
}

func closest(id string, rules []Rule) string {
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	if meant := catalog.Meant(id, ids); meant != "" {
		return "; " + meant
	}
	return ""
}

func (c Config) level(id string, value any) error {
	switch level := fmt.Sprint(value); Level(level) {
	case Mandatory, Advisory, Disabled:
		c.levels[id] = Level(level)
	case "remediate":
		// The engine's word for a rule that repairs; these only refuse.
		c.levels[id] = Mandatory
	default:
		return fmt.Errorf("%v: must be mandatory, advisory or disabled", value)
	}
	return nil
}

func (c Config) option(rule Rule, name string, value any) error {
	i := slices.IndexFunc(rule.Options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return fmt.Errorf("%v: the rule has no such option", value)
	}
	accepted, err := rule.Options[i].accept(value)
	if err != nil {
		return err
	}
	if c.chosen[rule.ID] == nil {
		c.chosen[rule.ID] = map[string]any{}
	}
	c.chosen[rule.ID][name] = accepted
	return nil
}

// Level is the chosen one, or the rule's own.
func (c Config) Level(rule Rule) Level {
	if level, ok := c.levels[rule.ID]; ok {
		return level
	}
	if level, ok := c.levels[allRules]; ok {
		return level
	}
	return rule.Level
}

// options of a rule, with the defaults of those that nobody set.
func (c Config) options(rule Rule) map[string]any {
	if len(rule.Options) == 0 {
		return nil
	}
	out := map[string]any{}
	for _, o := range rule.Options {
		out[o.Name] = o.Default
	}
	maps.Copy(out, c.chosen[rule.ID])
	return out
}
