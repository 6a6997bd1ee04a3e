package explain

import (
	"github.com/agencyos/headroom/capacity/queries/internal/grammar"
)

// Key is one column that rows are sorted by.
type Key struct {
	Alias, Column    string
	Desc, NullsFirst bool
}

// Order reads sort keys; nil when one is more than a column.
func Order(keys []string) []Key {
	var out []Key
	for _, text := range keys {
		trees, err := grammar.Parse("SELECT 1 ORDER BY " + readable(text))
		if err != nil || len(trees) != 1 {
			return nil
		}
		query, _ := trees[0].Is("SelectStmt")
		clause := query.List("sortClause")
		if len(clause) != 1 {
			return nil
		}
		by, _ := clause[0].Is("SortBy")
		column, ok := by.Child("node").Is("ColumnRef")
		names := column.Names("fields")
		if !ok || len(names) < 2 {
			return nil
		}
		k := Key{Alias: names[len(names)-2], Column: names[len(names)-1], Desc: by.Text("sortby_dir") == "SORTBY_DESC"}
		k.NullsFirst = k.Desc
		switch by.Text("sortby_nulls") {
		case "SORTBY_NULLS_FIRST":
			k.NullsFirst = true
		case "SORTBY_NULLS_LAST":
			k.NullsFirst = false
		}
		out = append(out, k)
	}
	return out
}

// Joined is a condition of a join, from the side of one scan.
type Joined struct {
	Condition
	// Rows are those of the other side that look for a partner, in the
	// planner's estimate.
	Rows float64
	// Loop tells a nested loop whose inner side is the scan, run for each of Rows.
	Loop bool
}

// Scan is one place where a plan reads a table, with all that the plan wants of
// it.
type Scan struct {
	*Node
	// Conditions are its own: filter and index condition.
	Conditions []Condition
	// Joins are the conditions by which it is joined.
	Joins []Joined
	// Order is the order that a sort above gives its rows; nil when there is none
	// or other tables have a part in it.
	Order []Key
	// Limited tells that only the first rows of Order are taken.
	Limited bool
	// Whole tells that its rows are what the statement returns, neither joined,
	// grouped nor limited, so that the rows of a call tell how many it found.
	Whole bool
	// Times is how often it runs in the planner's estimate.
	Times float64
}

// Scans are all scans of tables in a plan.
func (n *Node) Scans() []Scan {
	var out []Scan
	n.scans(nil, &out)
	return out
}

func (n *Node) scans(above []*Node, out *[]Scan) {
	if _, ok := n.Table(); ok {
		*out = append(*out, n.scan(above))
	}
	for _, child := range n.Plans {
		if child != nil {
			child.scans(append(above[:len(above):len(above)], n), out)
		}
	}
}

// scan gathers what the steps above want, from the nearest on.
func (n *Node) scan(above []*Node) Scan {
	s := Scan{Node: n, Whole: true, Times: 1}
	s.Conditions = append(Conditions(n.Filter), Conditions(n.bitmapCond())...)
	ordered := true
	child := n
	for i := len(above) - 1; i >= 0; i-- {
		step := above[i]
		switch {
		case child.Parent == "SubPlan" || child.Parent == "InitPlan":
			s.Whole = false
			return s
		case step.Sorts():
			s.sorted(step, above[:i], ordered)
			ordered = false
		case step.Type == NestedLoop || step.Type == hashJoin || step.Type == mergeJoin:
			s.joined(step, child)
			ordered = ordered && child.Parent == "Outer"
			s.Whole = false
		case !passes[step.Type]:
			ordered, s.Whole = false, false
		}
		s.Whole = s.Whole && step.Type != limitStep
		child = step
	}
	return s
}

// passes are steps that hand on every row, in order.
var passes = map[string]bool{limitStep: true, "LockRows": true, "Result": true, "Gather": true, "Gather Merge": true, "Bitmap Heap Scan": true, "Hash": true, "Materialize": true, "Memoize": true}

// bitmapCond is the index condition of a scan, also of one through bitmaps.
func (n *Node) bitmapCond() string {
	if n.IndexCond == "" && len(n.Plans) == 1 && n.Plans[0].Type == "Bitmap Index Scan" {
		return n.Plans[0].IndexCond
	}
	return n.IndexCond
}

func (s *Scan) sorted(step *Node, above []*Node, ordered bool) {
	order := Order(step.SortKey)
	if !ordered || len(order) == 0 {
		return
	}
	for _, k := range order {
		if k.Alias != s.Alias {
			return
		}
	}
	s.Order = order
	s.Limited = len(above) > 0 && above[len(above)-1].Type == limitStep
}

// joined notes the conditions of a join that are about the scan.
func (s *Scan) joined(step, child *Node) {
	other := 1.0
	for _, sibling := range step.Plans {
		if sibling != nil && sibling != child && (sibling.Parent == "Outer" || sibling.Parent == "Inner") {
			other = sibling.Rows
		}
	}
	loop := step.Type == NestedLoop && child.Parent == "Inner"
	if loop {
		s.Times *= max(1, other)
	}
	for _, text := range []string{step.HashCond, step.MergeCond, step.JoinFilter} {
		for _, c := range Conditions(text) {
			if c, ok := c.from(s.Alias); ok && c.Use == Equal {
				s.Joins = append(s.Joins, Joined{c, other, loop})
			}
		}
	}
}

// from is a join's condition seen from one of its sides.
func (c Condition) from(alias string) (Condition, bool) {
	if c.With == "" {
		return c, false
	}
	if c.Alias == alias {
		return c, true
	}
	if c.With != alias {
		return c, false
	}
	turned := flip.FindStringSubmatch(c.Text)
	if turned == nil {
		return c, false
	}
	other, err := condition(turned[2] + " = " + turned[1])
	other.Text = c.Text
	return other, err == nil && other.Alias == alias
}
