package hpa

import "time"

// class is how a pod enters the proposal of a metric.
type class uint8

const (
	counted class = iota
	ignored
	unready
	missing
)

// classify follows groupPods of replica_calculator.go. The first match wins; the
// readiness of a pod matters for CPU only.
func (s *Settings) classify(now time.Duration, p *Pod, sample *Sample, cpu bool) class {
	switch {
	case p.Terminating || p.Phase == Failed:
		return ignored
	case p.Phase == Pending:
		return unready
	case !sample.Present:
		return missing
	case cpu && s.cold(now, p, sample):
		return unready
	}
	return counted
}

// cold reports whether the CPU sample of a pod says nothing yet. While the pod
// initializes, a sample counts if the pod is ready and was for the whole window of
// the sample. Later it counts, unless the pod has never been ready, which is
// guessed from how soon after the start its readiness last changed.
func (s *Settings) cold(now time.Duration, p *Pod, sample *Sample) bool {
	if p.Ready == NoCondition || !p.HasStarted {
		return true
	}
	if p.Started+s.CPUInitialization > now {
		return p.Ready == ReadyFalse || sample.At < p.ReadyChanged+sample.Window
	}
	return p.Ready == ReadyFalse && p.Started+s.InitialReadiness > p.ReadyChanged
}
