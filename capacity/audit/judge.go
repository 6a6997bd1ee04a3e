package audit

import (
	"fmt"
	"math"

	"github.com/agencyos/headroom/capacity/workload"
)

// judge of one workload.
type judge struct {
	workload workload.Workload
	scaler   *workload.Autoscaler
	measured Measured
	price    *Price
	report   *Report
}

func (j judge) find(level Level, container, fix, what string, args ...any) {
	w := j.workload
	j.report.Findings = append(j.report.Findings, Finding{Level: level, Namespace: w.Namespace, Kind: w.Kind, Workload: w.Name,
		Container: container, Where: w.Where, What: fmt.Sprintf(what, args...), Fix: fix})
}

func (j judge) container(c workload.Container) Row {
	w := j.workload
	row := Row{Namespace: w.Namespace, Kind: w.Kind, Workload: w.Name, Container: c.Name, Where: w.Where,
		QoS: w.Quality(), Replicas: j.replicas(),
		CPU:    Side{Request: c.Request.CPUMilli, Limit: c.Limit.CPUMilli},
		Memory: Side{Request: c.Request.MemoryMiB, Limit: c.Limit.MemoryMiB}}
	steered := workload.Autoscaler{}
	if j.scaler != nil {
		steered, row.Autoscaler = *j.scaler, j.scaler.Name
	}
	target := targetOf(steered.CPU, c.Name)
	usage := j.measured.Containers[Container{w.Ref, c.Name}]
	row.CPU.Use, row.Memory.Use, row.Throttled, row.Killed = usage.CPUMilli, usage.MemoryMiB, usage.Throttled, usage.Killed
	if use := row.CPU.Use; use != nil {
		row.CPU.Suggested = new(cpuSuggestion(*use, target))
	}
	if use := row.Memory.Use; use != nil {
		row.Memory.Suggested = new(memorySuggestion(*use, row.Memory.Limit, row.Killed > 0))
	}
	row.CPU.Verdict = cpu.verdict(row.CPU, w.Pod.Request.CPUMilli)
	row.Memory.Verdict = memory.verdict(row.Memory, w.Pod.Request.MemoryMiB)
	j.size(c.Name, cpu, &row.CPU, target > 0)
	j.size(c.Name, memory, &row.Memory, targetOf(steered.Memory, c.Name) > 0)
	j.throttling(&row)
	j.memory(&row)
	row.SavingUSDPerMonth = j.saving(row)
	return row
}

// replicas by which a suggestion counts: those that run, else the autoscaler's
// floor.
func (j judge) replicas() *int {
	if j.workload.Replicas == nil && j.scaler != nil {
		return &j.scaler.Min
	}
	return j.workload.Replicas
}

// size says what the verdict on a request means. That an autoscaler which steers by
// it finds none is said where the autoscaler is judged.
func (j judge) size(container string, of resource, s *Side, steered bool) {
	full := s.Suggested
	if full != nil && j.measured.Momentary {
		s.Suggested = new(full.raiseOnly(s.Request))
	}
	fix := "measure it, then set resources.requests." + of.key
	if s.Suggested != nil {
		fix = fmt.Sprintf("set resources.requests.%s to %s: %s", of.key, of.show(s.Suggested.Request), s.Suggested.Why)
	}
	switch {
	case s.Verdict == Un && !steered:
		j.find(Risks, container, fix, "no %s request: the scheduler reserves nothing for it", of.key)
	case s.Verdict == Under:
		j.find(Risks, container, fix, "%s request %s < %s %s: it lives on what others leave", of.key, of.show(*s.Request), of.measure, of.show(of.used(*s.Use)))
	case s.Verdict == Over:
		if j.measured.Momentary {
			fix = "measure days before it is lowered: --prometheus URL --days 14"
		}
		j.find(Wastes, container, fix, "%s request %s: with a %s of %s, %s would do", of.key, of.show(*s.Request), of.measure, of.show(of.used(*s.Use)), of.show(full.Request))
	}
}

// saving of all replicas by both suggestions; nil where it cannot be told.
func (j judge) saving(row Row) *float64 {
	n := row.Replicas
	if j.price == nil || n == nil || row.CPU.Suggested == nil || row.Memory.Suggested == nil {
		return nil
	}
	usd := math.Round(100*float64(max(0, *n))*j.price.monthly(row.CPU.less(), row.Memory.less())) / 100
	return &usd
}

// less is by how much a suggestion lowers a request that should change.
func (s Side) less() float64 {
	switch {
	case s.Verdict == Fine:
		return 0
	case s.Request == nil:
		return -s.Suggested.Request
	}
	return *s.Request - s.Suggested.Request
}
