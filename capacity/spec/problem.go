package spec

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// Problem is one thing wrong with a stack file.
type Problem struct {
	// Path of the field, such as "services.backend.workers".
	Path string
	// Value found there; empty when nothing was.
	Value string
	// Rule that the value breaks.
	Rule string
	// Fix says what to do.
	Fix string
}

// String is "path = value: rule; fix".
func (p Problem) String() string {
	at := p.Path
	if p.Value != "" {
		at = strings.TrimPrefix(at+" = "+p.Value, " = ")
	}
	line := strings.TrimPrefix(at+": "+p.Rule, ": ")
	if p.Fix != "" {
		line += "; " + p.Fix
	}
	return strings.Map(printable, line)
}

// printable keeps a hostile key or value from breaking the line or the terminal.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}

// Problems are all that is wrong with a stack file.
type Problems []Problem

// Error lists every problem on its own line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// err is nil when there is no problem.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].Path < ps[j].Path })
	return ps
}

func (ps *Problems) add(path string, value any, rule, fix string) {
	text := ""
	if value != nil {
		text = fmt.Sprint(value)
	}
	*ps = append(*ps, Problem{Path: path, Value: clip(text), Rule: rule, Fix: fix})
}

// without drops the problems at or under the given paths, and those above them:
// a field that could not be read is reported once, as unreadable.
func (ps Problems) without(unreadable Problems) Problems {
	var kept Problems
	for _, p := range ps {
		shadowed := false
		for _, u := range unreadable {
			shadowed = shadowed || within(p.Path, u.Path) || within(u.Path, p.Path)
		}
		if !shadowed {
			kept = append(kept, p)
		}
	}
	return kept
}

// within says whether path is at or under the other path.
func within(path, under string) bool {
	rest, ok := strings.CutPrefix(path, under)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// clip keeps a message on one readable line.
func clip(text string) string {
	const most = 60
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
