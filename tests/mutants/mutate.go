package main

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// switchboard is the file that is added to the package: it decides at run time
// which mutant lives. The names cannot collide with a person's.
const switchboard = `package %s

import (
	"cmp"
	"os"
	"strconv"
)

var mutant_, _ = strconv.Atoi(os.Getenv("` + variable + `"))

func mutantForced_[B ~bool](id int, to, condition B) B {
	if id == mutant_ {
		return to
	}
	return condition
}

func mutantNegated_[B ~bool](id int, condition B) B {
	return condition != B(id == mutant_)
}

func mutantBound_[T cmp.Ordered](id int, a T, operator string, b T) bool {
	switch inclusive := (id == mutant_) != (len(operator) == 2); {
	case inclusive && operator[0] == '<':
		return a <= b
	case inclusive:
		return a >= b
	case operator[0] == '<':
		return a < b
	}
	return a > b
}
`

// variable of the environment holds the number of the mutant that lives; none
// lives at 0.
const variable = "MUTANT"

// mutant is one changed condition.
type mutant struct {
	id     int
	file   string
	line   int
	change string
}

// mutator changes the files of a package and keeps count.
type mutator struct {
	fset    *token.FileSet
	mutants []mutant
	// bare are the cases of a switch without a tag, which are conditions.
	bare map[ast.Node]bool
	// places are where expressions stand before their parts are changed.
	places map[ast.Node]token.Position
}

func newMutator() *mutator {
	return &mutator{fset: token.NewFileSet(), bare: map[ast.Node]bool{}, places: map[ast.Node]token.Position{}}
}

// file changes every condition in the functions of a file.
func (m *mutator) file(f *ast.File) {
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
			astutil.Apply(fn.Body, m.mark, m.change)
		}
	}
}

func (m *mutator) mark(c *astutil.Cursor) bool {
	switch n := c.Node().(type) {
	case *ast.SwitchStmt:
		for _, clause := range n.Body.List {
			m.bare[clause] = n.Tag == nil
		}
	case ast.Expr:
		m.places[n] = m.fset.Position(n.Pos())
	}
	return true
}

func (m *mutator) change(c *astutil.Cursor) bool {
	e, ok := c.Node().(ast.Expr)
	if !ok {
		return true
	}
	changed := m.bound(e)
	forced := m.forced(c)
	for _, to := range forced {
		changed = m.call("mutantForced_", e, "always "+to, ast.NewIdent(to), changed)
	}
	if len(forced) == 0 && isTruth(e) {
		changed = m.call("mutantNegated_", e, "negated", changed)
	}
	if changed != e {
		c.Replace(changed)
	}
	return true
}

// bound moves the limit of a comparison over the border. A shift of constants
// has no type of its own to compare by.
func (m *mutator) bound(e ast.Expr) ast.Expr {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || !strings.ContainsAny(b.Op.String(), "<>") || len(b.Op.String()) > 2 || b.Op == token.SHL || b.Op == token.SHR || shifts(b) {
		return e
	}
	operator := &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(b.Op.String())}
	return m.call("mutantBound_", e, "limit of "+b.Op.String()+" moved", b.X, operator, b.Y)
}

// forced are the truth values that a condition in this place is set to.
func (m *mutator) forced(c *astutil.Cursor) []string {
	switch parent := c.Parent().(type) {
	case *ast.IfStmt:
		if c.Name() == "Cond" {
			return []string{"true", "false"}
		}
	case *ast.ForStmt: // true would be endless
		if c.Name() == "Cond" {
			return []string{"false"}
		}
	case *ast.CaseClause:
		if c.Name() == "List" && m.bare[parent] {
			return []string{"true", "false"}
		}
	case *ast.BinaryExpr:
		switch parent.Op {
		case token.LAND:
			return []string{"true"}
		case token.LOR:
			return []string{"false"}
		}
	}
	return nil
}

// isTruth says that an expression is a truth value by its form alone.
func isTruth(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.BinaryExpr:
		return e.Op == token.EQL || e.Op == token.NEQ
	}
	return false
}

func shifts(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if b, ok := n.(*ast.BinaryExpr); ok && (b.Op == token.SHL || b.Op == token.SHR) {
			found = true
		}
		return true
	})
	return found
}

func (m *mutator) call(function string, at ast.Expr, change string, args ...ast.Expr) ast.Expr {
	place := m.places[at]
	id := len(m.mutants) + 1
	m.mutants = append(m.mutants, mutant{id, place.Filename, place.Line, change})
	number := &ast.BasicLit{Kind: token.INT, Value: strconv.Itoa(id)}
	return &ast.CallExpr{Fun: ast.NewIdent(function), Args: append([]ast.Expr{number}, args...)}
}
