package hpa

import "time"

// Observation is what the controller reads at a sync. Moments are durations
// since any epoch, the same as the now of Step; a pod that started before the
// epoch has a negative start. The API server keeps whole seconds of Started and
// ReadyChanged, so a faithful caller truncates them.
type Observation struct {
	// SpecReplicas and StatusReplicas are those of the scale subresource: what
	// was last asked for, and how many pods exist.
	SpecReplicas, StatusReplicas int32
	// Pods are all pods of the selector, terminating ones included.
	Pods []Pod
	// Readings has one element per metric of the Spec, in its order. A missing
	// one counts as failed.
	Readings []Reading
}

// Pod is the state of a pod as far as it matters. The zero value is a pod that
// has just been created.
type Pod struct {
	Phase Phase
	// Terminating says that the deletion timestamp is set.
	Terminating bool
	// Ready is the status of the Ready condition, ReadyChanged its last change.
	Ready        Ready
	ReadyChanged time.Duration
	// HasStarted says that status.startTime is set, to Started.
	HasStarted bool
	Started    time.Duration
	// Alike is how many further pods are in the same state and have the same
	// samples: the answer is that for all of them one by one.
	Alike int32
}

// Phase is the phase of a pod.
type Phase uint8

// The phases. Other stands for Succeeded and Unknown.
const (
	Pending Phase = iota
	Running
	Failed
	Other
)

// Ready is the status of the Ready condition of a pod.
type Ready uint8

// The statuses. NoCondition says that the pod has no such condition yet.
const (
	NoCondition Ready = iota
	ReadyFalse
	ReadyUnknown
	ReadyTrue
)

// Reading is what the metrics API answers for one metric.
type Reading struct {
	// Failed says that it answers with an error.
	Failed bool
	// Total is the value of an Object or External metric in thousandths, summed
	// over its series.
	Total int64
	// Samples has one element per pod, in the order of Observation.Pods, for the
	// metrics that have pods. Another length counts as failed.
	Samples []Sample
}

// NoRequest and NoContainer are values of Sample.Request: a container of the pod
// states no request, and the pod has no container of that name. Either fails a
// Utilization metric; before 1.35 NoContainer counted as a request of nothing.
const (
	NoRequest   int64 = -1
	NoContainer int64 = -2
)

// Sample is the value of a metric for one pod.
type Sample struct {
	// Present says that there is one.
	Present bool
	// Value and Request are in thousandths: of a core for CPU. Only Utilization
	// needs the request, of absent samples too.
	Value, Request int64
	// At is when the sample was taken, and Window the time it averages over.
	At, Window time.Duration
}
