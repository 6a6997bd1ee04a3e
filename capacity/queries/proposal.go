package queries

import (
	"cmp"
	"maps"
	"slices"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
)

// Proposal is an index to make.
type Proposal struct {
	Name  string        `json:"name"`
	Table explain.Table `json:"table"`
	Keys  string        `json:"keys"`
	// Create and Drop are the whole change and its way back, statement by
	// statement.
	Create []string `json:"create"`
	Drop   []string `json:"drop"`
	// QueryIDs of the statements that it serves, and their share of the
	// database's time, 0 to 1.
	QueryIDs []QueryID `json:"queryIds"`
	Share    float64   `json:"share"`
	// CostBefore and CostAfter are the planner's, of the statement that gains
	// most, Gain their ratio, Method how it was predicted.
	CostBefore float64 `json:"costBefore"`
	CostAfter  float64 `json:"costAfter"`
	Gain       float64 `json:"gain"`
	Method     Method  `json:"method"`
	// Bytes that it takes, about.
	Bytes float64 `json:"bytes"`
	// WritesPerSecond are the rows written to the table, each of which writes the
	// index, too; -1 unknown. Indexes is how many the table has already.
	WritesPerSecond float64 `json:"writesPerSecond"`
	Indexes         int     `json:"indexes"`
}

// proposals are the trials with those left out that another one serves.
func (a *adviser) proposals(statements []Advice) []Proposal {
	trials := slices.Clone(a.trials)
	slices.SortStableFunc(trials, func(x, y trial) int {
		return cmp.Or(cmp.Compare(len(y.Keys), len(x.Keys)), cmp.Compare(y.gain(), x.gain()))
	})
	out := []Proposal{}
	var kept []index.Candidate
	taken := map[string][]string{}
	for _, t := range trials {
		if i := slices.IndexFunc(kept, func(c index.Candidate) bool { return c.Serves(t.Candidate) }); i >= 0 {
			out[i].serve(t, statements)
			continue
		}
		schema := t.Table.Schema
		p := Proposal{
			Name: t.Name(append(slices.Clone(t.table.Names), taken[schema]...)), Table: t.Table, Keys: t.List(), CostBefore: t.before, CostAfter: t.after,
			Gain: t.gain(), Method: t.method, Bytes: t.Bytes(t.table), WritesPerSecond: a.writesTo(t.table), Indexes: len(t.table.Indexes),
		}
		taken[schema] = append(taken[schema], p.Name)
		p.Create, p.Drop = index.Change(t.Candidate, p.Name, t.table)
		p.serve(t, statements)
		kept, out = append(kept, t.Candidate), append(out, p)
	}
	slices.SortStableFunc(out, func(x, y Proposal) int { return cmp.Compare(y.Share, x.Share) })
	return out
}

// serve counts a statement in.
func (p *Proposal) serve(t trial, statements []Advice) {
	if slices.Contains(p.QueryIDs, t.statement) {
		return
	}
	p.QueryIDs = append(p.QueryIDs, t.statement)
	for _, s := range statements {
		if s.QueryID == t.statement {
			p.Share += s.Share
		}
	}
	if g := t.gain(); g > p.Gain {
		p.CostBefore, p.CostAfter, p.Gain, p.Method = t.before, t.after, g, t.method
	}
}

// writesTo is the rows written per second to a table and its partitions, -1 when
// nobody knows.
func (a *adviser) writesTo(t index.Table) float64 {
	if a.Writes == nil {
		return -1
	}
	sum := a.Writes[t.Table]
	for _, p := range t.Partitions {
		sum += a.Writes[p]
	}
	return sum
}

// sorted are the tables in the order of their names.
func sorted(tables map[explain.Table]index.Table) []index.Table {
	names := slices.SortedFunc(maps.Keys(tables), func(x, y explain.Table) int {
		return cmp.Or(cmp.Compare(x.Schema, y.Schema), cmp.Compare(x.Name, y.Name))
	})
	var out []index.Table
	for _, n := range names {
		out = append(out, tables[n])
	}
	return out
}
