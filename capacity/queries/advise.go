package queries

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
)

// Database is what the advice asks of a running server. It must change nothing
// there.
type Database interface {
	// Explain is the generic plan of a search as EXPLAIN (FORMAT JSON, VERBOSE)
	// prints it, without parallel workers, as if the indexes were there. What the
	// server refuses for this one search is a Refusal.
	Explain(ctx context.Context, s statement.Search, indexes ...index.Candidate) ([]byte, error)
	// Tables reads the catalog and the statistics.
	Tables(ctx context.Context, tables []explain.Table) ([]index.Table, error)
	// Volatile are those of the functions of which the server has a volatile one.
	Volatile(ctx context.Context, functions []string) ([]string, error)
	// Hypothetical tells whether Explain takes indexes.
	Hypothetical() bool
	// Costs are the planner's prices.
	Costs() index.Costs
}

// Refusal is a server's no to one statement; others are not affected.
type Refusal struct{ Reason string }

func (r Refusal) Error() string { return r.Reason }

// Options of the advice.
type Options struct {
	// Limit is how many statements are looked into.
	Limit int
	// MinShare of the database's time, 0 to 1, below which a statement is not
	// worth a look.
	MinShare float64
	// MinCalls below which an index is not worth its keep.
	MinCalls float64
	// Tell is told how many statements are done; nil: nobody.
	Tell func(done, all int)
}

// Advice is one statement with all that was found out about it.
type Advice struct {
	Figure
	// Share of the database's time, 0 to 1.
	Share float64 `json:"share"`
	Rates Rates   `json:"rates"`
	// Kind is empty when the text cannot be read.
	Kind statement.Kind `json:"kind"`
	// Plan is its generic plan, one step a line; Unexplained says why there is
	// none.
	Plan        []string  `json:"plan"`
	Unexplained string    `json:"unexplained,omitempty"`
	Findings    []Finding `json:"findings"`

	parsed statement.Statement
	search statement.Search
	root   *explain.Node
	scans  []explain.Scan
}

// Finding is one thing wrong with a statement.
type Finding struct {
	Kind Problem `json:"kind"`
	Why  string  `json:"why"`
	Fix  string  `json:"fix"`
}

// Problem is a kind of finding. The names are an interface.
type Problem string

// Kinds of findings.
const (
	MissingIndex Problem = "missing-index"
	ColumnCast   Problem = "column-cast"
	NeedsGIN     Problem = "needs-gin"
	SortSpill    Problem = "sort-spill"
	InnerScan    Problem = "inner-seq-scan"
	Misestimate  Problem = "misestimate"
)

// Report is the whole answer.
type Report struct {
	Window     Window     `json:"window"`
	Statements []Advice   `json:"statements"`
	Indexes    []Proposal `json:"indexes"`
	Cache      Cache      `json:"cache"`
	// Notes say what limits the answer and what else was seen.
	Notes []string `json:"notes"`
	// Method tells how gains were predicted: hypopg or estimate.
	Method Method `json:"method"`
}

// Advise looks into the statements that take the most time.
func Advise(ctx context.Context, w Window, db Database, o Options) (Report, error) {
	a := adviser{Window: w, db: db, options: o, tables: map[explain.Table]index.Table{}}
	r := Report{Window: w, Statements: []Advice{}, Notes: slices.Concat([]string{}, w.Notes), Method: Estimate}
	if db.Hypothetical() {
		r.Method = Hypopg
	}
	if w.Server.Superuser {
		r.Notes = append(r.Notes, "role "+w.Server.Role+" is a superuser, and planning can run functions of other roles with its rights: use a role that only reads, docs/slow-queries.md has its SQL")
	}
	for _, f := range w.Figures {
		if len(r.Statements) < o.Limit && w.Share(f) >= o.MinShare {
			r.Statements = append(r.Statements, Advice{Figure: f, Share: w.Share(f), Rates: f.rates(), Plan: []string{}, Findings: []Finding{}})
		}
	}
	for i := range r.Statements {
		if err := a.explain(ctx, &r.Statements[i]); err != nil {
			return r, err
		}
		a.tell(i+1, len(r.Statements))
	}
	if err := a.read(ctx, r.Statements); err != nil {
		return r, err
	}
	for i := range r.Statements {
		if err := a.judge(ctx, &r.Statements[i]); err != nil {
			return r, err
		}
	}
	r.Indexes = a.proposals(r.Statements)
	var err error
	if r.Cache, err = a.cache(ctx, r.Statements); err != nil {
		return r, err
	}
	r.Notes = append(r.Notes, a.housekeeping()...)
	return r, nil
}

