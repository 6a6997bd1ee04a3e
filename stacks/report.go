package stacks

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/confirm"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
)

// confirmSeeds are the replays by which a report confirms its plan.
var confirmSeeds = []uint64{1, 2, 3}

// planned reads a stack in a project directory without Pulumi, and its plan.
func planned(dir, stack string, today time.Time) (inputs, plan.Plan, error) {
	src, err := fromFile(dir, stack)
	if err != nil {
		return inputs{}, plan.Plan{}, err
	}
	in, err := src.load()
	if err != nil {
		return inputs{}, plan.Plan{}, err
	}
	p, err := plan.New(in.stack, in.base, plan.Options{Today: today})
	if err != nil {
		return inputs{}, plan.Plan{}, fmt.Errorf("stack %s: %w", stack, err)
	}
	return in, p, nil
}

// Report is the plan of a stack in a project directory as text, without Pulumi,
// and on demand confirmed by replaying it, request by request. A refused plan has
// both a report, which says why, and an error; an unreadable stack only an error.
func Report(ctx context.Context, dir, stack string, simulate bool) (string, error) {
	today := time.Now()
	in, p, err := planned(dir, stack, today)
	if err != nil {
		return "", err
	}
	if simulate {
		check, err := confirm.Confirm(ctx, in.stack, in.base, p, confirm.Options{Seeds: confirmSeeds, Workers: runtime.GOMAXPROCS(0)})
		if err != nil {
			return "", fmt.Errorf("the replay of stack %s: %w", stack, err)
		}
		p = p.With(check, in.stack.Waivers, today)
	}
	if refusal(p) != nil {
		return report.Text(p), fmt.Errorf("stack %s is refused, and nothing was changed; repair it, or accept a check until a date under waivers", stack)
	}
	return report.Text(p), nil
}

// Policy of a stack in a project directory.
func Policy(dir, stack string) (spec.Policy, error) {
	src, err := fromFile(dir, stack)
	if err != nil {
		return spec.Policy{}, err
	}
	decoded, err := src.decode()
	return decoded.Policy, err
}

// refusal is nil for a proven plan; otherwise every violated check with its
// arithmetic and its fix.
func refusal(p plan.Plan) error {
	violated := p.Violations()
	if len(violated) == 0 {
		return nil
	}
	lines := make([]string, len(violated))
	for i, check := range violated {
		lines[i] = report.Violation(check)
	}
	return fmt.Errorf("stack %s is refused, and nothing was changed\n%s\n"+
		"repair it, or accept a check until a date under waivers", p.Stack, strings.TrimRight(strings.Join(lines, ""), "\n"))
}

// announce logs what a reader of the engine's output must see: waivers first,
// then the one number.
func announce(ctx *pulumi.Context, p plan.Plan) error {
	for _, w := range p.Waivers {
		text := fmt.Sprintf("WAIVED until %s: %s (%s)", w.Until, w.Check, w.Reason)
		if !w.Active {
			text = fmt.Sprintf("waiver of %s without effect: %s", w.Check, w.Note)
		}
		if err := ctx.Log.Warn(text, nil); err != nil {
			return fmt.Errorf("logging a waiver: %w", err)
		}
	}
	if p.Measured.Example {
		if err := ctx.Log.Warn("the baseline holds example values that nobody measured", nil); err != nil {
			return fmt.Errorf("logging the baseline: %w", err)
		}
	}
	if err := ctx.Log.Info(report.Headline(p), nil); err != nil {
		return fmt.Errorf("logging the plan: %w", err)
	}
	return nil
}
