package hpa

import (
	"errors"
	"fmt"
	"math"
)

// The bounds of the API: pkg/apis/autoscaling/validation, 1.36.0.
const (
	maxWindowSeconds = 3600
	maxPeriodSeconds = 1800
)

// validate returns every problem that the API server would refuse.
func (s Spec) validate(settings Settings) error {
	var errs []error
	if s.MinReplicas < 0 || s.MaxReplicas < 1 || s.MaxReplicas < s.MinReplicas {
		errs = append(errs, fmt.Errorf("replicas = %d to %d: needs 0 <= min <= max and max >= 1", s.MinReplicas, s.MaxReplicas))
	}
	if s.MinReplicas == 0 && !settings.ScaleToZero {
		errs = append(errs, errors.New("minReplicas = 0: needs the feature gate HPAScaleToZero; set 1"))
	}
	if s.MinReplicas == 0 && !s.hasTotal() {
		errs = append(errs, errors.New("minReplicas = 0: needs an Object or External metric; set 1"))
	}
	for i, m := range s.Metrics {
		if !m.valid() {
			errs = append(errs, fmt.Errorf("metrics[%d] = %s %s %d: not a source with one of its targets and a positive value", i, m.Source, m.Target, m.Value))
		}
	}
	if b := s.Behavior; b != nil {
		errs = append(errs, b.ScaleUp.validate("scaleUp"), b.ScaleDown.validate("scaleDown"))
	}
	return errors.Join(errs...)
}

// hasTotal reports whether a metric can be read without pods.
func (s Spec) hasTotal() bool {
	for _, m := range s.Metrics {
		if m.Source == Object || m.Source == External {
			return true
		}
	}
	return false
}

func (m Metric) valid() bool {
	if m.Value < 1 {
		return false
	}
	switch m.Source {
	case Resource, ContainerResource:
		return m.Target == AverageValue || m.Target == Utilization && m.Value <= math.MaxInt32
	case Pods:
		return m.Target == AverageValue
	case Object, External:
		return m.Target == AverageValue || m.Target == Value
	}
	return false
}

func (r *Rules) validate(path string) error {
	if r == nil {
		return nil
	}
	var errs []error
	if w := r.WindowSeconds; w != nil && (*w < 0 || *w > maxWindowSeconds) {
		errs = append(errs, fmt.Errorf("%s.windowSeconds = %d: must be 0 to %d", path, *w, maxWindowSeconds))
	}
	if t := r.Tolerance; t != nil && !validTolerance(*t) {
		errs = append(errs, fmt.Errorf("%s.tolerance = %v: must be 0 or more", path, *t))
	}
	switch r.Select {
	case "", SelectMax, SelectMin, SelectDisabled:
	default:
		errs = append(errs, fmt.Errorf("%s.select = %q: must be Max, Min or Disabled", path, r.Select))
	}
	if r.Policies != nil && len(r.Policies) == 0 {
		errs = append(errs, fmt.Errorf("%s.policies: name one, or leave them out for the defaults", path))
	}
	for i, p := range r.Policies {
		if !p.valid() {
			errs = append(errs, fmt.Errorf("%s.policies[%d] = %s %d in %d s: must be Pods or Percent, at least 1, in 1 to %d s",
				path, i, p.Type, p.Value, p.PeriodSeconds, maxPeriodSeconds))
		}
	}
	return errors.Join(errs...)
}

func (p Policy) valid() bool {
	return (p.Type == ByPods || p.Type == ByPercent) && p.Value >= 1 && p.PeriodSeconds >= 1 && p.PeriodSeconds <= maxPeriodSeconds
}
