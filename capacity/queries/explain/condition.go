package explain

import (
	"regexp"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/internal/grammar"
)

// Use is what an index can do with a condition.
type Use int

// Uses of conditions.
const (
	// Unusable: nothing that a B-tree serves.
	Unusable Use = iota
	// Equal: the rows of one value, or of one of a list.
	Equal
	// Between: the rows of a range of values.
	Between
	// Contains: an operator of arrays, JSON or text search, which a GIN index
	// serves and a B-tree does not.
	Contains
)

// Condition is one of the conditions that all must hold for a row.
type Condition struct {
	// Text is the condition as the plan has it.
	Text string
	Use  Use
	// Alias is the relation that the condition is about.
	Alias string
	// Column is the plain column that is compared; empty where an expression is.
	Column string
	// Cast is the type that the column is cast to, such as text.
	Cast string
	// Expression is what is compared where it is more than a column, without the
	// alias before its columns.
	Expression string
	// Null tells a comparison with NULL, whose selectivity is the share of NULLs.
	Null bool
	// Param tells whether the value is a parameter.
	Param bool
	// With is the other relation of a join.
	With string
}

// flip splits an equality into its sides.
var flip = regexp.MustCompile(`^(.*[^<>=!]) = ([^<>=!].*)$`)

// subplan is what stands in a condition for the result of a step; no SQL.
var subplan = regexp.MustCompile(`(?:hashed )?(?:SubPlan|InitPlan) \d+(?: \(returns [^)]*\))?(\)\.col\d+)?`)

// readable makes SQL of a condition.
func readable(text string) string {
	return subplan.ReplaceAllStringFunc(text, func(s string) string {
		if strings.Contains(s, ").col") {
			return "NULL)"
		}
		return "NULL"
	})
}

// Conditions are the parts of a text that all must hold. A part that cannot be
// read is Unusable.
func Conditions(text string) []Condition {
	if text == "" {
		return nil
	}
	var out []Condition
	for _, part := range conjuncts(readable(text)) {
		c, err := condition(part)
		if err != nil {
			c = Condition{}
		}
		c.Text = part
		out = append(out, c)
	}
	return out
}

// conjuncts splits a text at the ANDs outside its parentheses.
func conjuncts(text string) []string {
	tokens, err := grammar.Tokens(text)
	if err != nil || len(tokens) == 0 {
		return []string{text}
	}
	if inner, ok := stripped(text, tokens); ok {
		return conjuncts(inner)
	}
	var out []string
	at := 0
	for _, t := range tokens {
		if t.Word == "and" && t.Depth == 0 {
			out = append(out, conjuncts(text[at:t.From])...)
			at = t.To
		}
	}
	if at == 0 {
		return []string{strings.TrimSpace(text)}
	}
	return append(out, conjuncts(text[at:])...)
}

// stripped is a text without the parentheses around all of it.
func stripped(text string, tokens []grammar.Token) (string, bool) {
	last := len(tokens) - 1
	if last < 2 || tokens[0].Word != "(" || tokens[last].Word != ")" {
		return "", false
	}
	for _, t := range tokens[1:last] {
		if t.Word == ")" && t.Depth == 1 {
			return "", false
		}
	}
	return text[tokens[0].To:tokens[last].From], true
}

const where = "SELECT 1 WHERE "

// condition reads one condition.
func condition(text string) (Condition, error) {
	trees, err := grammar.Parse(where + text)
	if err != nil || len(trees) != 1 {
		return Condition{}, err
	}
	query, _ := trees[0].Is("SelectStmt")
	kind, body := query.Child("whereClause").Kind()
	side := reader{text: where + text}
	switch kind {
	case "A_Expr":
		return side.comparison(body), nil
	case "NullTest":
		c := side.operand(body.Child("arg"), body.Int("location"))
		c.Use, c.Null = Equal, true
		if body.Text("nulltesttype") != "IS_NULL" {
			c.Use = Unusable
		}
		return c, nil
	case "ColumnRef":
		c := side.operand(query.Child("whereClause"), len(side.text))
		c.Use = Equal
		return c, nil
	case "BoolExpr":
		if args := body.List("args"); body.Text("boolop") == "NOT_EXPR" && len(args) == 1 {
			if c := side.operand(args[0], len(side.text)); c.Column != "" {
				c.Use = Equal
				return c, nil
			}
		}
	}
	return Condition{Alias: onlyAlias(query.Child("whereClause"))}, nil
}

