package changes

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/capacity/spec"
)

// Refusal is something that a preview must not lead to.
type Refusal struct {
	// Resource is the logical name, URN all of it.
	Resource string `json:"resource"`
	URN      string `json:"urn"`
	// Why is what would happen, Inputs which inputs do it.
	Why    string       `json:"why"`
	Inputs []Difference `json:"inputs,omitempty"`
	// Do are the ways out, a line each.
	Do []string `json:"do,omitempty"`
	// Set are settings of the stack file that adopt what is live.
	Set []spec.Setting `json:"set,omitempty"`
}

// Judge finds what must not happen: a live object that is taken over must stay
// itself, and what holds data goes only if the stack file says so by name until
// a date.
func Judge(all []Change, allowed func(urn string) bool) []Refusal {
	var found []Refusal
	for _, c := range all {
		row, _ := effects.Of(c.Type)
		gone := c.Op == "replace" || c.Op == "delete"
		switch {
		case !gone:
		case c.Imported:
			found = append(found, c.refuse(fmt.Sprintf("would be %sd instead of adopted: the live %s goes", c.Op, c.ID),
				"state the live values in the stack file, or take its id out and leave it external"))
		case row.Holds != "" && !allowed(c.URN):
			found = append(found, c.refuse(fmt.Sprintf("would be %sd: %s goes, and with it %s", c.Op, c.ID, row.Holds), c.waysOut()...))
		case row.InUse != "" && c.DeletesFirst:
			found = append(found, c.refuse(fmt.Sprintf("would be replaced: %s goes before its successor is there, and %s", c.ID, row.InUse),
				"leave the name to Pulumi, so that both can stand side by side"))
		}
	}
	return found
}

func (c Change) refuse(why string, do ...string) Refusal {
	r := Refusal{Resource: c.Name, URN: c.URN, Why: why, Do: do}
	for _, d := range c.Differences {
		if d.Effect == effects.Replace {
			r.Inputs = append(r.Inputs, d)
		}
	}
	return r
}

// waysOut of a change that loses data.
func (c Change) waysOut() []string {
	entry := fmt.Sprintf("{resource: %s, reason: …, until: \"YYYY-MM-DD\"}", c.Name)
	do := []string{"leave the input what it is, or move the data first", "if it is meant, allow it under policy.replacements: [" + entry + "]"}
	if c.Guarded {
		do = append(do, "the live object refuses to be deleted: run up with that entry once, before the change, which lifts the protection")
	}
	return do
}

// String is the refusal with its inputs, without the ways out.
func (r Refusal) String() string {
	var inputs []string
	for _, d := range r.Inputs {
		inputs = append(inputs, fmt.Sprintf("%s from %s to %s", d.Field, Show(d.Live), Show(d.Wanted)))
	}
	text := r.Resource + " " + r.Why
	if len(inputs) > 0 {
		text += "; by " + strings.Join(inputs, ", ")
	}
	return text
}
