package tune

import (
	"context"
	"fmt"
	"math"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// worthIt is the share of the cost that a change must save, or it is not made: a
// diff without reasons is not read.
const worthIt = 0.001

// reduce takes back, one by one, every change without which the SLO still holds
// and the cost stays within worthIt of what it was. The one that is cheapest to
// take back goes first.
func (s *search) reduce(ctx context.Context, c config) (config, error) {
	start, err := s.one(ctx, c)
	if err != nil {
		return nil, err
	}
	present := start
	for {
		var shorter []config
		for _, i := range c.changed() {
			if back := c.with(i, 0); s.valid(back) {
				shorter = append(shorter, back)
			}
		}
		scores, err := s.all(ctx, shorter, everything)
		if err != nil {
			return nil, err
		}
		best := -1
		for i, score := range scores {
			affordable := score.USDPerMonth <= math.Max(present.USDPerMonth, start.USDPerMonth*(1+worthIt))
			if score.Holds() && affordable && (best < 0 || better(score, scores[best]) < 0) {
				best = i
			}
		}
		if best < 0 {
			return c, nil
		}
		c, present = shorter[best], scores[best]
	}
}

// Change is one setting to change, and why.
type Change struct {
	Path string `json:"path"`
	From string `json:"from"`
	To   string `json:"to"`
	// Reason says what happens without this change, all others made.
	Reason string `json:"reason"`
	// USDPerMonth that is saved by it, when the SLO holds without it.
	USDPerMonth float64 `json:"usdPerMonth,omitempty"`
	// Service and ViolationSeconds of the promise that breaks without it, or its
	// FailedShare.
	Service          string  `json:"service,omitempty"`
	ViolationSeconds float64 `json:"violationSeconds,omitempty"`
	FailedShare      float64 `json:"failedShare,omitempty"`
	// Check that is violated without it.
	Check string `json:"check,omitempty"`
	// External is true where the stack file only states what somebody else owns:
	// the change is theirs to make first.
	External bool `json:"external,omitempty"`
}

// explain is every change of a configuration with its reason.
func (s *search) explain(ctx context.Context, c config) ([]Change, error) {
	all, err := s.one(ctx, c)
	if err != nil {
		return nil, err
	}
	out := s.diff(c)
	for n, i := range c.changed() {
		without := c.with(i, 0)
		if err := s.with(without).Validate(); err != nil {
			out[n].Reason = "without it the stack file is not valid: " + err.Error()
			continue
		}
		score, err := s.one(ctx, without)
		if err != nil {
			return nil, err
		}
		out[n].because(score, all)
	}
	return out, nil
}

// diff are the changes of a configuration without reasons.
func (s *search) diff(c config) []Change {
	var out []Change
	for _, i := range c.changed() {
		k := &s.knobs[i]
		change := Change{Path: k.Path, From: k.From, To: k.text(c[i])}
		if group := s.groupOf(i); group >= 0 {
			change.External = s.stack.Nodes.Groups[group].Mode == spec.External
		}
		out = append(out, change)
	}
	return out
}

// because fills in the reason from the score without the change.
func (ch *Change) because(without, all Score) {
	switch {
	case !without.Feasible():
		v := without.Violated[0]
		ch.Check = v.ID
		ch.Reason = fmt.Sprintf("without it %s is violated: %s", v.ID, inWords(v))
	case without.Holds():
		ch.USDPerMonth = without.USDPerMonth - all.USDPerMonth
		ch.Reason = fmt.Sprintf("without it: +$%.0f a month", ch.USDPerMonth)
	default:
		ch.Service, ch.ViolationSeconds, ch.FailedShare = without.weakest()
		ch.Reason = "without it " + breaks(ch.Service, ch.ViolationSeconds, ch.FailedShare, without)
	}
}

// inWords is what a violated check lacks.
func inWords(c plan.Check) string {
	text := fmt.Sprintf("%s %s where %s may be", c.Have, c.Unit, c.Limit)
	if c.Subject != "" {
		text = c.Subject + ": " + text
	}
	return text
}

// weakest is the service that breaks most, and the figure that does.
func (s Score) weakest() (service string, seconds, failed float64) {
	most := -1.0
	for _, name := range names(s.Services) {
		v := s.Services[name]
		late := v.ViolationSeconds / (3600 * s.Hours)
		if worse := math.Max(late, v.FailedShare); worse > most {
			most, service, seconds, failed = worse, name, v.ViolationSeconds, 0
			if v.FailedShare > late {
				seconds, failed = 0, v.FailedShare
			}
		}
	}
	return service, seconds, failed
}

// breaks says what breaks, and what may.
func breaks(service string, seconds, failed float64, s Score) string {
	if failed > 0 {
		return fmt.Sprintf("%.3g%% of the requests of %s fail (%.3g%% may)", 100*failed, service, 100*s.Budget)
	}
	return fmt.Sprintf("the p99 promise of %s breaks for %.0f s (%.0f s may be)", service, seconds, s.Budget*s.Hours*3600)
}
