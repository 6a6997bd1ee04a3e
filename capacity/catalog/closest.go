package catalog

import (
	"fmt"
	"strings"
)

// Meant asks whether the nearest of some names was meant, such as
// `did you mean "cache.t4g.small"?`; "" where none is close.
func Meant(name string, names []string) string {
	near := Closest(name, names)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", near)
}

// Known is Meant with all the names.
func Known(name string, names []string) string {
	return strings.TrimSpace(Meant(name, names) + " known: " + strings.Join(names, ", "))
}

// leastPart of a name is long enough to be meant as a part of another.
const leastPart = 3

// Closest is the name that a person most likely meant: the nearest in edits of those
// that share at least two thirds of their letters, or else the first that holds the
// given one; the first of equals, and "" where there is none. Capitals do not matter.
func Closest(name string, names []string) string {
	best, least, holds := "", -1, ""
	word := strings.ToLower(strings.TrimSpace(name))
	if word == "" {
		return ""
	}
	for _, candidate := range names {
		lower := strings.ToLower(candidate)
		if d := Edits(word, lower); d <= max(1, max(len(word), len(lower))/3) && (least < 0 || d < least) {
			best, least = candidate, d
		}
		if holds == "" && len(word) >= leastPart && strings.Contains(lower, word) {
			holds = candidate
		}
	}
	if best == "" {
		return holds
	}
	return best
}

// Edits is the number of letters to insert, drop, replace, or swap with their
// neighbor, in bytes and by rows: the optimal string alignment distance.
func Edits(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
