// Package changes tells what a preview does to what is live: which inputs
// differ, with which effect, and what of it must not happen.
package changes

import (
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/internal/standin"
)

// Change is what happens to one resource that is live.
type Change struct {
	URN  string `json:"urn"`
	Type string `json:"type"`
	Name string `json:"name"`
	// ID of the live object.
	ID string `json:"id,omitempty"`
	// Op is import, update, replace or delete; an import may differ as well.
	Op string `json:"op"`
	// Imported is set for what was not the stack's before.
	Imported bool `json:"imported"`
	// DeletesFirst is a replacement whose successor comes after it is gone.
	DeletesFirst bool `json:"deletesFirst,omitempty"`
	// Guarded is a live object that refuses to be deleted.
	Guarded bool `json:"guarded,omitempty"`
	// Differences between what is live and what is wanted.
	Differences []Difference `json:"differences"`

	// made is set once the successor of a replaced object is there.
	made   bool
	parent string
}

// Difference is one input that differs.
type Difference struct {
	// Field is the path of the input; elements of lists stand by their names.
	Field string `json:"field"`
	// Live and Wanted values; nil where there is none.
	Live   any            `json:"live"`
	Wanted any            `json:"wanted"`
	Effect effects.Effect `json:"effect"`
	// Note says what happens.
	Note string `json:"note,omitempty"`
	// Setting is the path in the stack file that decides; empty where no single
	// one does.
	Setting string `json:"setting,omitempty"`
}

// Settings names the path in the stack file that decides an input of a resource,
// or nothing.
type Settings func(urn, parent, field string) string

// Worst is the worst effect of the differences.
func (c Change) Worst() effects.Effect {
	worst := effects.None
	for _, d := range c.Differences {
		if d.Effect.Worse(worst) {
			worst = d.Effect
		}
	}
	return worst
}

// Of are the changes of a preview, in the order of its steps. What is created
// changes nothing that is live. Settings may be nil.
func Of(r standin.Result, settings Settings) []Change {
	var all []Change
	index := map[string]int{}
	for _, step := range r.Steps {
		if step.Old == nil || strings.HasPrefix(step.Type, "pulumi:") || step.ID == "" {
			continue
		}
		i, seen := index[step.URN]
		if !seen {
			i = len(all)
			index[step.URN] = i
			all = append(all, Change{URN: step.URN, Type: step.Type, Name: step.Name, ID: known(step), Op: step.Op})
		}
		all[i].take(step)
		all[i].parent = step.Parent
	}
	for i := range all {
		all[i].stays(r)
		all[i].settle(settings)
		slices.SortStableFunc(all[i].Differences, byField)
	}
	return all
}

// known is the name by which people know an object: RDS has an id of its own
// beside the identifier.
func known(step standin.Step) string {
	if identifier, ok := step.Old["identifier"].(string); ok {
		return identifier
	}
	return step.ID
}

// take adds one step to what happens to its resource.
func (c *Change) take(step standin.Step) {
	switch step.Op {
	case "import":
		c.Imported = true
	case "update":
		c.Op = "update"
		c.Differences = differences(step)
	case "replace":
		c.Op = "replace"
		c.Differences = differences(step)
		c.Guarded = step.Old["deletionProtection"] == true
	case "delete":
		c.Op = "delete"
		c.Guarded = step.Old["deletionProtection"] == true
	case "delete-replaced":
		c.DeletesFirst = !c.made
	case "create-replacement":
		c.made = true
	}
}

// settle notes which settings decide what changes.
func (c *Change) settle(settings Settings) {
	for i, d := range c.Differences {
		if settings != nil && d.Effect != effects.None {
			c.Differences[i].Setting = settings(c.URN, c.parent, d.Field)
		}
	}
}

func byField(a, b Difference) int { return strings.Compare(a.Field, b.Field) }
