// Package report prints what the rules found: as text for people, as JSON, as
// SARIF for code scanning, and as JUnit for build servers.
package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/policies/rules"
)

// Report is what was found and where it was read.
type Report struct {
	rules.Report
	// Rules that were run.
	Rules []rules.Rule
	// Resources that were judged.
	Resources int
	// Files by URN, for resources whose URN names none.
	Files map[string]string
}

// Counts of a report.
type Counts struct {
	// Violations that stop an update, and Advisories that do not.
	Violations int `json:"violations"`
	Advisories int `json:"advisories"`
	// Accepted are violations that a suppression or waiver accepts.
	Accepted int `json:"accepted"`
	// Open are judgements that wait for something.
	Open          int `json:"open"`
	Passed        int `json:"passed"`
	NotApplicable int `json:"notApplicable"`
	// Broken are exceptions that do not hold.
	Broken int `json:"brokenExceptions"`
}

// Counts the findings.
func (r Report) Counts() Counts {
	c := Counts{Broken: len(r.Broken())}
	for _, f := range r.Findings {
		switch {
		case f.Stops():
			c.Violations++
		case f.Active():
			c.Advisories++
		case f.State == rules.Violation:
			c.Accepted++
		case f.State == rules.CannotKnow:
			c.Open++
		case f.State == rules.Pass:
			c.Passed++
		default:
			c.NotApplicable++
		}
	}
	return c
}

// rule is the one of a finding.
func (r Report) rule(id string) rules.Rule {
	i := slices.IndexFunc(r.Rules, func(one rules.Rule) bool { return one.ID == id })
	if i < 0 {
		return rules.Rule{ID: id}
	}
	return r.Rules[i]
}

// place is the file and line of a finding: those of a manifest stand in its URN.
// A finding about the stack as a whole has neither.
func (r Report) place(f rules.Finding) (file string, line int) {
	if file, ok := r.Files[f.URN]; ok {
		return file, 1
	}
	if i := strings.LastIndexByte(f.URN, ':'); i > 0 {
		if n, err := strconv.Atoi(f.URN[i+1:]); err == nil {
			return f.URN[:i], n
		}
	}
	return "", 0
}

// where is the place as text; empty for none.
func (r Report) where(f rules.Finding) string {
	file, line := r.place(f)
	if file == "" || r.Files[f.URN] != "" {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}
