package rules

import (
	"fmt"
	"strings"
)

// Severity is how much a violation can hurt.
type Severity string

// The severities.
const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Level is whether a violation stops an update.
type Level string

// The levels.
const (
	// Mandatory stops the update.
	Mandatory Level = "mandatory"
	// Advisory only warns.
	Advisory Level = "advisory"
	// Disabled leaves the rule out.
	Disabled Level = "disabled"
)

// Rule is one judgement.
type Rule struct {
	// ID is stable and kebab-case; suppressions, waivers and policy
	// configuration name it.
	ID string
	// Severity of a violation.
	Severity Severity
	// Level unless configured otherwise.
	Level Level
	// What the rule asks for, in one line.
	What string
	// Why: the failure that it prevents.
	Why string
	// Fix is the setting to change.
	Fix string
	// Anchors are ids of comparable rules elsewhere, and of our own catalog.
	Anchors []string
	// Types that the rule judges.
	Types []string
	// Options are what a person may set for the rule.
	Options []Option
	// Single says that one resource alone is enough to find a violation, so
	// that it can be stopped before it is created.
	Single bool
	// Keeps says that the rule keeps a resource from being replaced or deleted, so
	// that a replacement that is meant lifts it.
	Keeps bool
	// Eval judges a model. No finding means that there was nothing to judge.
	Eval func(Input) []Finding
}

// State is the outcome of a judgement.
type State string

// The states.
const (
	Pass          State = "pass"
	Violation     State = "violation"
	NotApplicable State = "not-applicable"
	CannotKnow    State = "cannot-know"
)

// Finding is the outcome of a rule for one resource.
type Finding struct {
	// Rule is the id of the rule.
	Rule string
	// Level says whether a violation stops an update.
	Level Level
	// State is the verdict.
	State State
	// URN of the resource; empty for the stack as a whole.
	URN string
	// Resource is such as "Deployment api", or "stack".
	Resource string
	// Message carries the numbers.
	Message string
	// WaitsFor names what could not be read.
	WaitsFor []string
	// Fix is the setting to change, on a violation.
	Fix string
	// Silenced says by which exception a violation is accepted.
	Silenced string
}

// Stops says that the finding keeps an update from happening.
func (f Finding) Stops() bool { return f.Active() && f.Level == Mandatory }

// Active says that the finding is a violation that no exception accepts.
func (f Finding) Active() bool { return f.State == Violation && f.Silenced == "" }

// stackLabel stands where a finding is about no single resource.
const stackLabel = "stack"

func about(r Resource, state State, format string, args ...any) Finding {
	return Finding{State: state, URN: r.URN, Resource: r.label(), Message: fmt.Sprintf(format, args...)}
}

func pass(r Resource, format string, args ...any) Finding { return about(r, Pass, format, args...) }

func violation(r Resource, format string, args ...any) Finding {
	return about(r, Violation, format, args...)
}

func notApplicable(r Resource, format string, args ...any) Finding {
	return about(r, NotApplicable, format, args...)
}

// cannotKnow is the verdict where facts are missing.
func cannotKnow(r Resource, f *facts, question string) Finding {
	finding := about(r, CannotKnow, "cannot tell %s; waits for %s", question, strings.Join(f.waits, "; "))
	finding.WaitsFor = f.waits
	return finding
}

// decide is the verdict of a rule with a list of faults: any fault is a
// violation, else anything unread is a doubt, else it passes.
func decide(r Resource, f *facts, question string, faults []string, fine string) Finding {
	switch {
	case len(faults) > 0:
		return violation(r, "%s", strings.Join(faults, "; "))
	case !f.complete():
		return cannotKnow(r, f, question)
	default:
		return pass(r, "%s", fine)
	}
}
