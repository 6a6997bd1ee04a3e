// Package text makes what others wrote safe to show: names, statements and values
// out of running systems; and counts in words.
package text

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Printable is a text that no terminal takes for a command.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, text)
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)

// Word is a text as one word of a shell's command line, quoted where it has to be.
func Word(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Count is a number of things, such as "1 index" or "2 indexes".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
