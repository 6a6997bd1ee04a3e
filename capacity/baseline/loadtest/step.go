package loadtest

import "time"

// Test is a load test of one pod, or another source of load and latency, as steps.
type Test struct {
	// Source says what was read, such as "k6 run.ndjson.gz".
	Source string
	// Start and End of the requests; zero when the source has no times.
	Start, End time.Time
	// Steps by rising load.
	Steps []Step
	// Notes say what the reader left out or could not know.
	Notes []string
}

// Step is a time of constant load. A figure of 0 was not measured, save where a
// field says otherwise.
type Step struct {
	// Name of the step: its tag, or when it began.
	Name string
	// Start of the measured part; zero when the source has no times.
	Start time.Time
	// Seconds that the measured part lasts.
	Seconds float64
	// OfferedRPS is what the generator meant to send, with what it dropped.
	OfferedRPS float64
	// AchievedRPS is what was answered.
	AchievedRPS float64
	// Requests whose latency was measured.
	Requests int
	// MeanMillis and CV2, the squared coefficient of variation, of the latency.
	MeanMillis, CV2 float64
	// MeanStdErr is the standard error of MeanMillis.
	MeanStdErr float64
	// P50Millis and P99Millis are quantiles of the latency.
	P50Millis, P99Millis float64
	// P99LowMillis and P99HighMillis hold the true p99 with 95 % confidence. The
	// high end is +Inf when there are too few requests to bound it.
	P99LowMillis, P99HighMillis float64
	// ArrivalCV2 is the squared coefficient of variation of the time between
	// arrivals: near 0 evenly spaced, 1 at random. 0 is also what a source without
	// single arrivals is taken for, as load generators space evenly.
	ArrivalCV2 float64
	// FailedShare of the requests, 0 to 1. 0 may be measured.
	FailedShare float64
	// Dropped requests that the generator meant to send and could not. 0 may be
	// measured.
	Dropped float64
	// Closed is true where the generator waited for answers before it sent more.
	Closed bool
	// CPUMilli is the mean CPU use of the pod in millicores.
	CPUMilli float64
	// MemoryMiB is the largest resident memory of the pod.
	MemoryMiB float64
	// Routes are the parts of the traffic, by the key of the stack's route.
	Routes map[string]Route
}

// Route is the latency of one route within a step.
type Route struct {
	Requests        int
	MeanMillis, CV2 float64
	P99Millis       float64
	// P99LowMillis as in Step.
	P99LowMillis float64
}

// InFlight is the mean number of requests in the pod, by Little's law.
func (s Step) InFlight() float64 { return s.AchievedRPS * s.MeanMillis / 1000 }

// End of the measured part.
func (s Step) End() time.Time {
	return s.Start.Add(time.Duration(s.Seconds * float64(time.Second)))
}
