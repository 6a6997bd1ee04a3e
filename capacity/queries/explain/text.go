package explain

import (
	"fmt"
	"strings"
)

// Lines are the plan as text, one step a line, indented by depth: what it does,
// what it costs, what it expects, and by which conditions.
func (n *Node) Lines() []string {
	var out []string
	n.lines(0, &out)
	return out
}

func (n *Node) lines(depth int, out *[]string) {
	*out = append(*out, strings.Repeat("  ", depth)+n.String())
	for _, child := range n.Plans {
		if child != nil {
			child.lines(depth+1, out)
		}
	}
}

// String is one step on one line.
func (n *Node) String() string {
	var b strings.Builder
	b.WriteString(n.Type)
	if n.Index != "" {
		fmt.Fprintf(&b, " using %s", n.Index)
	}
	if t, ok := n.Table(); ok {
		fmt.Fprintf(&b, " on %s", t)
		if n.Alias != n.Relation {
			fmt.Fprintf(&b, " %s", n.Alias)
		}
	}
	fmt.Fprintf(&b, " (cost %.0f, %.0f rows)", n.TotalCost, n.Rows)
	for _, c := range []struct{ name, text string }{
		{"index", n.IndexCond}, {"hash", n.HashCond}, {"merge", n.MergeCond}, {"join filter", n.JoinFilter}, {"filter", n.Filter},
		{"by", strings.Join(n.SortKey, ", ")},
	} {
		if c.text != "" {
			fmt.Fprintf(&b, " %s: %s", c.name, c.text)
		}
	}
	return b.String()
}
