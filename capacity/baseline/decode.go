package baseline

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/json"

	"github.com/agencyos/headroom/capacity/catalog"
)

// MaxBytes is the largest file Decode reads. A baseline of a thousand services
// with their fits is half of it; more is a wrong file.
const MaxBytes = 8 << 20

// Decode reads the content of a baselines/<stack>.json: keys are
// case-sensitive, an unknown or repeated key is a problem, and the figures are
// validated. The error is Problems, all of them at once, save that text that is no
// JSON ends at its first fault. The mark that some editors begin a file with is
// passed over.
func Decode(data []byte) (Baseline, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if p := unreadable(data); p != nil {
		return Baseline{}, Problems{*p}
	}
	b, unread, keys, err := parse(data)
	if err != nil {
		return Baseline{}, Problems{fault(data, err)}
	}
	if err := slices.Concat(unread, b.problems().without(unread), keys).err(); err != nil {
		return Baseline{}, err
	}
	return b, nil
}

// parse reads JSON without the values of wrong types, which are unread; keys are the
// unknown and repeated ones.
func parse(data []byte) (b Baseline, unread, keys Problems, err error) {
	strict, err := json.UnmarshalStrict(data, &b)
	if err != nil {
		clean, wrong, ok := readable(data)
		if !ok {
			return b, nil, nil, err
		}
		b, unread = Baseline{}, wrong
		if strict, err = json.UnmarshalStrict(clean, &b); err != nil {
			return b, nil, nil, err
		}
	}
	for _, e := range strict {
		keys = append(keys, keyProblem(e))
	}
	return b, unread, keys, nil
}

// Encode writes the baseline in the form that Decode reads: indented, keys of
// maps sorted, one newline at the end, so that the same facts give the same
// bytes. It does not validate; it fails only on a figure JSON cannot hold.
func Encode(b Baseline) ([]byte, error) {
	var out bytes.Buffer
	enc := stdjson.NewEncoder(&out)
	enc.SetEscapeHTML(false) // keep "p99 < 200 ms" readable in source
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return nil, fmt.Errorf("encode baseline of stack %q: %w", b.Stack, err)
	}
	return out.Bytes(), nil
}

func unreadable(data []byte) *Problem {
	switch {
	case len(data) > MaxBytes:
		return &Problem{Path: "file", Value: fmt.Sprintf("%d bytes", len(data)), Rule: fmt.Sprintf("must be at most %d bytes", MaxBytes), Fix: "a baseline holds figures, not raw load-test output"}
	case len(bytes.TrimSpace(data)) == 0:
		return &Problem{Path: "file", Value: "empty", Rule: "must be a JSON object", Fix: "start from baselines/prod.json"}
	case bytes.TrimSpace(data)[0] != '{':
		return &Problem{Path: "file", Rule: "must be a JSON object", Fix: "start it with {"}
	}
	return nil
}

// fault turns an error of the JSON reader into one line with its place.
func fault(data []byte, err error) Problem {
	if ok, offset := json.SyntaxErrorOffset(err); ok {
		return Problem{Path: place(data, offset), Rule: err.Error(), Fix: "correct the JSON"}
	}
	return Problem{Path: "file", Rule: err.Error(), Fix: "correct the JSON"}
}

// place is the line and column of a byte offset, counted from 1.
func place(data []byte, offset int64) string {
	read := data[:min(max(offset, 0), int64(len(data)))]
	line := bytes.Count(read, []byte("\n")) + 1
	column := len(read) - bytes.LastIndexByte(read, '\n') - 1
	return fmt.Sprintf("line %d column %d", line, max(column, 1))
}

// keyProblem reports an unknown or repeated key at its path.
func keyProblem(err error) Problem {
	path := ""
	var field json.FieldError
	if errors.As(err, &field) {
		path = printable(shorten(field.FieldPath()))
	}
	if strings.HasPrefix(err.Error(), "duplicate") {
		return Problem{Path: path, Rule: "key occurs twice", Fix: "keep one of them"}
	}
	fix := "remove it or correct its spelling; keys are case-sensitive"
	if near := meant(path); near != "" {
		fix = near
	}
	return Problem{Path: path, Rule: "unknown key", Fix: fix}
}

// meant is the key that was meant at a path, as a question; "" where none is close.
func meant(path string) string {
	steps, ok := split(path)
	t := reflect.TypeFor[Baseline]()
	for i, step := range steps {
		switch {
		case !ok:
			return ""
		case t.Kind() == reflect.Pointer:
			t = t.Elem()
		}
		if i == len(steps)-1 {
			return catalog.Meant(step, keysOf(t))
		}
		t, ok = below(t, step)
	}
	return ""
}

// printable keeps a hostile key from breaking the rule of one line per problem.
func printable(s string) string { return strings.Trim(strconv.Quote(s), `"`) }
