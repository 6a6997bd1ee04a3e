// Package effects says what a changed input does to a live object: whether the
// object stays, changes in place, restarts, or is replaced by another one.
//
// The rows are dated data, one type of resource each, read from the providers'
// sources and the vendors' documentation. The stand-in providers plan by them,
// and a preview explains its changes with them. A type without a row has no
// known effects, and whoever asks must refuse it instead of guessing.
package effects

import "slices"

// Effect is what a change does to what is live, from the mildest on.
type Effect string

// The effects.
const (
	// None changes nothing that is live.
	None Effect = "none"
	// Update changes the object in place; what it serves goes on.
	Update Effect = "update"
	// Restart changes the object in place, and processes restart.
	Restart Effect = "restart"
	// Replace makes another object and deletes this one.
	Replace Effect = "replace"
)

var order = []Effect{None, Update, Restart, Replace}

// Worse tells whether e does more to what is live than the other effect.
func (e Effect) Worse(than Effect) bool { return slices.Index(order, e) > slices.Index(order, than) }

// When limits a row to some changes of its input.
type When string

// The limits of a row.
const (
	// Always is every change.
	Always When = ""
	// Appears is an input that appears or goes away, not one that changes.
	Appears When = "appears"
	// CrossesZero is a number that becomes zero or ceases to be.
	CrossesZero When = "crosses zero"
	// Deferred is an element of a list whose applyMethod is pending-reboot.
	Deferred When = "deferred"
)

// Row is one input with the effect of its change.
type Row struct {
	// Path of the input, such as "spec.template" or "list[*].key". The row
	// holds for everything below it as well.
	Path   string
	Effect Effect
	When   When
	// Unless is the provider setting that withdraws the row, except for an
	// object that is declared immutable.
	Unless string
	// Note says in a few words what happens.
	Note string
	// Source of this row, where it is not that of the type.
	Source string
}

// Type is one resource type with its rows. An input without a row is changed
// in place.
type Type struct {
	// Token such as "aws:rds/instance:Instance".
	Token string
	Rows  []Row
	// Source is where the replacing rows and Keeps were read, and when.
	Source string
	// Keeps are inputs that stay as they are when a program leaves them out.
	Keeps []string
	// Keys are list inputs whose elements a field tells apart, by path: a
	// difference is then told element by element.
	Keys map[string]string
	// Holds is what is lost together with the object; empty for one that holds
	// nothing.
	Holds string
	// InUse says why the object cannot go before its successor is there.
	InUse string
}

// Of is the row of a type.
func Of(token string) (Type, bool) {
	t, ok := byToken[token]
	return t, ok
}

// All are the rows of every type, in the order of the tables.
func All() []Type {
	return slices.Concat(awsTypes, nodeTypes, cacheTypes, edgeTypes, cloudflareTypes, kubernetesTypes, monitoringTypes)
}

var byToken = index(All())

func index(types []Type) map[string]Type {
	out := make(map[string]Type, len(types))
	for _, t := range types {
		out[t.Token] = t
	}
	return out
}

// Replacing are the rows that replace the object.
func (t Type) Replacing() []Row {
	var out []Row
	for _, r := range t.Rows {
		if r.Effect == Replace {
			out = append(out, r)
		}
	}
	return out
}

// InPlace is the effect of a change that does not replace the object, with
// what happens in words. Several rows may meet a change of a whole subtree; the
// worst counts.
func (t Type) InPlace(c Change) (Effect, string) {
	var found *Row
	for i, r := range t.Rows {
		if r.Effect == Replace || !related(r.Path, c.Path) || !r.When.holds(c) {
			continue
		}
		if found == nil || r.Effect.Worse(found.Effect) {
			found = &t.Rows[i]
		}
	}
	if found == nil {
		return Update, ""
	}
	return found.Effect, found.Note
}

// Kept tells whether an input stays as it is when a program leaves it out.
func (t Type) Kept(path string) bool {
	return slices.ContainsFunc(t.Keeps, func(p string) bool { return below(path, p) })
}

// Replaces finds the row that makes a changed input replace the object.
func (t Type) Replaces(path string) (Row, bool) {
	for _, r := range t.Replacing() {
		if related(r.Path, path) {
			return r, true
		}
	}
	return Row{}, false
}

// on makes rows with one effect.
func on(effect Effect, note string, paths ...string) []Row {
	rows := make([]Row, len(paths))
	for i, p := range paths {
		rows[i] = Row{Path: p, Effect: effect, Note: note}
	}
	return rows
}
