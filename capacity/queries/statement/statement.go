// Package statement reads the texts that pg_stat_statements keeps: what a
// statement does, and the text with which EXPLAIN shows how it finds its rows.
package statement

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/internal/grammar"
)

// Kind is what a statement does to rows.
type Kind string

// Kinds of statements. Utility is everything that has no plan of its own.
const (
	Select  Kind = "select"
	Insert  Kind = "insert"
	Update  Kind = "update"
	Delete  Kind = "delete"
	Merge   Kind = "merge"
	Utility Kind = "utility"
)

// Statement is one text.
type Statement struct {
	Kind Kind
	// Locks tells whether rows are locked, as FOR UPDATE does.
	Locks bool
	// Writes tells whether a WITH clause writes, beside what Kind says.
	Writes bool
	// Functions are the names of the functions called, in lower case, without
	// schema, sorted; forms without parentheses such as CURRENT_DATE are among
	// them.
	Functions []string
	// Params is the highest number of a parameter.
	Params int

	text   string
	tokens []grammar.Token
}

// Hidden is what pg_stat_statements shows of a text that the role may not read.
// https://www.postgresql.org/docs/18/pgstatstatements.html (2026-11-25)
const Hidden = "<insufficient privilege>"

// Parse reads one text. An error says why nothing can be known of it.
func Parse(text string) (Statement, error) {
	switch strings.TrimSpace(text) {
	case "":
		return Statement{}, errors.New("the server has no text of it")
	case Hidden:
		return Statement{}, errors.New("the role may not read its text")
	}
	tokens, err := grammar.Tokens(text)
	if err != nil {
		return Statement{}, fmt.Errorf("its text cannot be read: %w", err)
	}
	if len(tokens) > 0 && !slices.Contains(planned, tokens[0].Word) {
		return Statement{Kind: Utility, text: text, tokens: tokens}, nil
	}
	trees, err := grammar.Parse(text)
	switch {
	case err != nil:
		return Statement{}, fmt.Errorf("its text cannot be read: %w", err)
	case len(trees) != 1:
		return Statement{}, fmt.Errorf("its text holds %d statements, not one", len(trees))
	}
	s := Statement{text: text, tokens: tokens}
	s.Kind = kind(trees[0])
	trees[0].Walk(s.note)
	slices.Sort(s.Functions)
	s.Functions = slices.Compact(s.Functions)
	return s, nil
}

// planned are the words that a statement with a plan begins with. Others are not
// parsed: normalizing leaves some of them, such as SAVEPOINT $1, no SQL.
var planned = []string{"select", "insert", "update", "delete", "merge", "with", "values", "table", "("}

var kinds = map[string]Kind{
	"SelectStmt": Select, "InsertStmt": Insert, "UpdateStmt": Update, "DeleteStmt": Delete, "MergeStmt": Merge,
}

func kind(tree grammar.Node) Kind {
	name, body := tree.Kind()
	k, ok := kinds[name]
	if !ok || body.Child("intoClause") != nil {
		return Utility
	}
	return k
}

// note takes from one node what the statement has to say of itself.
func (s *Statement) note(kind string, body grammar.Node) {
	switch kind {
	case "LockingClause":
		s.Locks = true
	case "FuncCall":
		if names := body.Names("funcname"); len(names) > 0 {
			s.Functions = append(s.Functions, strings.ToLower(names[len(names)-1]))
		}
	case "SQLValueFunction":
		name := strings.TrimPrefix(body.Text("op"), "SVFOP_")
		s.Functions = append(s.Functions, strings.ToLower(strings.TrimSuffix(name, "_N")))
	case "ParamRef":
		s.Params = max(s.Params, body.Int("number"))
	case "CommonTableExpr":
		if k, _ := body.Child("ctequery").Kind(); k != "SelectStmt" {
			s.Writes = true
		}
	}
}

// clocks are functions whose result is the time or the session, so that no
// result of theirs can be kept, although PostgreSQL calls most of them stable.
// https://www.postgresql.org/docs/18/functions-datetime.html
// https://www.postgresql.org/docs/18/functions-info.html (2026-11-25)
var clocks = []string{
	"clock_timestamp", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "now",
	"statement_timestamp", "timeofday", "transaction_timestamp", "age",
	"current_role", "current_schema", "current_setting", "current_user", "session_user", "pg_backend_pid",
}

// Clock is a function of the statement whose result depends on when or by whom
// it is asked; empty when there is none.
func (s Statement) Clock() string {
	for _, f := range s.Functions {
		if slices.Contains(clocks, f) {
			return f
		}
	}
	return ""
}
