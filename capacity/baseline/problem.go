package baseline

import "strings"

// Problem is one thing wrong with a baseline file.
type Problem struct {
	// Path is where it is, such as services.api.kneeRps.
	Path string
	// Value is what stands there; empty where the value does not matter.
	Value string
	// Rule is what has to hold.
	Rule string
	// Fix is what to do.
	Fix string
}

// Error is the problem on one line: path = value: rule; fix.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Path)
	if p.Value != "" {
		b.WriteString(" = " + p.Value)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(p.Rule)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// Problems are all problems of a file, in the order of their paths.
type Problems []Problem

// Error lists the problems, one per line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// err is nil when there is no problem: a typed nil slice in an error would not
// compare equal to nil.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}
