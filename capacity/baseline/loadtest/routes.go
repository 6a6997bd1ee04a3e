package loadtest

import (
	"net/url"
	"strings"
)

// Router is a function for Options.Route over the keys of a stack's routes, such as
// "GET /api/items/{id}". A request belongs to the route whose key or path is its
// name, or else to the one whose path fits its URL with the fewest parameters.
func Router(keys []string) func(method, name string) string {
	type pattern struct {
		key, method string
		parts       []string
	}
	var patterns []pattern
	for _, key := range keys {
		method, path, _ := strings.Cut(key, " ")
		patterns = append(patterns, pattern{key, method, segments(path)})
	}
	return func(method, name string) string {
		path := pathOf(name)
		best, fewest := "", 1<<30
		for _, p := range patterns {
			if name == p.key {
				return p.key
			}
			if method != "" && method != p.method {
				continue
			}
			if n, ok := fits(p.parts, segments(path)); ok && n < fewest {
				best, fewest = p.key, n
			}
		}
		return best
	}
}

// pathOf a URL or of a name such as "GET /api/x".
func pathOf(name string) string {
	if method, path, ok := strings.Cut(name, " "); ok && strings.ToUpper(method) == method {
		name = path
	}
	if u, err := url.Parse(name); err == nil {
		return u.Path
	}
	return name
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// fits says whether a path is of a pattern, and in how many parameters. What is a
// parameter there may be one here too: names of routes are often the pattern.
func fits(pattern, path []string) (parameters int, ok bool) {
	if len(pattern) != len(path) {
		return 0, false
	}
	for i, part := range pattern {
		switch {
		case strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}") && path[i] != "":
			parameters++
		case part != path[i]:
			return 0, false
		}
	}
	return parameters, true
}
