package report

import (
	"fmt"
	"io"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/agencyos/headroom/policies/rules"
)

// JUnit writes one suite per rule and one case per resource. What is open or not
// applicable is skipped with its reason, what is accepted passes with it.
func (r Report) JUnit(w io.Writer) error {
	suites := junit.Testsuites{Name: "headroom check"}
	for i, rule := range r.Rules {
		suite := junit.Testsuite{Name: rule.ID, ID: i, Time: "0"}
		for _, f := range r.Of(rule.ID) {
			suite.AddTestcase(r.testcase(rule, f))
		}
		if suite.Tests > 0 {
			suites.AddSuite(suite)
		}
	}
	if broken := r.Broken(); len(broken) > 0 {
		suite := junit.Testsuite{Name: "exceptions", ID: len(r.Rules), Time: "0"}
		for _, e := range broken {
			suite.AddTestcase(junit.Testcase{Name: e.Rule + " for " + e.Resource, Classname: "exceptions", Time: "0",
				Failure: &junit.Result{Message: e.Problem, Type: "exception", Data: e.Standing()}})
		}
		suites.AddSuite(suite)
	}
	if err := suites.WriteXML(w); err != nil {
		return fmt.Errorf("writing JUnit: %w", err)
	}
	return nil
}

func (r Report) testcase(rule rules.Rule, f rules.Finding) junit.Testcase {
	c := junit.Testcase{Name: f.Resource, Classname: rule.ID, Time: "0"}
	switch {
	case f.Stops():
		c.Failure = &junit.Result{Message: f.Message, Type: string(rule.Severity),
			Data: fmt.Sprintf("%s\n%s\nwhy: %s\nfix: %s", r.heading(f), f.Message, rule.Why, f.Fix)}
	case f.Active():
		c.SystemOut = &junit.Output{Data: "advisory: " + f.Message}
	case f.State == rules.Violation:
		c.SystemOut = &junit.Output{Data: f.Message + "\naccepted by " + f.Silenced}
	case f.State != rules.Pass:
		c.Skipped = &junit.Result{Message: f.Message, Type: string(f.State)}
	}
	return c
}
