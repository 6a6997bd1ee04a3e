package rules

import (
	"fmt"
	"strconv"
	"strings"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// show prints a value for a message; what may not be read stays unsaid.
func show(l leaf) string {
	switch v := l.data.(type) {
	case string:
		return legible(v)
	case float64:
		return plain(v)
	case bool:
		return strconv.FormatBool(v)
	}
	switch {
	case l.Unknown():
		return "(not known yet)"
	case l.Secret():
		return "(secret)"
	case l.Absent():
		return "(not set)"
	}
	return "(" + l.where + ")"
}

// legible prints a text so that a reader sees where it begins and ends, and that it
// is there at all.
func legible(text string) string {
	switch trimmed := strings.TrimSpace(text); {
	case trimmed == "":
		return "(empty)"
	case trimmed != text:
		return strconv.Quote(text)
	}
	return text
}

// plain prints a number without an exponent, as people write it in a manifest.
func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
