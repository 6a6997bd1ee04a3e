package report

import "github.com/agencyos/headroom/policies/rules"

// Entry describes a rule.
type Entry struct {
	ID       string         `json:"id"`
	Severity string         `json:"severity"`
	Level    string         `json:"level"`
	What     string         `json:"what"`
	Why      string         `json:"why"`
	Fix      string         `json:"fix"`
	Anchors  []string       `json:"anchors"`
	Types    []string       `json:"types"`
	Options  map[string]any `json:"options,omitempty"`
}

// Catalog describes rules, with the schemas of their options.
func Catalog(all []rules.Rule) []Entry {
	var out []Entry
	for _, r := range all {
		e := Entry{ID: r.ID, Severity: string(r.Severity), Level: string(r.Level), What: r.What, Why: r.Why, Fix: r.Fix, Anchors: r.Anchors, Types: r.Types}
		for _, o := range r.Options {
			if e.Options == nil {
				e.Options = map[string]any{}
			}
			e.Options[o.Name] = o.Schema()
		}
		out = append(out, e)
	}
	return out
}