// adviser is the state of one Advise.
type adviser struct {
	Window
	db      Database
	options Options
	tables  map[explain.Table]index.Table
	trials  []trial
}

func (a *adviser) tell(done, all int) {
	if a.options.Tell != nil {
		a.options.Tell(done, all)
	}
}

// explain parses a statement and asks for its plan.
func (a *adviser) explain(ctx context.Context, s *Advice) error {
	err := s.read()
	if err == nil {
		s.root, err = a.plan(ctx, s.search)
	}
	var refused Refusal
	switch {
	case errors.As(err, &refused):
		s.Unexplained = refused.Reason
		return nil
	case err != nil:
		return err
	}
	s.Plan, s.scans = s.root.Lines(), s.root.Scans()
	return nil
}

// read parses the text; what cannot be read is refused like what cannot be
// planned.
func (s *Advice) read() error {
	parsed, err := statement.Parse(s.Text)
	if err != nil {
		return Refusal{err.Error()}
	}
	s.parsed, s.Kind = parsed, parsed.Kind
	if s.search, err = parsed.Search(s.PerCall(s.Rows)); err != nil {
		return Refusal{err.Error()}
	}
	return nil
}

func (a *adviser) plan(ctx context.Context, s statement.Search, indexes ...index.Candidate) (*explain.Node, error) {
	data, err := a.db.Explain(ctx, s, indexes...)
	if err != nil {
		return nil, err
	}
	root, err := explain.Decode(data)
	if err != nil {
		return nil, Refusal{err.Error()}
	}
	return root, nil
}

// read asks for every table of the plans at once.
func (a *adviser) read(ctx context.Context, statements []Advice) error {
	seen := map[explain.Table]bool{}
	var names []explain.Table
	for _, s := range statements {
		for _, scan := range s.scans {
			if t, ok := scan.Table(); ok && !seen[t] {
				seen[t] = true
				names = append(names, t)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	tables, err := a.db.Tables(ctx, names)
	for _, t := range tables {
		a.tables[t.Table] = t
	}
	return err
}

// judge finds what is wrong with a statement and tries indexes against it.
func (a *adviser) judge(ctx context.Context, s *Advice) error {
	if s.root == nil {
		return nil
	}
	if err := a.index(ctx, s); err != nil {
		return err
	}
	for _, scan := range s.scans {
		t, ok := a.heavy(*s, scan)
		if !ok {
			continue
		}
		s.casts(scan, t)
		s.contains(scan, t)
	}
	a.spill(s)
	a.inner(s)
	a.misestimate(s)
	return nil
}

// smallest table in pages whose scan can matter: 1 MiB. Reading it takes about a
// millisecond, and the planner rightly prefers that to an index on many.
const smallest = 128

const (
	// evidence is the share of a table's pages that a mean call must have read for
	// the plan's scan to be believed: the generic plan is not always the one that
	// ran.
	evidence = 0.5
	// wasteful is how many blocks a call reads for each row it returns when an
	// index leads to many rows that a filter throws away.
	wasteful = 10
)

// heavy tells whether a statement really reads much of a table to find little.
func (a *adviser) heavy(s Advice, scan explain.Scan) (index.Table, bool) {
	name, _ := scan.Table()
	t, known := a.tables[name]
	if !known || !t.Indexable() || t.Pages < smallest {
		return t, false
	}
	blocks := s.PerCall(s.BlocksHit + s.BlocksRead)
	if scan.Type == explain.SeqScan {
		return t, blocks >= evidence*t.Pages
	}
	return t, scan.Filter != "" && blocks >= smallest && blocks >= wasteful*s.PerCall(s.Rows)
}

func (s *Advice) add(kind Problem, fix, why string, args ...any) {
	s.Findings = append(s.Findings, Finding{kind, fmt.Sprintf(why, args...), fix})
}
