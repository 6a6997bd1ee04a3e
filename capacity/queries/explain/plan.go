// Package explain reads what EXPLAIN (FORMAT JSON, VERBOSE) says of a statement:
// how it finds its rows, by which conditions, and in which order it wants them.
package explain

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Node is one step of a plan, with the names that EXPLAIN gives its fields.
// https://www.postgresql.org/docs/18/sql-explain.html (2026-11-25)
type Node struct {
	Type string `json:"Node Type"`
	// Parent says what the step above does with the rows: Outer, Inner, Member,
	// SubPlan or InitPlan.
	Parent string `json:"Parent Relationship"`
	Join   string `json:"Join Type"`
	Schema string `json:"Schema"`
	// Relation is the table of a scan, Alias its name within the statement.
	Relation string `json:"Relation Name"`
	Alias    string `json:"Alias"`
	Index    string `json:"Index Name"`
	// TotalCost and StartupCost are in the planner's units, with all steps below.
	StartupCost float64 `json:"Startup Cost"`
	TotalCost   float64 `json:"Total Cost"`
	// Rows and Width, in bytes, are what the planner expects of one run.
	Rows       float64  `json:"Plan Rows"`
	Width      float64  `json:"Plan Width"`
	Filter     string   `json:"Filter"`
	IndexCond  string   `json:"Index Cond"`
	HashCond   string   `json:"Hash Cond"`
	MergeCond  string   `json:"Merge Cond"`
	JoinFilter string   `json:"Join Filter"`
	SortKey    []string `json:"Sort Key"`
	Plans      []*Node  `json:"Plans"`
}

// Steps that the advice tells apart.
const (
	SeqScan    = "Seq Scan"
	NestedLoop = "Nested Loop"
	hashJoin   = "Hash Join"
	mergeJoin  = "Merge Join"
	sortStep   = "Sort"
	partSort   = "Incremental Sort"
	limitStep  = "Limit"
)

// Decode reads one plan.
func Decode(data []byte) (*Node, error) {
	var plans []struct {
		Plan *Node `json:"Plan"`
	}
	if err := json.Unmarshal(data, &plans); err != nil {
		return nil, fmt.Errorf("the plan cannot be read: %w", err)
	}
	if len(plans) != 1 || plans[0].Plan == nil {
		return nil, fmt.Errorf("the plan cannot be read: it holds %d statements, not one", len(plans))
	}
	root := plans[0].Plan
	var broken *Node
	root.Walk(func(n *Node) {
		if n.Type == "" || !(n.TotalCost >= 0) || !(n.Rows >= 0) || math.IsInf(n.TotalCost, 0) || math.IsInf(n.Rows, 0) {
			broken = n
		}
	})
	if broken != nil {
		return nil, fmt.Errorf("the plan cannot be read: the step %q has no name, cost or rows", broken.Type)
	}
	return root, nil
}

// Walk visits a step and all below it.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for _, child := range n.Plans {
		if child != nil {
			child.Walk(visit)
		}
	}
}

// Find is all steps of a kind.
func (n *Node) Find(is func(*Node) bool) []*Node {
	var out []*Node
	n.Walk(func(m *Node) {
		if is(m) {
			out = append(out, m)
		}
	})
	return out
}

// Table is a table's name with its schema.
type Table struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
}

func (t Table) String() string { return t.Schema + "." + t.Name }

// Table is the table that a scan reads; ok is false for other steps.
func (n *Node) Table() (Table, bool) {
	return Table{n.Schema, n.Relation}, n.Relation != ""
}

// Hypothetical tells whether the scan uses an index that hypopg made up, whose
// name begins with its number in angle brackets.
// https://hypopg.readthedocs.io/en/rel1_stable/usage.html (2026-11-25)
func (n *Node) Hypothetical() bool {
	number, _, found := strings.Cut(strings.TrimPrefix(n.Index, "<"), ">")
	return found && strings.HasPrefix(n.Index, "<") && strings.Trim(number, "0123456789") == ""
}

// Sorts tells whether the step sorts.
func (n *Node) Sorts() bool { return n.Type == sortStep || n.Type == partSort }
