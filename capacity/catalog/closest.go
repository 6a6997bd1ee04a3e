package catalog

import (
	"fmt"
	"strings"
)

// Meant asks whether the nearest of some names was meant, such as
// `did you mean "cache.t4g.small"?`; "" where nothing was named, or there are no
// names.
func Meant(name string, names []string) string {
	near := Closest(name, names)
	if near == "" || strings.TrimSpace(name) == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", near)
}

// Known is Meant with all the names.
func Known(name string, names []string) string {
	return strings.TrimSpace(Meant(name, names) + " known: " + strings.Join(names, ", "))
}

// Closest is the name nearest to the given one in edits; the first of equals, and
// "" for an empty list.
func Closest(name string, names []string) string {
	best, least := "", -1
	for _, candidate := range names {
		if d := Edits(name, candidate); least < 0 || d < least {
			best, least = candidate, d
		}
	}
	return best
}

// Edits is the Levenshtein distance in bytes, by rows.
func Edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
