package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxCount bounds a count that a rule calculates with. Anything above is a
// mistake, and far below the point where products overflow.
const maxCount = 100_000

// facts reads values and remembers what it could not read.
type facts struct {
	waits []string
}

// wait notes something that could not be read.
func (f *facts) wait(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if !slices.Contains(f.waits, what) {
		f.waits = append(f.waits, what)
	}
}

// complete says that everything was read.
func (f *facts) complete() bool { return len(f.waits) == 0 }

// readable notes an unknown or secret value.
func (f *facts) readable(l leaf) bool {
	switch {
	case l.Unknown():
		f.wait("%s, not known yet", l)
	case l.Secret():
		f.wait("%s, a secret", l)
	default:
		return true
	}
	return false
}

// number reads a number, also from text. The second result is false where there
// is none; only an absent value is no gap.
func (f *facts) number(l leaf) (float64, bool) {
	if !f.readable(l) || l.Absent() {
		return 0, false
	}
	n, ok := l.data.(float64)
	if s, isText := l.text(); isText {
		parsed, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		n, ok = parsed, err == nil
	}
	if !ok || math.IsNaN(n) || math.Abs(n) > 1e12 {
		f.wait("%s to be a number", l)
		return 0, false
	}
	return n, true
}

// count reads a whole number from low up to maxCount, or the fallback where it
// is absent.
func (f *facts) count(l leaf, low, fallback int) int {
	n, ok := f.number(l)
	if !ok {
		return fallback
	}
	if n != math.Trunc(n) || n < float64(low) || n > maxCount {
		f.wait("%s = %g to be a whole number from %d to %d", l, n, low, maxCount)
		return fallback
	}
	return int(n)
}

// required is count of a value that must be set.
func (f *facts) required(l leaf, low int) int {
	if l.Absent() {
		f.wait("%s to be set", l)
	}
	return f.count(l, low, low)
}

// textOr reads a text, or the fallback where it is absent.
func (f *facts) textOr(l leaf, fallback string) string {
	if !f.readable(l) || l.Absent() {
		return fallback
	}
	s, ok := l.text()
	if !ok {
		f.wait("%s to be text", l)
		return fallback
	}
	return s
}

// flag reads a truth value; an absent one is false.
func (f *facts) flag(l leaf) bool {
	if !f.readable(l) || l.Absent() {
		return false
	}
	b, ok := l.data.(bool)
	if s, isText := l.text(); isText && (s == "true" || s == "false") {
		b, ok = s == "true", true
	}
	if !ok {
		f.wait("%s to be true or false", l)
		return false
	}
	return b
}

// list reads a list; an absent one is empty.
func (f *facts) list(l leaf) []leaf {
	if !f.readable(l) {
		return nil
	}
	if l.Known() && l.kind != list {
		f.wait("%s to be a list", l)
	}
	return l.items()
}

// tree notes a map that cannot be looked into.
func (f *facts) tree(l leaf) bool {
	if !f.readable(l) {
		return false
	}
	if l.Known() && l.kind != object {
		f.wait("%s to be a map", l)
		return false
	}
	return true
}

// textList reads a list of texts; an absent one is empty.
func (f *facts) textList(l leaf) []string {
	var out []string
	for _, item := range f.list(l) {
		out = append(out, f.textOr(item, ""))
	}
	return out
}

// texts reads a text or a list of texts, which policies write alike.
func (f *facts) texts(l leaf) []string {
	if l.kind == text {
		return []string{f.textOr(l, "")}
	}
	return f.textList(l)
}
