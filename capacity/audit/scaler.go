package audit

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/workload"
)

// autoscaled judges the workload as its autoscaler sees it.
func (j judge) autoscaled(rows []Row) {
	if j.scaler == nil {
		return
	}
	steered := func(of resource, target workload.Target, pod *float64, side func(Row) Side, first, fix string) {
		if target.Container != "" || pod == nil {
			s := steering{judge: j, resource: of, target: target, rows: rows, side: side}
			s.judged(first, fix)
		}
	}
	for _, t := range j.scaler.CPU {
		steered(cpu, t, j.workload.Pod.Request.CPUMilli, func(r Row) Side { return r.CPU },
			"it is throttled first, and never scales up", "remove resources.limits.cpu, or lower the target")
	}
	for _, t := range j.scaler.Memory {
		steered(memory, t, j.workload.Pod.Request.MemoryMiB, func(r Row) Side { return r.Memory },
			"it is killed first", "raise resources.limits.memory, or lower the target")
	}
}

// steering is one target of an autoscaler over one resource.
type steering struct {
	judge
	resource
	target workload.Target
	rows   []Row
	side   func(Row) Side
}

// judged says what is wrong with a target: every container that it looks at needs
// a request (k8s.io/kubernetes pkg/controller/podautoscaler/replica_calculator.go
// calculatePodRequests, v1.36), and the use must be able to pass it.
func (s steering) judged(first, fix string) {
	var missing, values []string
	requests, limits, limited := 0.0, 0.0, true
	for _, row := range s.rows {
		if s.target.Container != "" && s.target.Container != row.Container {
			continue
		}
		side := s.side(row)
		if side.Request == nil {
			missing = append(missing, row.Container)
			values = append(values, s.suggested(row.Container, side))
		} else {
			requests += *side.Request
		}
		if limited = limited && side.Limit != nil; limited {
			limits += *side.Limit
		}
	}
	trigger := requests * float64(s.target.Percent) / 100
	switch {
	case len(missing) > 0:
		s.find(Breaks, strings.Join(missing, ", "), "set resources.requests."+s.key+strings.Join(values, ";"),
			"no %s request under autoscaler %s, which steers to %d %% of it: it cannot compute, and scales no more", s.key, s.scaler.Name, s.target.Percent)
	case limited && requests > 0 && trigger >= limits:
		s.find(Breaks, s.target.Container, fix, "autoscaler %s adds pods above %d %% of the %s request, %s, and the limit is %s: %s",
			s.scaler.Name, s.target.Percent, s.key, s.show(trigger), s.show(limits), first)
	}
}

// suggested is the request for a container that has none.
func (s steering) suggested(container string, side Side) string {
	if side.Suggested == nil {
		return " of " + container + " to what it is measured to use"
	}
	return fmt.Sprintf(" of %s to %s: %s", container, s.show(side.Suggested.Request), side.Suggested.Why)
}
