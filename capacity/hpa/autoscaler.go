package hpa

import (
	"slices"
	"time"
)

// Autoscaler is the controller's view of one HPA: its spec with all defaults, and
// what it remembers between syncs. Use New. Not safe for concurrent use.
type Autoscaler struct {
	settings   Settings
	min, max   int32
	metrics    []Metric
	behaves    bool
	up, down   rules
	scaledZero bool

	recommendations []recommendation
	ups, downs      events
}

// New returns the autoscaler of a spec that the API server would accept, or all
// the reasons why it would not. It has no history, like a controller that has
// just started.
func New(settings Settings, spec Spec) (*Autoscaler, error) {
	a := &Autoscaler{settings: settings}
	if err := settings.validate(); err != nil {
		return nil, err
	}
	if err := a.Update(spec); err != nil {
		return nil, err
	}
	return a, nil
}

// Update changes the spec and keeps the history, like an edit of the live object.
// After an error nothing has changed.
func (a *Autoscaler) Update(spec Spec) error {
	s := &a.settings
	if err := spec.validate(*s); err != nil {
		return err
	}
	a.min, a.max = spec.MinReplicas, spec.MaxReplicas
	a.metrics = slices.Clone(spec.Metrics)
	if len(a.metrics) == 0 {
		a.metrics = []Metric{{Source: Resource, CPU: true, Target: Utilization, Value: 80}}
	}
	for i := range a.metrics { // the readiness rules are about CPU usage of pods
		m := &a.metrics[i]
		m.CPU = m.CPU && (m.Source == Resource || m.Source == ContainerResource)
	}
	b := spec.Behavior
	if a.behaves = b != nil; b == nil {
		b = &Behavior{}
	}
	a.up = fill(b.ScaleUp, s, 0, defaultScaleUp)
	// The flag is kept in whole seconds once it stands in for a window.
	a.down = fill(b.ScaleDown, s, s.DownscaleStabilization.Truncate(time.Second), defaultScaleDown)
	a.recommendations = reserve(a.recommendations, max(a.up.window, a.down.window, s.DownscaleStabilization))
	a.ups, a.downs = reserve(a.ups, a.up.longest), reserve(a.downs, a.down.longest)
	return nil
}

// Forget drops the history, as a restart of the controller does. That the HPA
// scaled to zero is a condition of the object and stays. The next Step records the
// replicas it finds, so nothing falls below them for the scale-down window.
func (a *Autoscaler) Forget() {
	a.recommendations, a.ups, a.downs = a.recommendations[:0], a.ups[:0], a.downs[:0]
}

// Outcome is which way a sync took.
type Outcome string

// The outcomes. Only Computed read the metrics with success.
const (
	// Computed: the metrics decided, within the limits.
	Computed Outcome = "computed"
	// Failing: no metric answered, or not all did and the rest would scale down.
	Failing Outcome = "failing"
	// Disabled: the workload has zero replicas, and not by this HPA.
	Disabled Outcome = "disabled"
	// AboveMax and BelowMin: the replicas were set to the bound at once.
	AboveMax Outcome = "aboveMax"
	BelowMin Outcome = "belowMin"
)

// Decision is the result of a sync.
type Decision struct {
	// Replicas is spec.replicas after the sync.
	Replicas int32
	// Desired is what the metrics proposed and Metric the index of the one that
	// did, before stabilization and limits. Both are zero unless Computed.
	Desired int32
	Metric  int
	Outcome Outcome
	// Stabilized says that a window changed the proposal, Limit what then kept
	// the replicas from the stabilized one.
	Stabilized bool
	Limit      Limit
}

// Step is one sync at now, which never goes back. The replicas are those of
// Decision; the caller sets them before the next Step.
//
// They are within min and max, unless the outcome is Failing or Disabled: then
// they stay what they were, which is outside only at zero replicas.
func (a *Autoscaler) Step(now time.Duration, o Observation) Decision {
	current := o.SpecReplicas
	if len(a.recommendations) == 0 {
		a.store(-1, recommendation{now, current})
	}
	d := a.decide(now, &o)
	if d.Replicas != current {
		a.rescaled(now, current, d.Replicas)
	}
	return d
}

func (a *Autoscaler) decide(now time.Duration, o *Observation) Decision {
	current := o.SpecReplicas
	switch {
	case current == 0 && a.disabledAtZero():
		return Decision{Outcome: Disabled}
	case current == 0: // the metrics may bring it back, even with a minimum
	case current > a.max:
		return Decision{Replicas: a.max, Outcome: AboveMax}
	case current < a.min:
		return Decision{Replicas: a.min, Outcome: BelowMin}
	}
	desired, metric, ok := a.propose(now, o)
	if !ok {
		return Decision{Replicas: current, Outcome: Failing}
	}
	d := a.normalize(now, current, desired)
	d.Desired, d.Metric, d.Outcome = desired, metric, Computed
	if current == 0 && a.settings.Version >= V136 {
		d.Replicas = max(d.Replicas, a.min)
	}
	return d
}

func (a *Autoscaler) normalize(now time.Duration, current, desired int32) Decision {
	var d Decision
	if a.behaves {
		held := a.stabilize(now, current, desired)
		d.Stabilized = held != desired
		d.Replicas, d.Limit = a.limit(now, current, held)
		return d
	}
	held := a.stabilizeFixed(now, desired)
	d.Stabilized = held != desired
	d.Replicas, d.Limit = a.limitFixed(current, held)
	return d
}

// disabledAtZero: until 1.35 a minimum disables, from 1.36 everything does but
// the HPA's own scaling to zero (which needs an Object or External metric, as
// upstream checks again; a Spec without one has no minimum of 0).
func (a *Autoscaler) disabledAtZero() bool {
	if a.settings.Version < V136 {
		return a.min != 0
	}
	return !a.scaledZero
}

func (a *Autoscaler) rescaled(now time.Duration, from, to int32) {
	a.scaledZero = to == 0
	switch {
	case !a.behaves: // limits that look back do not exist
	case to > from:
		a.ups.put(now, a.up.longest, to-from)
	default:
		a.downs.put(now, a.down.longest, from-to)
	}
}