var uses = map[string]Use{
	"=": Equal, "<": Between, "<=": Between, ">": Between, ">=": Between,
	"@>": Contains, "<@": Contains, "&&": Contains, "@@": Contains, "?": Contains, "?|": Contains, "?&": Contains, "@?": Contains,
}

// reader takes texts out of a condition.
type reader struct{ text string }

// comparison: left operator right, or left = ANY (list).
func (r reader) comparison(e grammar.Node) Condition {
	op := strings.Join(e.Names("name"), "")
	use := uses[op]
	if kind := e.Text("kind"); kind != "AEXPR_OP" && (kind != "AEXPR_OP_ANY" || op != "=") {
		use = Unusable
	}
	left, right := e.Child("lexpr"), e.Child("rexpr")
	at := e.Int("location")
	a, b := onlyAlias(left), onlyAlias(right)
	switch {
	case left == nil || a == several || b == several || a == "" && b == "":
		return Condition{}
	case a == "":
		c := r.operand(right, len(r.text))
		c.Expression = r.expression(at+len(op), len(r.text), c)
		c.Use, c.Param = use, params(left)
		return c
	case a == b:
		return Condition{Alias: a}
	}
	c := r.operand(left, at)
	c.Use, c.Param, c.With = use, params(right), b
	return c
}

// operand is what is compared: a column, a cast of one, or an expression that
// ends before a byte of the text.
func (r reader) operand(n grammar.Node, end int) Condition {
	c := Condition{Alias: onlyAlias(n)}
	inner := n
	if cast, ok := n.Is("TypeCast"); ok {
		names := cast.Child("typeName").Names("names")
		if len(names) > 0 {
			c.Cast, inner = names[len(names)-1], cast.Child("arg")
		}
	}
	if column, ok := inner.Is("ColumnRef"); ok {
		if names := column.Names("fields"); len(names) > 0 {
			c.Column = names[len(names)-1]
		}
	}
	if c.Column == "" || c.Cast != "" {
		c.Expression = r.expression(len(where), end, c)
	}
	return c
}

// expression is the text between two bytes without the aliases before columns;
// empty for a plain column.
func (r reader) expression(from, to int, c Condition) string {
	if c.Column != "" && c.Cast == "" || from > to {
		return ""
	}
	text := r.text[from:to]
	tokens, err := grammar.Tokens(text)
	if err != nil {
		return ""
	}
	var b strings.Builder
	at := 0
	for i, t := range tokens {
		if i+2 < len(tokens) && tokens[i+1].Word == "." && unquote(text[t.From:t.To]) == c.Alias && (i == 0 || tokens[i-1].Word != ".") {
			b.WriteString(text[at:t.From])
			at = tokens[i+1].To
		}
	}
	return strings.TrimSpace(b.String() + text[at:])
}

// several stands for more than one alias.
const several = "\x00"

// onlyAlias is the one relation whose columns a tree names, "" when it names
// none.
func onlyAlias(n grammar.Node) string {
	alias := ""
	n.Walk(func(kind string, body grammar.Node) {
		if kind != "ColumnRef" {
			return
		}
		of := ""
		if names := body.Names("fields"); len(names) > 1 {
			of = names[len(names)-2]
		}
		switch {
		case of == "":
			alias = several
		case alias == "":
			alias = of
		case alias != of:
			alias = several
		}
	})
	return alias
}

func params(n grammar.Node) bool {
	found := false
	n.Walk(func(kind string, _ grammar.Node) { found = found || kind == "ParamRef" })
	return found
}

// unquote is a name as the catalog has it.
func unquote(name string) string {
	if len(name) > 1 && name[0] == '"' {
		return strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
	}
	return name
}
