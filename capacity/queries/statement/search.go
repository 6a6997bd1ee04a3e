package statement

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/internal/grammar"
)

// Search is a statement as EXPLAIN takes it.
type Search struct {
	// Text is a SELECT that finds the rows as the statement does. It locks and
	// writes nothing, so that a role needs no more than SELECT to explain it.
	Text string
	// Params is the number of parameters, $1 and on without gaps.
	Params int
}

// Search is how the statement finds its rows: an UPDATE, a DELETE or the query
// of an INSERT as the SELECT behind it, without locks. The LIMIT of a query,
// whose value the normalized text no longer has, is taken to be the rows that a
// call returned in the mean; without it the planner assumes a tenth of all rows.
func (s Statement) Search(rowsPerCall float64) (Search, error) {
	text, err := s.selection()
	if err != nil {
		return Search{}, err
	}
	if s.Kind == Select {
		text, err = rewrite(text, limit(rowsPerCall))
		if err != nil {
			return Search{}, err
		}
	}
	for _, step := range []func(string, []grammar.Token) []edit{unlock, constants, extracts} {
		if text, err = rewrite(text, step); err != nil {
			return Search{}, err
		}
	}
	return renumber(text)
}

// selection is the statement as a SELECT.
func (s Statement) selection() (string, error) {
	main := s.first(0, string(s.Kind))
	switch {
	case s.Kind == Select:
		return s.text[:s.end()], nil
	case s.Kind == Merge:
		return "", errors.New("MERGE is not explained")
	case main < 0:
		return "", errors.New("it has no plan of its own")
	}
	with := s.text[:s.tokens[main].From]
	switch s.Kind {
	case Update:
		return s.update(with, main)
	case Delete:
		return s.remove(with, main)
	default:
		return s.insert(with, main)
	}
}

// end is where the statement's last token ends, without a semicolon.
func (s Statement) end() int {
	for _, t := range slices.Backward(s.tokens) {
		if t.Word != ";" {
			return t.To
		}
	}
	return 0
}

// first is the first token from the given one on that is outside parentheses
// and one of the words; -1 when there is none.
func (s Statement) first(from int, words ...string) int {
	for i := from; i < len(s.tokens); i++ {
		t := s.tokens[i]
		distinct := t.Word == "from" && i > 0 && s.tokens[i-1].Word == "distinct"
		if t.Depth == 0 && !distinct && slices.Contains(words, t.Word) {
			return i
		}
	}
	return -1
}

// between is the text after one token and before another; before a missing one
// it reaches to the end.
func (s Statement) between(after, before int) string {
	to := s.end()
	if before >= 0 {
		to = s.tokens[before].From
	}
	return strings.TrimSpace(s.text[s.tokens[after].To:to])
}

// update: UPDATE target SET … [FROM items] [WHERE condition] [RETURNING …].
func (s Statement) update(with string, main int) (string, error) {
	set := s.first(main, "set")
	if set < 0 {
		return "", errors.New("its UPDATE has no SET")
	}
	returning := s.first(set, "returning")
	where := s.first(set, "where")
	from := s.first(set, "from")
	return s.found(with, s.between(main, set), from, where, returning), nil
}

// remove: DELETE FROM target [USING items] [WHERE condition] [RETURNING …].
func (s Statement) remove(with string, main int) (string, error) {
	from := s.first(main, "from")
	if from < 0 {
		return "", errors.New("its DELETE has no FROM")
	}
	returning := s.first(from, "returning")
	where := s.first(from, "where")
	using := s.first(from, "using")
	target := s.between(from, earliest(using, where, returning))
	return s.found(with, target, using, where, returning), nil
}

// found is the SELECT of the rows of a target, with more items and a condition.
func (s Statement) found(with, target string, items, where, returning int) string {
	text := with + "SELECT 1 FROM " + target
	if items >= 0 {
		text += ", " + s.between(items, earliest(where, returning))
	}
	if where >= 0 {
		text += " WHERE " + s.between(where, returning)
	}
	return text
}

func earliest(tokens ...int) int {
	best := -1
	for _, t := range tokens {
		if t >= 0 && (best < 0 || t < best) {
			best = t
		}
	}
	return best
}

// insert: INSERT INTO target … query [ON CONFLICT …] [RETURNING …].
func (s Statement) insert(with string, main int) (string, error) {
	query := s.first(main, "select", "with")
	if query < 0 {
		return "", errors.New("it inserts given values: there is nothing to find")
	}
	end := s.first(query, "returning")
	for i := query; i+1 < len(s.tokens); i++ {
		if s.tokens[i].Word == "on" && s.tokens[i+1].Word == "conflict" {
			end = earliest(i, end)
		}
	}
	return with + s.tokens[query].Word + " " + s.between(query, end), nil
}

// edit replaces some bytes of a text.
type edit struct {
	from, to int
	text     string
}

