package baseline

import (
	stdjson "encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Figure is a measured value and where it stands in the baseline.
type Figure struct {
	// Path such as services.backend.kneeRps, or
	// services.backend.routes["GET /api/x"].serviceMillis.
	Path  string  `json:"path"`
	Value float64 `json:"value"`
	// StdErr is the standard error; 0 is unknown.
	StdErr float64 `json:"stdErr,omitempty"`
}

// With is the baseline with figures that were measured. It does not validate: the
// error is Problems when a path is no figure of a baseline. The figures are listed
// as measured, and once nothing else is left the baseline is no example any more.
func (b Baseline) With(figures []Figure) (Baseline, error) {
	text, err := Encode(b)
	if err != nil {
		return b, err
	}
	var tree map[string]any
	if err := stdjson.Unmarshal(text, &tree); err != nil {
		return b, fmt.Errorf("read back a baseline: %w", err)
	}
	var found Problems
	for _, f := range figures {
		if p := set(tree, f); p != nil {
			found = append(found, *p)
		}
	}
	if len(found) > 0 {
		return b, found
	}
	out, found := decodeTree(tree)
	known := out.places()
	for _, f := range figures {
		if !known[f.Path] && len(found) == 0 {
			found = append(found, noFigure(f.Path))
		}
	}
	if len(found) > 0 {
		return b, found
	}
	return out.measured(figures), nil
}

func noFigure(path string) Problem {
	return Problem{Path: printable(shorten(path)), Rule: "is no figure of a baseline", Fix: "such as memoryMiB, database.holdMillis or nodes.bootSeconds"}
}

// decodeTree reads the tree back; only unknown keys are problems.
func decodeTree(tree map[string]any) (Baseline, Problems) {
	text, err := stdjson.Marshal(tree)
	if err != nil { // a figure that is no number
		return Baseline{}, Problems{{Path: "figures", Rule: err.Error(), Fix: "write plain numbers"}}
	}
	b, unread, keys, err := parse(text)
	if err != nil {
		return Baseline{}, Problems{fault(text, err)}
	}
	return b, append(unread, keys...)
}

// set puts a figure in its place, and makes the objects on the way to it.
func set(tree map[string]any, f Figure) *Problem {
	wrong := noFigure(f.Path)
	steps, ok := split(f.Path)
	if !ok {
		return &wrong
	}
	node := tree
	for _, step := range steps[:len(steps)-1] {
		next, ok := node[step].(map[string]any)
		if !ok && node[step] != nil {
			return &wrong
		}
		if next == nil {
			next = map[string]any{}
			node[step] = next
		}
		node = next
	}
	node[steps[len(steps)-1]] = f.Value
	return nil
}

// split cuts a path at its dots and brackets; keys in brackets are quoted.
func split(path string) (steps []string, ok bool) {
	for rest := path; rest != ""; {
		if after, bracket := strings.CutPrefix(rest, "["); bracket {
			quoted, err := strconv.QuotedPrefix(after)
			if err != nil || !strings.HasPrefix(after[len(quoted):], "]") {
				return nil, false
			}
			key, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, false
			}
			steps, rest = append(steps, key), strings.TrimPrefix(after[len(quoted)+1:], ".")
			continue
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, false
		}
		steps, rest = append(steps, rest[:end]), strings.TrimPrefix(rest[end:], ".")
	}
	return steps, len(steps) > 0
}

// measured lists figures as measured.
func (b Baseline) measured(figures []Figure) Baseline {
	if !b.Example {
		return b
	}
	names := map[string]bool{}
	for _, path := range b.Measured {
		names[path] = true
	}
	for _, f := range figures {
		names[f.Path] = true
	}
	b.Measured = slices.Sorted(maps.Keys(names))
	if len(b.Unmeasured()) == 0 {
		b.Example, b.Measured = false, nil
	}
	return b
}

// Unmeasured are the paths of the figures of an example that nobody measured. A 0
// is no figure: it says that there is none.
func (b Baseline) Unmeasured() []string {
	if !b.Example {
		return nil
	}
	var out []string
	for _, path := range b.Paths() {
		if !slices.Contains(b.Measured, path) {
			out = append(out, path)
		}
	}
	return out
}

// Paths of all figures that are not 0.
func (b Baseline) Paths() []string {
	var out []string
	b.figures(func(path string, value float64) {
		if value != 0 {
			out = append(out, path)
		}
	})
	return out
}

// places are the paths where a figure stands or could.
func (b Baseline) places() map[string]bool {
	out := map[string]bool{}
	b.figures(func(path string, _ float64) { out[path] = true })
	return out
}

// figures tells every figure with its path, in the order of the file.
func (b Baseline) figures(tell func(path string, value float64)) {
	for _, name := range slices.Sorted(maps.Keys(b.Services)) {
		b.Services[name].figures("services."+name, tell)
	}
	tell("nodes.bootSeconds", b.Nodes.BootSeconds)
	tell("cache.workingSetMiB", b.Cache.WorkingSetMiB)
	tell("cache.opMicros", b.Cache.OpMicros)
}

// figures tells every figure of a service with its path.
func (s Service) figures(at string, tell func(path string, value float64)) {
	for _, f := range []Figure{
		{Path: "kneeRps", Value: s.KneeRPS}, {Path: "cpuMillis", Value: s.CPUMillis}, {Path: "serviceMillis", Value: s.ServiceMillis},
		{Path: "serviceCv2", Value: s.ServiceCV2}, {Path: "idleCpuMilli", Value: s.IdleCPUMilli}, {Path: "startupSeconds", Value: s.StartupSeconds},
		{Path: "memoryMiB", Value: s.MemoryMiB}, {Path: "cacheHitRatio", Value: s.CacheHitRatio}, {Path: "cacheOpsPerRequest", Value: s.CacheOpsPerRequest},
	} {
		tell(at+"."+f.Path, f.Value)
	}
	if s.P99Millis != nil {
		tell(at+".p99Millis", *s.P99Millis)
	}
	if d := s.Database; d != nil {
		for _, f := range []Figure{
			{Path: "holdMillis", Value: d.HoldMillis}, {Path: "holdCv2", Value: d.HoldCV2}, {Path: "cpuMillis", Value: d.CPUMillis},
			{Path: "ioPerRequest", Value: d.IOPerRequest}, {Path: "transactionsPerRequest", Value: d.TransactionsPerRequest},
		} {
			tell(at+".database."+f.Path, f.Value)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Routes)) {
		r := s.Routes[key]
		for _, f := range []Figure{
			{Path: "cpuMillis", Value: r.CPUMillis}, {Path: "serviceMillis", Value: r.ServiceMillis},
			{Path: "serviceCv2", Value: r.ServiceCV2}, {Path: "firstByteMillis", Value: r.FirstByteMillis},
		} {
			tell(RoutePath(at, key)+"."+f.Path, f.Value)
		}
	}
}

// RoutePath is the path of a route under that of its service.
func RoutePath(at, key string) string { return at + ".routes[" + strconv.Quote(key) + "]" }

// Value of the figure at a path, and whether there is one that is not 0.
func (b Baseline) Value(path string) (float64, bool) {
	found := 0.0
	b.figures(func(p string, value float64) {
		if p == path {
			found = value
		}
	})
	return found, found != 0
}
