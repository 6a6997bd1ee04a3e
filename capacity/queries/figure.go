package queries

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// figure is a number with the digits that count.
func figure(x float64) string {
	switch a := math.Abs(x); {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "∞"
	case a >= 1e9:
		return fmt.Sprintf("%.1fG", x/1e9)
	case a >= 1e6:
		return fmt.Sprintf("%.1fM", x/1e6)
	case a >= 1e4:
		return fmt.Sprintf("%.0fk", x/1e3)
	case a >= 10 || x == math.Trunc(x):
		return fmt.Sprintf("%.0f", x)
	case a >= 0.1:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2g", x)
}

// percent of a share from 0 to 1.
func percent(share float64) string {
	if share > 0 && share < 0.001 {
		return "<0.1%"
	}
	if share < 0.1 && share > 0 {
		return fmt.Sprintf("%.1f%%", 100*share)
	}
	return fmt.Sprintf("%.0f%%", 100*share)
}

// pages is an amount of blocks as a size.
func pages(n float64) string { return size(n * block) }

// size is an amount of bytes.
func size(bytes float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if bytes >= unit.of {
			return figure(bytes/unit.of) + " " + unit.name
		}
	}
	return figure(bytes) + " B"
}

// milliseconds is a time as a person says it.
func milliseconds(ms float64) string {
	if ms >= 1000 {
		return span(ms / 1000)
	}
	return figure(ms) + " ms"
}

// span is a period of seconds as a person says it.
func span(s float64) string {
	switch d := time.Duration(s * float64(time.Second)); {
	case s > math.MaxInt64/float64(time.Second):
		return "for ever"
	case d < time.Second:
		return figure(1000*s) + " ms"
	case d < 2*time.Minute:
		return figure(s) + " s"
	case d < 2*time.Hour:
		return figure(d.Minutes()) + " min"
	case d < 72*time.Hour:
		return figure(d.Hours()) + " h"
	default:
		return figure(d.Hours()/24) + " days"
	}
}

// line is a text on one line, at most so many characters long.
func line(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if most < 1 || len(runes) <= most {
		return text
	}
	return string(runes[:max(0, most-1)]) + "…"
}
