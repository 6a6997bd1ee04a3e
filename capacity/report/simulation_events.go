package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/sim"
)

// together is how close events of one kind are to be told as one.
const together = 2 * time.Minute

// Episode is one event, or several of one kind in a row.
type Episode struct {
	From, To time.Duration
	// What is the last of them.
	What  string
	Times int
}

// String is "1m27s–2m2s  backend: 11 → 14 replicas (the last of 3)".
func (e Episode) String() string {
	if e.Times == 1 {
		return fmt.Sprintf("%s  %s", clock(e.From), e.What)
	}
	return fmt.Sprintf("%s–%s  %s (the last of %d)", clock(e.From), clock(e.To), e.What, e.Times)
}

// Notable are the episodes that the events make up, the first most of them, and how
// many are left. Events are of one kind when they differ in numbers only.
func Notable(events []sim.Event, most int) ([]Episode, int) {
	var out []Episode
	last := map[string]int{} // the episode of a kind
	for _, e := range events {
		kind := strings.TrimFunc(strings.Map(wordy, e.What), func(r rune) bool { return r == ' ' })
		if i, ok := last[kind]; ok && e.At-out[i].To <= together {
			out[i].To, out[i].What = e.At, e.What
			out[i].Times++
			continue
		}
		last[kind] = len(out)
		out = append(out, Episode{From: e.At, To: e.At, What: e.What, Times: 1})
	}
	if len(out) <= most {
		return out, 0
	}
	return slices.Clip(out[:most]), len(out) - most
}

// wordy drops digits.
func wordy(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// clock is a moment of a run.
func clock(d time.Duration) string { return d.Round(time.Second).String() }
