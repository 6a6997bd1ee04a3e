package index

import (
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

// Serving is the index that already serves a candidate: its first keys are the
// candidate's, those of equality in any order. ok is false when there is none.
func Serving(t Table, c Candidate) (Index, bool) {
	for _, i := range t.Indexes {
		if i.ordered() && i.Predicate == "" && i.begins(c) {
			return i, true
		}
	}
	return Index{}, false
}

// begins tells whether the index begins with the keys of a candidate.
func (i Index) begins(c Candidate) bool {
	if len(i.Keys) < len(c.Keys) {
		return false
	}
	same, turned := true, true
	for n, k := range c.Keys {
		part := i.Keys[n]
		if n < c.Equal {
			if !slices.ContainsFunc(i.Keys[:c.Equal], k.is) {
				return false
			}
			continue
		}
		if !k.is(part) {
			return false
		}
		same = same && part.Desc == k.Desc && part.NullsFirst == k.NullsFirst
		turned = turned && part.Desc != k.Desc && part.NullsFirst != k.NullsFirst
	}
	return !c.Ordered || same || turned
}

// is tells whether a part holds the same values as the key. Spellings of an
// expression differ in parentheses and blanks.
func (k Key) is(p Part) bool {
	bare := strings.NewReplacer("(", "", ")", "", " ", "")
	return bare.Replace(k.value()) == bare.Replace(p.SQL)
}

// Redundant are pairs of an index and a wider one that serves all it serves. A
// unique index and one of a constraint are never redundant: they hold a rule.
func Redundant(t Table) [][2]Index {
	var out [][2]Index
	for a, narrow := range t.Indexes {
		for b, wide := range t.Indexes {
			if a != b && narrow.redundant(wide, a < b) {
				out = append(out, [2]Index{narrow, wide})
				break
			}
		}
	}
	return out
}

func (i Index) redundant(wide Index, first bool) bool {
	if i.rules() || !i.ordered() || !wide.ordered() || i.Predicate != wide.Predicate || len(i.Keys) > len(wide.Keys) {
		return false
	}
	// Of two that are the same, the second is one too many.
	if len(i.Keys) == len(wide.Keys) && !wide.rules() && first {
		return false
	}
	return slices.Equal(i.Keys, wide.Keys[:len(i.Keys)])
}

// rules tells whether the index holds a rule, beside what it serves.
func (i Index) rules() bool { return i.Unique || i.Constraint }

// ordered tells whether it is a B-tree that serves.
func (i Index) ordered() bool { return i.Valid && i.Method == "btree" }

// Unused are the indexes that nothing has read since the statistics were reset,
// without those that hold a rule.
func Unused(t Table) []Index {
	var out []Index
	for _, i := range t.Indexes {
		if i.Scans == 0 && !i.rules() && i.Valid {
			out = append(out, i)
		}
	}
	return out
}

// Invalid are the indexes of builds that failed, or run right now.
func Invalid(t Table) []Index {
	var out []Index
	for _, i := range t.Indexes {
		if !i.Valid {
			out = append(out, i)
		}
	}
	return out
}

// Serves tells whether an index of the one candidate serves the other.
func (c Candidate) Serves(d Candidate) bool {
	if c.Table != d.Table || len(c.Keys) < len(d.Keys) {
		return false
	}
	i := Index{Method: "btree", Valid: true}
	for _, k := range c.Keys {
		i.Keys = append(i.Keys, Part{k.value(), k.Desc, k.NullsFirst})
	}
	return i.begins(d)
}

// Moved is the candidate on another table with the same columns, such as the
// parent of a partition.
func (c Candidate) Moved(to explain.Table) Candidate {
	c.Table = to
	return c
}