// rewrite applies the edits that a step wants, which come in order and apart.
func rewrite(text string, step func(string, []grammar.Token) []edit) (string, error) {
	tokens, err := grammar.Tokens(text)
	if err != nil {
		return "", fmt.Errorf("its text cannot be read: %w", err)
	}
	var b strings.Builder
	at := 0
	for _, e := range step(text, tokens) {
		b.WriteString(text[at:e.from] + e.text)
		at = e.to
	}
	return b.String() + text[at:], nil
}

// limit gives the outermost LIMIT a number.
func limit(rowsPerCall float64) func(string, []grammar.Token) []edit {
	if !(rowsPerCall >= 1) || rowsPerCall > math.MaxInt32 {
		rowsPerCall = 1
	}
	rows := strconv.Itoa(int(math.Ceil(rowsPerCall)))
	return func(_ string, tokens []grammar.Token) []edit {
		var out []edit
		for i, t := range tokens[:max(0, len(tokens)-1)] {
			if next := tokens[i+1]; t.Word == "limit" && t.Depth == 0 && next.Param() {
				out = append(out, edit{next.From, next.To, rows})
			}
		}
		return out
	}
}

// unlock takes row locks away: FOR strength [OF names] [NOWAIT | SKIP LOCKED].
func unlock(_ string, tokens []grammar.Token) []edit {
	var out []edit
	for i := 0; i < len(tokens); i++ {
		if tokens[i].Word != "for" {
			continue
		}
		last := lock(tokens, i)
		if last > i {
			out = append(out, edit{tokens[i].From, tokens[last].To, ""})
			i = last
		}
	}
	return out
}

// strengths of row locks.
// https://www.postgresql.org/docs/18/sql-select.html#SQL-FOR-UPDATE-SHARE (2026-11-25)
var strengths = [][]string{{"update"}, {"no", "key", "update"}, {"share"}, {"key", "share"}}

// lock is the last token of a locking clause that begins at FOR, or the FOR
// itself when it is none.
func lock(tokens []grammar.Token, at int) int {
	last := at
	for _, words := range strengths {
		if follow(tokens, at, words...) {
			last = at + len(words)
		}
	}
	if last == at {
		return at
	}
	if follow(tokens, last, "of") {
		for last += 2; follow(tokens, last, ".") || follow(tokens, last, ","); last += 2 {
		}
	}
	switch {
	case follow(tokens, last, "nowait"):
		last++
	case follow(tokens, last, "skip", "locked"):
		last += 2
	}
	return min(last, len(tokens)-1)
}

// follow tells whether the words come right after a token.
func follow(tokens []grammar.Token, at int, words ...string) bool {
	for i, word := range words {
		if at+1+i >= len(tokens) || tokens[at+1+i].Word != word {
			return false
		}
	}
	return true
}

// dated are types whose constants are written behind their name. Normalizing
// turns DATE '2026-01-01' into DATE $1, which is no SQL.
var dated = []string{"interval", "date", "time", "timetz", "timestamp", "timestamptz"}

// constants makes casts of typed constants.
func constants(text string, tokens []grammar.Token) []edit {
	var out []edit
	for i, t := range tokens[:max(0, len(tokens)-1)] {
		if next := tokens[i+1]; slices.Contains(dated, t.Word) && next.Param() {
			out = append(out, edit{t.From, next.To, fmt.Sprintf("CAST(%s AS %s)", next.Word, text[t.From:t.To])})
		}
	}
	return out
}

// extracts calls EXTRACT as a function: normalizing turns EXTRACT(year FROM t)
// into EXTRACT($1 FROM t), which is no SQL.
func extracts(_ string, tokens []grammar.Token) []edit {
	var out []edit
	for i := 0; i+3 < len(tokens); i++ {
		if tokens[i].Word == "extract" && tokens[i+2].Param() && follow(tokens, i+2, "from") && follow(tokens, i, "(") {
			out = append(out, edit{tokens[i].From, tokens[i].To, "pg_catalog.extract"}, edit{tokens[i+3].From, tokens[i+3].To, ","})
		}
	}
	return out
}

// number of a parameter, as the scanner splits it.
var number = regexp.MustCompile(`^\$[0-9]+$`)

// renumber closes the gaps between parameters: the server cannot tell the type
// of one that does not occur.
func renumber(text string) (Search, error) {
	order := map[string]int{}
	out, err := rewrite(text, func(_ string, tokens []grammar.Token) []edit {
		var edits []edit
		for _, t := range tokens {
			if !number.MatchString(t.Word) {
				continue
			}
			if order[t.Word] == 0 {
				order[t.Word] = len(order) + 1
			}
			edits = append(edits, edit{t.From, t.To, "$" + strconv.Itoa(order[t.Word])})
		}
		return edits
	})
	return Search{Text: out, Params: len(order)}, err
}
