package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
)

// gracefulShutdown prevents the errors that every scale-in and every deploy
// would cost: a pod that stops before the load balancer forgot it answers 502,
// and one that is killed before its requests end cuts them off.
func gracefulShutdown() Rule {
	return Rule{
		ID: "graceful-shutdown", Severity: High, Level: Mandatory,
		What:    "a leaving pod serves until the load balancer forgot it, then finishes its requests",
		Why:     "each scale-in and each rollout would drop requests",
		Fix:     "set headroom:services.<name>.rollout.preStop to at least the deregistration delay, and rollout.grace above preStop + drain",
		Anchors: []string{"S11", "datree CONTAINERS_MISSING_PRESTOP_KEY"},
		Types:   []string{typeHPA, typeDeployment, typeDeploymentPatch, typeConfigMap},
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, s := range m.services() {
				all = append(all, judgeShutdown(s))
			}
			return all
		},
	}
}

func judgeShutdown(s service) Finding {
	r := s.hpa
	if s.workload != nil {
		r = *s.workload
	}
	f := s.facts
	note := func(key string) leaf {
		if s.settings == nil {
			return leaf{}
		}
		return s.settings.annotation(key)
	}
	roll := rolloutOf(s)
	stop, drain, balanced := facts{}, facts{}, facts{}
	b := budget.Shutdown{
		GraceSeconds:          roll.grace,
		DrainSeconds:          float64(drain.count(note(noteDrain), 0, 0)),
		DeregistrationSeconds: float64(balanced.count(note(noteDeregistration), 0, 0)),
	}
	shortest, longest := s.preStop(&stop)
	var faults []string
	if b.PreStopSeconds = shortest; stop.complete() && !b.KeepsServing() {
		faults = append(faults, fmt.Sprintf("preStop %gs < deregistration %gs: the load balancer still sends for %gs",
			shortest, b.DeregistrationSeconds, b.DeregistrationSeconds-shortest))
	}
	// What is not known of preStop and drain can only make it longer.
	if b.PreStopSeconds = longest; roll.leaving.complete() && !b.Finishes() {
		faults = append(faults, fmt.Sprintf("preStop %gs + drain %gs ≥ grace %gs: the pod is killed before its requests end",
			longest, b.DrainSeconds, b.GraceSeconds))
	}
	for _, part := range []facts{roll.leaving, stop, drain, balanced} {
		for _, wait := range part.waits {
			f.wait("%s", wait)
		}
	}
	return decide(r, &f, "whether leaving pods finish their requests", faults,
		fmt.Sprintf("deregistration %gs ≤ preStop %gs; preStop %gs + drain %gs < grace %gs",
			b.DeregistrationSeconds, shortest, longest, b.DrainSeconds, b.GraceSeconds))
}

// preStop is how long the containers that serve keep serving at least, and any
// container at most.
func (s service) preStop(f *facts) (shortest, longest float64) {
	if s.workload == nil {
		if s.settings == nil {
			f.wait("preStop of %s, not in this stack", s.deployment())
			return 0, 0
		}
		n := float64(f.required(s.settings.annotation(notePreStop), 0))
		return n, n
	}
	containers := f.containers(*s.workload)
	if len(containers) == 0 && f.complete() {
		f.wait("spec.template.spec.containers of %s to be set", s.workload.label())
	}
	for i, c := range containers {
		hook := c.at("lifecycle.preStop")
		if hook.Absent() && patched(*s.workload) {
			f.wait("%s, which the owner of %s may set", hook, s.workload.label())
		}
		n := f.sleep(hook)
		longest = max(longest, n)
		switch {
		case i == 0:
			shortest = n
		case !c.at("ports").Absent():
			shortest = min(shortest, n)
		}
	}
	return shortest, longest
}

var sleepCommand = regexp.MustCompile(`^(?:/bin/|/usr/bin/)?sleep (\d+(?:\.\d+)?)s?$`)

// sleep is how long a preStop hook takes.
func (f *facts) sleep(hook leaf) float64 {
	if !f.tree(hook) || hook.Absent() {
		return 0
	}
	if native := hook.at("sleep"); !native.Absent() {
		return float64(f.required(native.at("seconds"), 0))
	}
	var words []string
	for _, word := range f.list(hook.at("exec.command")) {
		words = append(words, f.textOr(word, ""))
	}
	if len(words) == 3 && strings.HasSuffix(words[0], "sh") && words[1] == "-c" {
		words = words[2:]
	}
	found := sleepCommand.FindStringSubmatch(strings.TrimSpace(strings.Join(words, " ")))
	if found == nil {
		f.wait("how long %s takes", hook)
		return 0
	}
	// Too many digits are read as infinity.
	seconds, _ := strconv.ParseFloat(found[1], 64)
	if seconds > maxCount {
		f.wait("how long %s takes", hook)
	}
	return seconds
}
