package rules

import (
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
)

// The defaults of apps/v1 and core/v1
// (github.com/kubernetes/kubernetes pkg/apis/apps/v1/defaults.go, pkg/apis/core/v1/defaults.go, v1.36).
const (
	defaultSurgePercent = 25
	defaultUnavailable  = 25
	defaultGraceSeconds = 30
	recreate            = "Recreate"
)

// amount is a number of pods or a share of them.
type amount struct {
	n       float64
	percent bool
}

// of is the amount as a percentage of some replicas, the form in which package
// budget rounds it.
func (a amount) of(replicas int) float64 {
	if a.percent || replicas == 0 {
		return a.n
	}
	return a.n * 100 / float64(replicas)
}

// amount reads an int-or-percent.
func (f *facts) amount(l leaf, fallback amount) amount {
	if l.Absent() {
		return fallback
	}
	s, _ := l.text()
	if digits, percent := strings.CutSuffix(s, "%"); percent {
		l.Value = Text(digits)
		return amount{f.share(l), true}
	}
	return amount{float64(f.count(l, 0, 0)), false}
}

// rollout is how a workload replaces its pods.
type rollout struct {
	surge, unavailable amount
	recreate           bool
	grace, minReady    float64
	// more, fewer, leaving and ready hold what keeps the surge, the unavailable
	// pods, the grace and minReadySeconds from being known.
	more, fewer, leaving, ready facts
}

// rolling is what keeps a rollout, beside its surge, from being known.
func (r rollout) rolling() (f facts) {
	for _, wait := range slices.Concat(r.fewer.waits, r.leaving.waits, r.ready.waits) {
		f.wait("%s", wait)
	}
	return f
}

// added are the pods that a rollout of some replicas adds before others leave.
func (r rollout) added(replicas int) int { return budget.Surge(replicas, r.surge.of(replicas)) }

// removed are the pods that it takes away before others are ready.
func (r rollout) removed(replicas int) int {
	_, n := budget.Fenceposts(replicas, r.surge.of(replicas), r.unavailable.of(replicas))
	return n
}

// rolloutOf reads a service's rollout: from the Deployment with the defaults of
// Kubernetes; from a patch or for an external Deployment without any default,
// because the owner's values are not here, but from the annotations instead.
func rolloutOf(s service) rollout {
	if s.workload != nil && !patched(*s.workload) {
		return wholeRollout(*s.workload)
	}
	r := rollout{}
	field := func(path, note string) leaf {
		if s.workload != nil {
			if l := s.workload.at(path); !l.Absent() {
				return l
			}
		}
		if s.settings != nil {
			return s.settings.annotation(note)
		}
		return leaf{where: "annotation " + note, of: s.settingsLabel()}
	}
	if s.workload != nil {
		r.recreate = r.more.textOr(s.workload.at("spec.strategy.type"), "") == recreate
	}
	r.surge = r.more.known(field("spec.strategy.rollingUpdate.maxSurge", noteMaxSurge), noteMaxSurge)
	r.unavailable = r.fewer.known(field("spec.strategy.rollingUpdate.maxUnavailable", noteMaxUnavailable), noteMaxUnavailable)
	r.grace = float64(r.leaving.required(field("spec.template.spec.terminationGracePeriodSeconds", noteGrace), 0))
	r.minReady = float64(r.ready.required(field("spec.minReadySeconds", noteMinReady), 0))
	return r
}

// known reads an amount that must be set; a bare annotation is a percentage.
func (f *facts) known(l leaf, note string) amount {
	if l.Absent() {
		f.wait("%s to be set", l)
		return amount{}
	}
	if strings.HasSuffix(l.where, note) {
		return amount{f.share(l), true}
	}
	return f.amount(l, amount{})
}

// share reads a percentage without its sign.
func (f *facts) share(l leaf) float64 {
	n, _ := f.number(l)
	if n < 0 || n > maxCount {
		f.wait("%s = %g to be a percentage", l, n)
		return 0
	}
	return n
}

// wholeRollout reads a workload that no one else states a part of. Only a
// Deployment starts a pod beside the one that it replaces: a StatefulSet has at
// most one of each name
// (https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/, 2026-11),
// and a Job keeps its template.
func wholeRollout(w Resource) rollout {
	if w.Type != typeDeployment {
		return rollout{recreate: true}
	}
	return deploymentRollout(w)
}

func deploymentRollout(d Resource) rollout {
	r := rollout{}
	strategy := d.at("spec.strategy")
	r.recreate = r.more.textOr(strategy.at("type"), "") == recreate
	if !r.recreate {
		r.surge = r.more.amount(strategy.at("rollingUpdate.maxSurge"), amount{defaultSurgePercent, true})
		r.unavailable = r.fewer.amount(strategy.at("rollingUpdate.maxUnavailable"), amount{defaultUnavailable, true})
	}
	r.grace = float64(r.leaving.count(d.at("spec.template.spec.terminationGracePeriodSeconds"), 0, defaultGraceSeconds))
	r.minReady = float64(r.ready.count(d.at("spec.minReadySeconds"), 0, 0))
	return r
}
