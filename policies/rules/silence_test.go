package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

// TestStanding is what reports say of an exception.
func TestStanding(t *testing.T) {
	for name, c := range map[string]struct {
		reason    string
		exception Exception
		want      string
	}{
		"Suppression": {"one of the stack file", Exception{Used: 1}, "suppression of r for main until 2026-12-31: why: accepts 1"},
		"Waiver":      {"one of a check of the plan", Exception{Waiver: true, Used: 2}, "waiver of r for main until 2026-12-31: why: accepts 2"},
		"Replacement": {"what is meant to go", Exception{Replacement: true, Used: 1}, "replacement in spite of r for main until 2026-12-31: why: accepts 1"},
		"Annotation":  {"what the object says of itself", Exception{Annotation: true, Used: 1}, "annotation of r for main until 2026-12-31: why: accepts 1"},
		"Unused":      {"one that is not needed any more", Exception{}, "suppression of r for main until 2026-12-31: why: accepts nothing here; remove it"},
		"Broken":      {"one that does not hold, whatever it would accept", Exception{Problem: "it has expired"}, "suppression of r for main until 2026-12-31: why: does not hold, it has expired"},
	} {
		e := c.exception
		e.Rule, e.Resource, e.Until, e.Reason = "r", "main", "2026-12-31", "why"
		if got := e.Standing(); got != c.want {
			t.Errorf("%s: %s\nStanding = %q, want %q", name, c.reason, got, c.want)
		}
	}
}

// TestAnnotations accept a violation on their own object and nowhere else.
func TestAnnotations(t *testing.T) {
	const note = "metadata/annotations/suppress.headroom.dev~"
	unpinned := edit{"Deployment pgbouncer", "spec/template/spec/containers/0/image", "example/pgbouncer"}
	for name, c := range map[string]struct {
		reason string
		edits  []edit
		want   []string
		told   []string
	}{
		"Accepts": {"reason and last day in one text", []edit{{"Deployment pgbouncer", note + "image-pinned", "2026-12-31 built here"}}, []string{},
			[]string{"annotation of image-pinned for " + bouncer().URN + " until 2026-12-31: built here: accepts 1"}},
		"Spaces": {"spaces around them mean nothing", []edit{{"Deployment pgbouncer", note + "image-pinned", "  2026-12-31   built here "}}, []string{},
			[]string{"annotation of image-pinned for " + bouncer().URN + " until 2026-12-31: built here: accepts 1"}},
		"Elsewhere": {"another object's annotation is about that object", []edit{{"Deployment api", note + "image-pinned", "2026-12-31 built here"}}, []string{"image-pinned"},
			[]string{"annotation of image-pinned for " + deployment().URN + " until 2026-12-31: built here: accepts nothing here; remove it"}},
		"NoReason": {"a date alone says nothing", []edit{{"Deployment pgbouncer", note + "image-pinned", "2026-12-31"}}, []string{"image-pinned"},
			[]string{"annotation of image-pinned for " + bouncer().URN + " until 2026-12-31: : does not hold, it gives no reason"}},
		"NoRule": {"a misspelled rule is said", []edit{{"Deployment pgbouncer", note + "image-pined", "2026-12-31 built here"}}, []string{"image-pinned"},
			[]string{"annotation of image-pined for " + bouncer().URN + " until 2026-12-31: built here: does not hold, no rule has this id"}},
		"NotOurs": {"annotations of others are none", []edit{{"Deployment pgbouncer", "metadata/annotations/example.com~image-pinned", "2026-12-31 built here"}}, []string{"image-pinned"}, nil},
	} {
		report := judge(apply(t, goodStack(), append(c.edits, unpinned)...))
		if diff := cmp.Diff(c.want, violated(report)); diff != "" {
			t.Errorf("%s: %s\nviolated rules (-want +got):\n%s", name, c.reason, diff)
		}
		var told []string
		for _, e := range report.Exceptions {
			told = append(told, e.Standing())
		}
		if diff := cmp.Diff(c.told, told); diff != "" {
			t.Errorf("%s: %s\nexceptions (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestReplacementsAreTold once for each rule that would keep what may go, and
// once where nothing has the name.
func TestReplacementsAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		reason, resource string
		want             []string
	}{
		"ByName": {"a database is kept by one rule", "main", []string{"rds-durable"}},
		"ByURN":  {"its URN names it as well", instance().URN, []string{"rds-durable"}},
		"Bucket": {"a bucket by another", "media", []string{"stateful-protected"}},
		"Nobody": {"a misspelled name is told as unused", "mian", []string{"stateful-protected"}},
	} {
		report := Run(NewModel(goodStack()), All(), RunOptions{Today: today, Replacements: []spec.Replacement{{Resource: c.resource, Reason: "r", Until: "2026-12-31"}}})
		var got []string
		for _, e := range report.Exceptions {
			got = append(got, e.Rule)
			if e.Used != 0 || e.Problem != "" || !e.Replacement {
				t.Errorf("%s: %s\nexception = %+v, want an unused replacement that holds", name, c.reason, e)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s\nrules (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestBrokenExceptionStops: an exception that does not hold stops an update
// although nothing is violated.
func TestBrokenExceptionStops(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		edits  []edit
		until  string
		want   bool
	}{
		"Holds":    {"nothing is wrong", nil, "2026-12-31", true},
		"Expired":  {"an exception that is over is to be removed", nil, "2026-11-22", false},
		"Violated": {"another rule is violated", []edit{{"Instance main", "multiAz", false}}, "2026-12-31", false},
		"Accepted": {"what it accepts stops nothing", []edit{{"Instance main", "storageEncrypted", false}}, "2026-12-31", true},
	} {
		report := Run(NewModel(apply(t, goodStack(), c.edits...)), All(), RunOptions{Today: today,
			Suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "main", Reason: "r", Expires: c.until}}})
		if got := report.OK(); got != c.want {
			t.Errorf("%s: %s\nOK = %v, want %v; broken: %v", name, c.reason, got, c.want, report.Broken())
		}
	}
}
