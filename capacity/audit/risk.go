package audit

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/text"
)

const (
	// throttledAlert is the share of periods above which kubernetes-mixin alerts
	// (github.com/kubernetes-monitoring/kubernetes-mixin alerts/resource_alerts.libsonnet,
	// CPUThrottlingHigh, cpuThrottlingPercent 25, read 2026-11-26), throttledSome what
	// is more than a start that was throttled once.
	throttledAlert, throttledSome = 0.25, 0.01

	// nearLimit is the share of a CPU limit above which a mean over minutes hides
	// periods of 100 ms that went beyond it. A choice of this project.
	nearLimit = 0.8

	// fullLimit is the share of a memory limit above which the next burst between two
	// samples is a kill. A choice of this project.
	fullLimit = 0.9
)

// throttling judges a CPU limit. The kernel takes the CPU away for the rest of each
// 100 ms in which the limit is used up, also on an idle node.
func (j judge) throttling(row *Row) {
	limit, use, share := row.CPU.Limit, row.CPU.Use, row.Throttled
	var why string
	switch {
	case limit == nil:
		row.Throttling = None
		return
	case share != nil && share.P95 > throttledAlert:
		row.Throttling, why = Likely, fmt.Sprintf("throttled in %.0f %% of its periods at the p95", 100*share.P95)
	case share != nil && share.P95 > throttledSome:
		row.Throttling, why = Possible, fmt.Sprintf("throttled in %.0f %% of its periods at the p95", 100*share.P95)
	case use != nil && use.P99 >= nearLimit**limit:
		row.Throttling, why = Possible, fmt.Sprintf("p99 %s is %.0f %% of it, and the mean of minutes hides bursts", milli(use.P99), 100*use.P99 / *limit)
	case share == nil && use == nil:
		row.Throttling = Unknown
		return
	default:
		row.Throttling = None
		return
	}
	j.find(Risks, row.Container, "remove resources.limits.cpu; requests share the CPU when it is short", "CPU limit %s: %s", milli(*limit), why)
}

// memory judges the limit of memory and what happens when the node runs out.
func (j judge) memory(row *Row) {
	limit, use := row.Memory.Limit, row.Memory.Use
	fix := moreMemory(row.Memory)
	switch {
	case row.Killed > 0:
		row.OOM = Likely
		j.find(Breaks, row.Container, fix, "killed for memory: the last end of %s was OOMKilled", text.Count(row.Killed, "container", "containers"))
	case use == nil:
		row.OOM = Unknown
	case limit != nil && use.Max >= fullLimit**limit:
		row.OOM = Likely
		j.find(Breaks, row.Container, fix, "memory max %s is %.0f %% of the limit %s: the next burst is a kill", mib(use.Max), 100*use.Max / *limit, mib(*limit))
	case limit != nil && margin*use.Max > *limit:
		row.OOM = Possible
		j.find(Risks, row.Container, fix, "memory max %s leaves %.0f %% below the limit %s", mib(use.Max), 100*(1 - use.Max / *limit), mib(*limit))
	case limit == nil && row.Memory.Verdict != Fine && row.Memory.Verdict != Over:
		// The kubelet evicts first who uses more than the request
		// (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/, 2026-11).
		row.OOM = Possible
	default:
		row.OOM = None
	}
}

// moreMemory is what to do about a limit of memory that is too low. A request that
// is equal to it stays equal, as Guaranteed needs.
func moreMemory(r Side) string {
	what, s := "resources.limits.memory", r.Suggested
	if s == nil {
		return "raise " + what
	}
	if r.Request != nil && r.Limit != nil && *r.Request == *r.Limit {
		what = "resources.requests.memory and " + what
	}
	return fmt.Sprintf("set %s to %s: %s", what, mib(*s.Limit), s.Why)
}
