package audit

import (
	"fmt"
	"math"
	"strings"

	"github.com/agencyos/headroom/capacity/workload"
)

// The rules by which requests are sized.
const (
	// margin on top of what was used: what Vertical Pod Autoscaler adds
	// (github.com/kubernetes/autoscaler vertical-pod-autoscaler
	// pkg/recommender/logic/recommender.go, recommendation-margin-fraction 0.15, read
	// 2026-11-26). Its CPU target is the 90th percentile of all pods and its upper
	// bound the 95th; here it is the 95th of the busiest pod, because the slowest pod
	// makes the p99 of a service.
	margin = 1.15

	// bumpRatio and bumpMiB are what Vertical Pod Autoscaler adds after a kill for
	// memory, whichever is more (ibid. pkg/recommender/model/aggregations_config.go,
	// DefaultOOMBumpUpRatio and DefaultOOMMinBumpUp).
	bumpRatio, bumpMiB = 1.2, 100

	// leastMilli and leastMiB of a request: below them the container's own start
	// weighs more than what it does. A choice of this project; Vertical Pod Autoscaler
	// gives a pod no less than 25m and 250 MiB (ibid.).
	leastMilli, leastMiB = 10, 32

	// Steps to which a suggestion is rounded up, so that it reads like a setting.
	stepMilli, stepMiB = 5, 8

	// A request is too large when it is half again as much as would do, and the
	// difference is worth an edit. A choice of this project.
	tooLarge             = 1.5
	worthMilli, worthMiB = 50, 64
)

// resource is CPU or memory, and how it is judged.
type resource struct {
	key string
	// measure names what a request must hold, and used is that of a use.
	measure string
	used    func(Use) float64
	show    func(float64) string
	worth   float64
}

var (
	cpu    = resource{"cpu", "p95", func(u Use) float64 { return u.P95 }, milli, worthMilli}
	memory = resource{"memory", "max", func(u Use) float64 { return u.Max }, mib, worthMiB}
)

// verdict on a request by what was used and by what would do. The pod's own covers
// a container without one.
func (r resource) verdict(s Side, pod *float64) Verdict {
	switch {
	case s.Request == nil && pod != nil:
		return Fine
	case s.Request == nil || *s.Request == 0:
		return Un
	case s.Use == nil:
		return Unmeasured
	case *s.Request < r.used(*s.Use):
		return Under
	case *s.Request > tooLarge*s.Suggested.Request && *s.Request-s.Suggested.Request >= r.worth:
		return Over
	}
	return Fine
}

// Suggestion is what would do, and why.
type Suggestion struct {
	Request float64 `json:"request"`
	// Limit is nil where there should be none.
	Limit *float64 `json:"limit"`
	Why   string   `json:"why"`
}

// cpuSuggestion sizes the request by the p95 of the busiest pod. Under an
// autoscaler that steers to a CPU utilization, the p95 is where the target is:
// what lies between the target and 100 % is the margin then. There is no CPU
// limit: it throttles a container while its node idles
// (docs: https://kubernetes.io/docs/tasks/configure-pod-container/assign-cpu-resource/,
// 2026-11), and without one CPU is shared in proportion to requests when it is short.
func cpuSuggestion(use Use, target int) Suggestion {
	factor, why := margin, fmt.Sprintf("p95 %s × %g", milli(use.P95), margin)
	if by := 100 / float64(target); target > 0 && by > factor {
		factor, why = by, fmt.Sprintf("p95 %s ÷ the autoscaler's target of %d %%", milli(use.P95), target)
	}
	request := roundUp(max(use.P95*factor, leastMilli), stepMilli)
	return Suggestion{Request: request, Why: why}
}

// memorySuggestion holds the most that was seen and a margin: memory cannot be
// taken back, only by a kill. A limit that is higher already stays; it reserves
// nothing.
//
// Where it was killed, what it would have used is above the limit.
func memorySuggestion(use Use, limit *float64, killed bool) Suggestion {
	needs, why := use.Max*margin, fmt.Sprintf("max %s × %g", mib(use.Max), margin)
	if limit != nil && killed {
		if by := max(bumpRatio**limit, *limit+bumpMiB); by > needs {
			needs, why = by, fmt.Sprintf("killed at the limit %s: × %g and at least %dMi more", mib(*limit), bumpRatio, bumpMiB)
		}
	}
	request := roundUp(max(needs, leastMiB), stepMiB)
	top := request
	if limit != nil {
		top = max(top, *limit)
	}
	return Suggestion{Request: request, Limit: &top, Why: why}
}

// raiseOnly is a suggestion that lowers nothing: what a moment shows is no peak.
func (s Suggestion) raiseOnly(request *float64) Suggestion {
	if request == nil || s.Request >= *request {
		return s
	}
	s.Request = *request
	if s.Limit != nil {
		top := max(*s.Limit, *request)
		s.Limit = &top
	}
	s.Why = "a moment shows no peak: nothing is lowered by it"
	return s
}

// roundUp forgives the last digits: 160 × 1.15 is 184.
func roundUp(x, step float64) float64 { return step * math.Ceil(x/step-1e-9) }

// targetOf is the lowest utilization by which an autoscaler steers a container, 0
// where none does.
func targetOf(targets []workload.Target, container string) int {
	lowest := 0
	for _, t := range targets {
		if (t.Container == "" || t.Container == container) && (lowest == 0 || t.Percent < lowest) {
			lowest = t.Percent
		}
	}
	return lowest
}

// milli and mib are amounts as Kubernetes writes them.
func milli(x float64) string { return number(x) + "m" }

func mib(x float64) string { return number(x) + "Mi" }

func number(x float64) string {
	digits := 0
	if x < 10 {
		digits = 1
	}
	return strings.TrimSuffix(fmt.Sprintf("%.*f", digits, x), ".0")
}
