package audit

import (
	"github.com/agencyos/headroom/capacity/workload"
)

// Report is what an audit found.
type Report struct {
	// OK says that nothing breaks.
	OK bool `json:"ok"`
	// Measured is where the use comes from; empty where none was measured.
	Measured  string `json:"measured"`
	Momentary bool   `json:"momentary"`
	// Price of what requests reserve; nil where it is unknown.
	Price *Price `json:"price"`
	// SavingUSDPerMonth by all suggestions together, of the workloads whose replicas
	// are known; nil where it cannot be told.
	SavingUSDPerMonth *float64 `json:"savingUsdPerMonth"`
	Containers        []Row    `json:"containers"`
	// Findings, what breaks first.
	Findings []Finding `json:"findings"`
	// Needs says what would let more be judged.
	Needs []string `json:"needs"`
}

// Row is one container.
type Row struct {
	Namespace string `json:"namespace"`
	Kind      string `json:"kind"`
	Workload  string `json:"workload"`
	Container string `json:"container"`
	Where     string `json:"where"`
	// QoS is the class of the pods.
	QoS workload.Quality `json:"qos"`
	// Replicas by which a saving counts; nil where they are not known.
	Replicas *int `json:"replicas"`
	// Autoscaler over the workload; empty where there is none.
	Autoscaler string `json:"autoscaler,omitempty"`
	CPU        Side   `json:"cpuMilli"`
	Memory     Side   `json:"memoryMiB"`
	// Throttled is the share of CFS periods, from 0 to 1.
	Throttled  *Use `json:"throttled"`
	Throttling Risk `json:"throttling"`
	// Killed are the containers whose last end was OOMKilled.
	Killed int  `json:"oomKilled"`
	OOM    Risk `json:"oom"`
	// SavingUSDPerMonth of all replicas; negative where the suggestion costs more.
	SavingUSDPerMonth *float64 `json:"savingUsdPerMonth"`
}

// Side is the CPU or the memory of a container, in the unit that its key names.
type Side struct {
	Request   *float64    `json:"request"`
	Limit     *float64    `json:"limit"`
	Use       *Use        `json:"use"`
	Verdict   Verdict     `json:"verdict"`
	Suggested *Suggestion `json:"suggested"`
}

// Verdict on a request.
type Verdict string

// The verdicts.
const (
	// Fine is neither of the others.
	Fine Verdict = "fine"
	// Over is half again as much as would do.
	Over Verdict = "over"
	// Under is less than was used: CPU at the p95, memory at the most.
	Under Verdict = "under"
	// Un has no request.
	Un Verdict = "un"
	// Unmeasured has a request and no measured use to compare it with.
	Unmeasured Verdict = "unmeasured"
)

// Risk is how likely something is to happen.
type Risk string

// The risks.
const (
	None     Risk = "none"
	Possible Risk = "possible"
	Likely   Risk = "likely"
	// Unknown needs measured use.
	Unknown Risk = "unknown"
)

// Level of a finding.
type Level string

// The levels, the worst first.
const (
	// Breaks: pods are killed, or an autoscaler does not work.
	Breaks Level = "breaks"
	// Risks: it works as long as there is room.
	Risks Level = "risk"
	// Wastes: what is paid for and not used.
	Wastes Level = "waste"
)

var levels = []Level{Breaks, Risks, Wastes}

// Finding is one thing to mend.
type Finding struct {
	Level     Level  `json:"level"`
	Namespace string `json:"namespace"`
	Kind      string `json:"kind"`
	Workload  string `json:"workload"`
	Container string `json:"container"`
	Where     string `json:"where"`
	What      string `json:"what"`
	Fix       string `json:"fix"`
}
