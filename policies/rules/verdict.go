package rules

import (
	"fmt"
	"slices"
	"strings"
)

// verdict collects what a rule finds on one resource. Each requirement is read
// by facts of its own, so that what one cannot read hides no fault of another.
type verdict struct {
	facts
	faults []string
	fine   string
	skip   string
}

// each judges every resource of some types by itself. Question ends the sentence
// "cannot tell …".
func each(question string, judge func(Input, *verdict, Resource), types ...string) func(Input) []Finding {
	return func(in Input) []Finding {
		var all []Finding
		for _, r := range in.of(types...) {
			v := &verdict{fine: "holds"}
			judge(in, v, r)
			all = append(all, v.finding(r, question))
		}
		return all
	}
}

func (v *verdict) finding(r Resource, question string) Finding {
	if v.skip != "" && v.complete() && len(v.faults) == 0 {
		return notApplicable(r, "%s", v.skip)
	}
	return decide(r, &v.facts, question, v.faults, v.fine)
}

// onStack judges the stack as a whole.
func onStack(question string, judge func(v *verdict)) []Finding {
	v := &verdict{}
	judge(v)
	finding := v.finding(Resource{}, question)
	finding.Resource = stackLabel
	return []Finding{finding}
}

// pass sets what is said when nothing is wrong.
func (v *verdict) pass(format string, args ...any) { v.fine = fmt.Sprintf(format, args...) }

// notApplicable ends the judgement.
func (v *verdict) notApplicable(format string, args ...any) { v.skip = fmt.Sprintf(format, args...) }

func (v *verdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

// require finds a fault by what read reads; if something could not be read the
// requirement stays open.
func (v *verdict) require(read func(f *facts) (fault string)) {
	own := &facts{}
	fault := read(own)
	switch {
	case !own.complete():
		for _, wait := range own.waits {
			v.wait("%s", wait)
		}
	case fault != "":
		v.fault("%s", fault)
	}
}

// on requires a truth value that is true.
func (v *verdict) on(l leaf) {
	v.require(func(f *facts) string {
		if f.flag(l) {
			return ""
		}
		return fmt.Sprintf("%s is %s", l.where, show(l))
	})
}

// off requires a truth value that is not true.
func (v *verdict) off(l leaf) {
	v.require(func(f *facts) string {
		if !f.flag(l) {
			return ""
		}
		return l.where + " is true"
	})
}

// oneOf requires a text among some; an absent one is the fallback.
func (v *verdict) oneOf(l leaf, fallback string, want ...string) {
	v.require(func(f *facts) string {
		if slices.Contains(want, f.textOr(l, fallback)) {
			return ""
		}
		return fmt.Sprintf("%s is %s, not %s", l.where, show(l), strings.Join(want, " or "))
	})
}

// noneOf refuses some texts; an absent one is the fallback.
func (v *verdict) noneOf(l leaf, fallback string, refused ...string) {
	v.require(func(f *facts) string {
		if !slices.Contains(refused, f.textOr(l, fallback)) {
			return ""
		}
		return fmt.Sprintf("%s is %s", l.where, show(l))
	})
}

// within requires a number in a range; an absent one is the fallback.
func (v *verdict) within(l leaf, fallback, low, high int, unit string) {
	v.require(func(f *facts) string {
		n, ok := f.number(l)
		if !ok {
			n = float64(fallback)
		}
		switch {
		case n < float64(low):
			return fmt.Sprintf("%s %s < %d%s", l.where, plain(n), low, unit)
		case n > float64(high):
			return fmt.Sprintf("%s %s > %d%s", l.where, plain(n), high, unit)
		}
		return ""
	})
}

// set requires a property to be there, readable or not. One that is not known
// yet counts where it comes from another resource, because what a resource
// answers of itself is never nothing.
func (v *verdict) set(r Resource, l leaf, why string) {
	top, _, _ := strings.Cut(l.where, ".")
	top, _, _ = strings.Cut(top, "[")
	switch {
	case l.Absent():
		v.fault("%s is not set: %s", l.where, why)
	case l.Unknown() && len(r.References[top]) == 0:
		v.readable(l)
	}
}

// protected requires the resource option protect.
func (v *verdict) protected(r Resource) {
	switch {
	case !r.Options.Known:
		v.wait("the resource options of %s; a manifest has none", r.label())
	case !r.Options.Protect:
		v.fault("the option protect is off, so a destroy or a replacement deletes it")
	}
}
