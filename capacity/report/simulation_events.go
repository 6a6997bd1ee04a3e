package report

import (
	"cmp"
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
	// What is the last of them; they may be all the Same.
	What  string
	Same  bool
	Times int
}

// String is "1m27s–2m2s  backend: 11 → 14 replicas (the last of 3)", or
// "1m30s  a node of web is Ready, 4 times".
func (e Episode) String() string {
	when, what := clock(e.From), e.What
	if to := clock(e.To); to != when {
		when += "–" + to
	}
	switch {
	case e.Times > 1 && e.Same:
		what += fmt.Sprintf(", %d times", e.Times)
	case e.Times > 1:
		what += fmt.Sprintf(" (the last of %d)", e.Times)
	}
	return when + "  " + what
}

// Notable are the episodes that the events make up, the rarest kinds where there
// are more than most, and how many are left out. Events are of one kind when they
// differ in numbers only.
func Notable(events []sim.Event, most int) ([]Episode, int) {
	var all []Episode
	last, episodes := map[string]int{}, map[string]int{} // by kind: the last episode, how many
	for _, e := range events {
		kind := strings.Map(wordy, e.What)
		if i, ok := last[kind]; ok && e.At-all[i].To <= together {
			all[i].Same = all[i].Same && all[i].What == e.What
			all[i].To, all[i].What = e.At, e.What
			all[i].Times++
			continue
		}
		last[kind] = len(all)
		episodes[kind]++
		all = append(all, Episode{From: e.At, To: e.At, What: e.What, Same: true, Times: 1})
	}
	rarest := slices.Clone(all)
	slices.SortStableFunc(rarest, func(a, b Episode) int {
		return episodes[strings.Map(wordy, a.What)] - episodes[strings.Map(wordy, b.What)]
	})
	kept := rarest[:min(most, len(rarest))]
	slices.SortStableFunc(kept, func(a, b Episode) int { return cmp.Compare(a.From, b.From) })
	return kept, len(all) - len(kept)
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
