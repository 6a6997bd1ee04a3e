package baseline

// Fit says how the figures of a service were measured and how far to trust them.
// It changes no plan: it is there to be read, and for the next measurement to be
// compared with.
type Fit struct {
	// Source is what was read, such as "k6 run.ndjson.gz".
	Source string `json:"source"`
	// Date of the measurement, YYYY-MM-DD.
	Date string `json:"date"`
	// Steps are the loads that were measured, by rising load.
	Steps []Step `json:"steps"`
	// Knee is where the service stops keeping up or keeping its promises.
	Knee Knee `json:"knee"`
	// StdErr are the standard errors of figures, by their path under the service.
	StdErr map[string]float64 `json:"stdErr,omitempty"`
	// CPUErrorPercent is the root mean square error of the line through CPU over
	// load, relative to the CPU. Absent without CPU.
	CPUErrorPercent *float64 `json:"cpuErrorPercent,omitempty"`
	// CPUAtKneeMilli is what a pod uses at the knee, in millicores. A pod that is
	// far from its request there waits for something else than CPU, and an autoscaler
	// that follows CPU never sees it. Default: not known.
	CPUAtKneeMilli float64 `json:"cpuAtKneeMilli,omitempty"`
	// HeldOut are the two highest steps that were not saturated. No figure comes from
	// them, so that the error of predicting them is the error to expect.
	HeldOut []HeldOut `json:"heldOut,omitempty"`
	// Model of the queue that explains the other steps best: eventLoop is the one
	// that plans are made with.
	Model string `json:"model,omitempty"`
	// USL is the fit of the Universal Scalability Law, with six steps or more.
	USL *USL `json:"usl,omitempty"`
}

// Step is one load and what came of it.
type Step struct {
	OfferedRPS    float64 `json:"offeredRps"`
	AchievedRPS   float64 `json:"achievedRps"`
	Requests      int     `json:"requests,omitempty"`
	MeanMillis    float64 `json:"meanMillis"`
	P50Millis     float64 `json:"p50Millis,omitempty"`
	P99Millis     float64 `json:"p99Millis"`
	P99LowMillis  float64 `json:"p99LowMillis,omitempty"`
	P99HighMillis float64 `json:"p99HighMillis,omitempty"`
	CPUMilli      float64 `json:"cpuMilli,omitempty"`
	// Broken are the criteria of the knee that the step breaks.
	Broken []string `json:"broken,omitempty"`
}

// Knee is the largest load that a pod carries, between two steps.
type Knee struct {
	// Criterion that broke first: achieved, dropped, failed, p99, kneedle or usl.
	// Empty when none did: the pod carries LowRPS at least.
	Criterion string `json:"criterion,omitempty"`
	// LowRPS was carried; it is the kneeRps of the service.
	LowRPS float64 `json:"lowRps"`
	// HighRPS was not. Default: no load that was tried.
	HighRPS float64 `json:"highRps,omitempty"`
}

// HeldOut is the prediction of a step that no figure comes from.
type HeldOut struct {
	RPS       float64 `json:"rps"`
	P99Millis float64 `json:"p99Millis"`
	// PredictedP99Millis by the queue that plans are made with. Absent where that is
	// saturated at this load.
	PredictedP99Millis float64 `json:"predictedP99Millis,omitempty"`
	// ErrorPercent of the prediction, relative to the measurement; above 0 it is too
	// high.
	ErrorPercent float64 `json:"errorPercent"`
	// CPUMilli and its prediction, with CPU.
	CPUMilli          float64 `json:"cpuMilli,omitempty"`
	PredictedCPUMilli float64 `json:"predictedCpuMilli,omitempty"`
}

// USL is the Universal Scalability Law X(N) = λN / (1 + σ(N−1) + κN(N−1)), with N
// requests in flight and X answers per second (Gunther, Guerrilla Capacity
// Planning, 2007).
type USL struct {
	// LambdaRPS is λ, the rate of one request at a time.
	LambdaRPS float64 `json:"lambdaRps"`
	// Sigma is the contention, Kappa the coherency.
	Sigma float64 `json:"sigma"`
	Kappa float64 `json:"kappa"`
	// PeakInFlight is √((1−σ)/κ), beyond which more load gets less done, and PeakRPS
	// the rate there. Default: none, κ is 0.
	PeakInFlight float64 `json:"peakInFlight,omitempty"`
	PeakRPS      float64 `json:"peakRps,omitempty"`
	// ErrorPercent is the root mean square error of the latencies.
	ErrorPercent float64 `json:"errorPercent"`
}
