package hpa

// Spec is what the owner of an HPA writes: autoscaling/v2 in plain values.
type Spec struct {
	// MinReplicas is the floor. 0 needs the gate ScaleToZero and an Object or
	// External metric; where the API has no value it means 1.
	MinReplicas int32
	MaxReplicas int32
	// Metrics are tried in order and the largest proposal wins. None means CPU
	// at 80 % of the request.
	Metrics []Metric
	// Behavior changes the algorithm by its presence alone: nil follows fixed
	// limits, an empty one the defaults of the API.
	Behavior *Behavior
}

// Metric is one metric with its target.
type Metric struct {
	Source Source
	// CPU says that a Resource or ContainerResource metric is about CPU: the
	// only one for which the readiness of a pod counts.
	CPU    bool
	Target Target
	// Value is the target: percent of the request for Utilization, else in
	// thousandths of the metric's unit.
	Value int64
}

// Source is where a metric comes from.
type Source string

// The sources. The first three have a sample for every pod, the last two a total.
const (
	Resource          Source = "Resource"
	ContainerResource Source = "ContainerResource"
	Pods              Source = "Pods"
	Object            Source = "Object"
	External          Source = "External"
)

// Target is how a metric compares with its target value.
type Target string

// The targets. Resource and ContainerResource take Utilization or AverageValue,
// Pods takes AverageValue, Object and External take Value or AverageValue.
const (
	Utilization  Target = "Utilization"
	Value        Target = "Value"
	AverageValue Target = "AverageValue"
)

// Behavior limits how fast the replicas change; a nil side has the defaults.
type Behavior struct {
	// ScaleUp defaults to no window and the larger of 4 pods and 100 % in 15 s.
	ScaleUp *Rules
	// ScaleDown defaults to the window of the cluster and 100 % in 15 s.
	ScaleDown *Rules
}

// Rules are the limits of one direction; what is unset has the default.
type Rules struct {
	// WindowSeconds is how long the more cautious recommendation holds, at most
	// an hour.
	WindowSeconds *int32
	// Select is which policy wins; empty is SelectMax.
	Select   Select
	Policies []Policy
	// Tolerance replaces the cluster's in this direction, from 1.35.
	Tolerance *float64
}

// Select is which of several policies wins.
type Select string

// The choices: the policy with the largest or the smallest change, or no scaling.
const (
	SelectMax      Select = "Max"
	SelectMin      Select = "Min"
	SelectDisabled Select = "Disabled"
)

// Policy allows a change of Value pods or percent in the last PeriodSeconds
// (at most 30 minutes).
type Policy struct {
	Type          PolicyType
	Value         int32
	PeriodSeconds int32
}

// PolicyType is the unit of a policy.
type PolicyType string

// The units.
const (
	ByPods    PolicyType = "Pods"
	ByPercent PolicyType = "Percent"
)
