package rules

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// RunOptions are what a run takes besides resources and rules.
type RunOptions struct {
	// Today decides which exceptions still hold. It is an input, so that a run
	// can be repeated.
	Today time.Time
	// Suppressions silence one rule for one resource.
	Suppressions []spec.Suppression
	// Waivers silence the rule that has the id of the waived check.
	Waivers []spec.Waiver
	// Replacements silence, for one resource that is meant to go, the rules that
	// would keep it.
	Replacements []spec.Replacement
	// Config holds levels and options; the zero value leaves the rules' own.
	Config Config
}

// Report is the outcome of a run.
type Report struct {
	// Findings in the order of the rules.
	Findings []Finding
	// Exceptions that were given, first the waivers.
	Exceptions []Exception
}

// Active are the violations that no exception accepts.
func (r Report) Active() []Finding {
	return r.filter(Finding.Active)
}

// CannotKnow are the judgements that wait for something.
func (r Report) CannotKnow() []Finding {
	return r.filter(func(f Finding) bool { return f.State == CannotKnow })
}

// Of are the findings of one rule.
func (r Report) Of(rule string) []Finding {
	return r.filter(func(f Finding) bool { return f.Rule == rule })
}

func (r Report) filter(keep func(Finding) bool) []Finding {
	var kept []Finding
	for _, f := range r.Findings {
		if keep(f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// Run judges a model by rules and applies the exceptions.
func Run(model Model, rules []Rule, opts RunOptions) Report {
	exceptions := newExceptions(rules, model, opts)
	report := Report{}
	for _, rule := range rules {
		level := opts.Config.Level(rule)
		if level == Disabled {
			continue
		}
		for _, finding := range evaluate(rule, Input{model, opts.Config.options(rule)}) {
			finding.Rule, finding.Level = rule.ID, level
			if finding.State == Violation {
				if finding.Fix == "" {
					finding.Fix = rule.Fix
				}
				finding.Silenced = exceptions.silence(finding, model.byURN[finding.URN].Name)
			}
			report.Findings = append(report.Findings, finding)
		}
	}
	report.Exceptions = exceptions.all
	return report
}

// evaluate runs one rule. A panic becomes a violation of that rule: a gate that
// cannot judge stays shut, and the other rules still have their say.
func evaluate(rule Rule, in Input) (findings []Finding) {
	defer func() {
		if reason := recover(); reason != nil {
			findings = []Finding{{State: Violation, Resource: stackLabel,
				Message: fmt.Sprintf("the rule itself failed: %v (%s)", reason, site(debug.Stack())),
				Fix:     "report it with the resources that cause it; until then suppress " + rule.ID + " with a reason"}}
		}
	}()
	if findings = rule.Eval(in); len(findings) == 0 {
		findings = []Finding{{State: NotApplicable, Resource: stackLabel, Message: "nothing here that the rule judges"}}
	}
	return findings
}

// site is the function in which a panic began.
func site(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") && i+2 < len(lines) {
			name, _, _ := strings.Cut(lines[i+2], "(")
			return name[strings.LastIndexByte(name, '/')+1:]
		}
	}
	return "unknown place"
}

// OK says that nothing stops an update: no mandatory violation is active and
// every exception holds.
func (r Report) OK() bool {
	return len(r.filter(Finding.Stops)) == 0 && len(r.Broken()) == 0
}

// Broken are the exceptions that do not hold: expired, without a reason, or of a
// rule that there is not.
func (r Report) Broken() []Exception {
	return slices.DeleteFunc(slices.Clone(r.Exceptions), func(e Exception) bool { return e.Problem == "" })
}
