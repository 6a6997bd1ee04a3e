package index

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

// Key is one column or expression of an index.
type Key struct {
	// Column, or Expression where it is more than one.
	Column, Expression string
	// Desc and NullsFirst are the order; false and false is PostgreSQL's default.
	Desc, NullsFirst bool
}

// Candidate is an index that does not exist.
type Candidate struct {
	Table explain.Table
	// Equal is how many of the first keys are compared for equality: their order
	// among themselves does not matter.
	Equal int
	Keys  []Key
	// Ordered tells that the keys after Equal are an order and not a range.
	Ordered bool
	// Share of the table's rows that the keys select, 0 to 1, by the statistics.
	Share float64
	// Join tells that a key is a join's, which serves only when the other side is
	// read first.
	Join bool
}

// mostKeys of a suggested index: each further one makes it larger and selects
// little more.
const mostKeys = 3

// weakest is the share of rows above which a column selects too little to be a
// key when a better one is there.
const weakest = 0.05

// equality is a column that is compared for equality.
type equality struct {
	key   Key
	share float64
	join  bool
}

// Candidates are the indexes that could serve a scan, the narrowest first. Keys
// that are compared for equality come first, the most selective one at the head;
// then comes the range, or the order in which the first rows are wanted.
func Candidates(s explain.Scan, t Table) []Candidate {
	own := equalities(s.Conditions, t, false)
	sets := [][]equality{own}
	for _, j := range s.Joins {
		if joined := equalities([]explain.Condition{j.Condition}, t, true); len(joined) == 1 && !contains(own, joined[0].key) {
			sets = append(sets, append(joined, own...))
		}
	}
	ranges := columns(s.Conditions, t)
	var order []Key
	if s.Limited {
		order = keys(s.Order)
	}
	var out []Candidate
	add := func(c Candidate) {
		if len(c.Keys) > 0 && !slices.ContainsFunc(out, c.Same) {
			out = append(out, c)
		}
	}
	for _, set := range sets {
		base := candidate(t, set)
		add(base)
		add(base.with(ranges))
		sorted := base.with(order)
		sorted.Ordered = len(order) > 0
		add(sorted)
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return cmp.Compare(len(a.Keys), len(b.Keys)) })
	return out
}

func contains(set []equality, k Key) bool {
	return slices.ContainsFunc(set, func(e equality) bool { return e.key == k })
}

// candidate is an index over columns compared for equality.
func candidate(t Table, set []equality) Candidate {
	set = slices.Clone(set)
	slices.SortStableFunc(set, func(a, b equality) int {
		return cmp.Or(cmp.Compare(a.share, b.share), cmp.Compare(a.key.Column+a.key.Expression, b.key.Column+b.key.Expression))
	})
	c := Candidate{Table: t.Table, Share: 1}
	for _, e := range set {
		if len(c.Keys) == mostKeys || len(c.Keys) > 0 && e.share > weakest && !e.join {
			break
		}
		c.Keys = append(c.Keys, e.key)
		c.Share *= e.share
		c.Join = c.Join || e.join
	}
	c.Equal = len(c.Keys)
	return c
}

// with adds keys that are not there yet, as far as they fit.
func (c Candidate) with(more []Key) Candidate {
	c.Keys = slices.Clone(c.Keys)
	for _, k := range more {
		if len(c.Keys) < mostKeys && !slices.ContainsFunc(c.Keys, func(h Key) bool { return h.Column == k.Column && k.Column != "" }) {
			c.Keys = append(c.Keys, k)
		}
	}
	return c
}

// Same tells whether two are one and the same index, whatever it selects.
func (c Candidate) Same(d Candidate) bool {
	return c.Table == d.Table && c.Equal == d.Equal && c.Ordered == d.Ordered && slices.Equal(c.Keys, d.Keys)
}

// equalities are the keys that conditions compare for equality, each once.
func equalities(conditions []explain.Condition, t Table, join bool) []equality {
	var out []equality
	for _, c := range conditions {
		k, column, ok := key(c, t)
		if c.Use != explain.Equal || !ok || contains(out, k) {
			continue
		}
		e := equality{k, t.Share(column), join}
		if c.Null {
			e.share = column.Nulls
		}
		if k.Expression != "" {
			// Nothing is known of it; the planner takes as many values.
			e.share = t.Share(Column{})
		}
		out = append(out, e)
	}
	return out
}

// columns is the first column that conditions want a range of.
func columns(conditions []explain.Condition, t Table) []Key {
	for _, c := range conditions {
		if k, _, ok := key(c, t); ok && c.Use == explain.Between {
			return []Key{k}
		}
	}
	return nil
}

func keys(order []explain.Key) []Key {
	var out []Key
	for _, k := range order {
		out = append(out, Key{Column: k.Column, Desc: k.Desc, NullsFirst: k.NullsFirst})
	}
	return out
}

// relabelled is a type whose values a cast to text leaves as they are, so that
// an index on the column serves the cast.
var relabelled = regexp.MustCompile(`^(character varying|varchar|text)\b`)

func relabels(c explain.Condition, column Column) bool {
	return c.Cast == "text" && relabelled.MatchString(column.Type)
}

// boolean and others have too few values to be a key of their own, and some
// types have no order.
var unordered = regexp.MustCompile(`^(json|xml|point|box|line|lseg|path|polygon|circle)$|^boolean$`)

// key is what an index would have to hold for a condition.
func key(c explain.Condition, t Table) (Key, Column, bool) {
	if c.Column != "" {
		column, ok := t.Column(c.Column)
		if !ok || unordered.MatchString(column.Type) {
			return Key{}, column, false
		}
		if c.Cast == "" || relabels(c, column) {
			return Key{Column: c.Column}, column, true
		}
		// A cast of a column is a mistake of the caller's types more often than a
		// wish for an index on it: Casts tells.
		return Key{}, column, false
	}
	return Key{Expression: c.Expression}, Column{}, c.Expression != ""
}

// Casts are the columns that conditions compare only after a cast that keeps an
// index on them from serving.
func Casts(s explain.Scan, t Table) []explain.Condition {
	var out []explain.Condition
	for _, c := range s.Conditions {
		column, ok := t.Column(c.Column)
		if ok && c.Cast != "" && c.Use != explain.Unusable && !relabels(c, column) {
			out = append(out, c)
		}
	}
	return out
}

// value is the column or expression as SQL takes it.
func (k Key) value() string {
	if k.Expression != "" {
		return "(" + k.Expression + ")"
	}
	return Quote(k.Column)
}

// SQL is the key as CREATE INDEX takes it.
func (k Key) SQL() string {
	text := k.value()
	if k.Desc {
		text += " DESC"
	}
	switch {
	case k.Desc && !k.NullsFirst:
		text += " NULLS LAST"
	case !k.Desc && k.NullsFirst:
		text += " NULLS FIRST"
	}
	return text
}

// On is the index without its name: ON table (keys).
func (c Candidate) On() string { return "ON " + Qualified(c.Table) + " (" + c.List() + ")" }

// List is the keys, separated by commas.
func (c Candidate) List() string {
	var list []string
	for _, k := range c.Keys {
		list = append(list, k.SQL())
	}
	return strings.Join(list, ", ")
}

// Hypothetical is the index as hypopg takes it.
func (c Candidate) Hypothetical() string { return "CREATE INDEX " + c.On() }
