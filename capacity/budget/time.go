package budget

import "math"

const (
	// SyncSeconds is the sync period of the HPA controller, fixed on EKS below
	// control plane tier XL
	// (github.com/kubernetes/kubernetes pkg/controller/podautoscaler/config/v1alpha1/defaults.go, v1.36).
	SyncSeconds = 15
	// KubeletSampleSeconds is the longest a CPU sample of the kubelet is old:
	// 10 s with jitter up to half of it
	// (https://github.com/google/cadvisor/issues/2496, 2026-11).
	KubeletSampleSeconds = 15
	// AdapterSeconds is one query of the metrics adapter to Prometheus; external
	// metrics are queried on every request, not cached. An estimate.
	AdapterSeconds = 1
	// GaugeReads are the scrapes until a gauge, read at a moment, shows a load at
	// Overload times its target: by chance 5 to 15 % of the reads are below the
	// autoscaler's threshold, and 0.3 to 2.3 % of two in a row, more with fewer pods
	// (requests in flight of the committed stacks by the queues of package sim, in a
	// test of package confirm, 2026-11-26; docs/cluster.md has what was seen on a
	// control plane).
	GaugeReads = 2
	// Tolerance is the HPA's dead band around its target
	// (github.com/kubernetes/kubernetes pkg/controller/podautoscaler/config/v1alpha1/defaults.go, v1.36).
	Tolerance = 0.1
	// Overload is how far above the target "sustained high load" is.
	Overload = 1.5
)

// Signal is the path of one metric from the pod to the autoscaler.
type Signal struct {
	// SampleSeconds is how old a value is when it is scraped.
	SampleSeconds float64
	// ScrapeSeconds is the scrape interval, or the metrics-server resolution.
	ScrapeSeconds float64
	// Reads are the scrapes until one shows the load. Default: 1.
	Reads int
	// WindowSeconds is the span that the value averages over; 0 for a gauge.
	WindowSeconds float64
	// AdapterSeconds is the time of the query.
	AdapterSeconds float64
	// StabilizationSeconds is the scale-up stabilization window.
	StabilizationSeconds float64
	// Threshold is the multiple of the target at which the autoscaler acts on
	// this metric. Default: 1 + Tolerance.
	Threshold float64
}

// Decision is the worst-case time in seconds from the start of load held at
// Overload times the target to the autoscaler's decision: every stage just
// missed its turn, and the window was empty before.
func (s Signal) Decision() float64 {
	threshold := s.Threshold
	if threshold == 0 {
		threshold = 1 + Tolerance
	}
	crossing := s.WindowSeconds * math.Min(1, threshold/Overload)
	reads := float64(max(1, s.Reads))
	return s.SampleSeconds + reads*s.ScrapeSeconds + crossing + s.AdapterSeconds + SyncSeconds + s.StabilizationSeconds
}

// Steps are the scale-up steps from one replica count to another under a
// policy of so many percent and so many pods per period, whichever is more.
func Steps(from, to int, percent float64, pods int) int {
	steps := 0
	for n := max(1, from); n < to; steps++ {
		n += Step(n, percent, pods)
	}
	return steps
}

// Step are the pods that such a policy adds to n in one period.
func Step(n int, percent float64, pods int) int {
	return max(1, pods, int(math.Ceil(float64(n)*(1+percent/100)))-n)
}

// Shutdown is how a pod leaves.
type Shutdown struct {
	// DeregistrationSeconds that the load balancer still sends to the pod.
	DeregistrationSeconds float64
	// PreStopSeconds that the pod keeps serving.
	PreStopSeconds float64
	// DrainSeconds that a request in progress may take after that.
	DrainSeconds float64
	// GraceSeconds until the pod is killed.
	GraceSeconds float64
}

// KeepsServing says that the pod outlives the load balancer's knowledge of it.
func (s Shutdown) KeepsServing() bool { return s.DeregistrationSeconds <= s.PreStopSeconds }

// Finishes says that requests in progress end before the pod is killed.
func (s Shutdown) Finishes() bool { return s.PreStopSeconds+s.DrainSeconds < s.GraceSeconds }
