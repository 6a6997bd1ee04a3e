package sim

import (
	"time"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// Result is what a scenario led to. Moments count from the end of the warmup.
type Result struct {
	Seed     uint64        `json:"seed"`
	Fidelity Fidelity      `json:"fidelity"`
	Duration time.Duration `json:"durationNanos"`
	// Services in the order of the scenario.
	Services []ServiceResult `json:"services"`
	// PeakNodes at once; NodeHours of all groups.
	PeakNodes int     `json:"peakNodes"`
	NodeHours float64 `json:"nodeHours"`
	// PendingSeconds that pods of services spent without a node, all together.
	PendingSeconds float64 `json:"pendingSeconds"`
	// CostUSD of the run, nodes and what is fixed.
	CostUSD float64 `json:"costUsd"`
	// PeakUSDPerHour is the rate at the most expensive moment, LeastUSDPerHour
	// that at the cheapest.
	PeakUSDPerHour  float64 `json:"peakUsdPerHour"`
	LeastUSDPerHour float64 `json:"leastUsdPerHour"`
	// Connections that the pods alive could open at the worst moment, terminating
	// ones included; OpenConnections is the sum of what the services really used at
	// their busiest moments.
	Connections     int `json:"connections"`
	OpenConnections int `json:"openConnections"`
	// ExhaustedSeconds in which the pods alive could open more than the database
	// has.
	ExhaustedSeconds float64 `json:"exhaustedSeconds"`
	// Timeline is evenly spaced.
	Timeline []Point `json:"timeline"`
	// Events in the order of their time.
	Events []Event `json:"events"`
}

// ServiceResult is what one service went through.
type ServiceResult struct {
	Name string `json:"name"`
	// Requests that arrived, retries included, and how many failed.
	Requests float64          `json:"requests"`
	Failures station.Failures `json:"failures"`
	// Quantiles of the response time in milliseconds; -1 stands for infinite: that
	// many failed.
	P50Ms  float64 `json:"p50Ms"`
	P90Ms  float64 `json:"p90Ms"`
	P99Ms  float64 `json:"p99Ms"`
	P999Ms float64 `json:"p999Ms"`
	// WorstP99Ms is that of the worst point of the timeline.
	WorstP99Ms float64 `json:"worstP99Ms"`
	// OpenConnections at the busiest moment.
	OpenConnections int `json:"openConnections"`
	// PoolWaitMs is the largest p99 wait for a connection of any window.
	PoolWaitMs float64 `json:"poolWaitMs"`
	// ViolationSeconds in which more than one in a hundred requests of a promised
	// route broke its promise.
	ViolationSeconds float64 `json:"violationSeconds"`
	// TriggerSeconds is the longest time from load held at 1.5 times what the
	// replicas carry at target to the decision to scale up; 0 when load never was
	// so high, -1 when no decision came.
	TriggerSeconds float64 `json:"triggerSeconds"`
	// FirstScaleSeconds from the first rise of the load to the first decision to
	// scale up, CapacitySeconds to pods Ready for the highest load of the run; -1
	// for never, 0 where they were there all along.
	FirstScaleSeconds float64 `json:"firstScaleSeconds"`
	CapacitySeconds   float64 `json:"capacitySeconds"`
	// Short of pods that the load needed.
	Short Short `json:"short"`
	// PeakReplicas that the autoscaler wanted, PeakReady at once.
	PeakReplicas int `json:"peakReplicas"`
	PeakReady    int `json:"peakReady"`
	// PodHours of pods that existed.
	PodHours float64 `json:"podHours"`
	// Rescales of the autoscaler.
	Rescales int `json:"rescales"`
}

// Point is the state over one slice of the timeline.
type Point struct {
	At time.Duration `json:"atNanos"`
	// Nodes Ready and Booting.
	Nodes   int `json:"nodes"`
	Booting int `json:"booting"`
	// Connections that the pods alive could open.
	Connections int `json:"connections"`
	// USDPerHour at this moment.
	USDPerHour float64 `json:"usdPerHour"`
	// Services in the order of the scenario.
	Services []ServicePoint `json:"services"`
}

// ServicePoint is the state of one service. Rates and quantiles are over the
// slice, counts at its end.
type ServicePoint struct {
	// RPS that arrived at the pods, Failed of them per second.
	RPS    float64 `json:"rps"`
	Failed float64 `json:"failed"`
	// P99Ms is the mean p99 of the windows in the slice, -1 when that many failed.
	P99Ms float64 `json:"p99Ms"`
	// Wanted by the autoscaler; Ready, Starting on a node, Pending without one.
	Wanted   int `json:"wanted"`
	Ready    int `json:"ready"`
	Starting int `json:"starting"`
	Pending  int `json:"pending"`
}

// Event is a moment worth telling.
type Event struct {
	At time.Duration `json:"atNanos"`
	// What happened, as a sentence without a full stop.
	What string `json:"what"`
}
