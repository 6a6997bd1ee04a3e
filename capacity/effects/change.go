package effects

import "strings"

// Change is one input that differs.
type Change struct {
	// Path of the input, such as "spec.replicas" or "parameters[work_mem]".
	Path string
	// Old and New values; nil where there is none.
	Old, New any
}

// holds tells whether a row with this limit meets the change.
func (w When) holds(c Change) bool {
	switch w {
	case Appears:
		return (c.Old == nil) != (c.New == nil)
	case CrossesZero:
		return zero(c.Old) != zero(c.New)
	case Deferred:
		return deferred(c.Old) || deferred(c.New)
	}
	return true
}

func zero(v any) bool { return v == nil || v == 0 || v == 0.0 }

// deferred reads the apply method of a parameter.
func deferred(v any) bool {
	element, ok := v.(map[string]any)
	return ok && element["applyMethod"] == "pending-reboot"
}

// related tells whether one path is at, above or below the other. A "*" of the
// row stands for any step.
func related(row, path string) bool {
	a, b := Steps(row), Steps(path)
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] && a[i] != "*" && b[i] != "*" {
			return false
		}
	}
	return true
}

// below tells whether path is at or under another one.
func below(path, under string) bool {
	return len(Steps(path)) >= len(Steps(under)) && related(under, path)
}

// Steps splits a property path: spec.list[0]["a.b"] is spec, list, 0 and a.b.
func Steps(path string) []string {
	var steps []string
	for path != "" {
		var step string
		switch {
		case strings.HasPrefix(path, `["`):
			step, path, _ = strings.Cut(path[2:], `"]`)
		case path[0] == '[':
			step, path, _ = strings.Cut(path[1:], "]")
		default:
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			step, path = path[:end], path[end:]
		}
		steps = append(steps, step)
		path = strings.TrimPrefix(path, ".")
	}
	return steps
}
