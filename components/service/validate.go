package service

import (
	"fmt"
	"math"
	"slices"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// planned are the variables that only the plan sets: another value would
// invalidate the connection budget without any check noticing.
var planned = []string{
	plan.EnvWorkers, plan.EnvPoolSize, plan.EnvMaxOverflow, plan.EnvPoolTimeout, plan.EnvPoolRecycle, plan.EnvCacheConnections,
}

// validate refuses what the API server would refuse later or, worse, accept.
func (w workload) validate() error {
	c := checker{at: "services." + w.name}
	c.require(w.name != "", "", "", "must have a name", "")
	c.require(w.Namespace != "", "", "", "must have a namespace", "set cluster.namespace")
	c.require(w.Spec.Mode != spec.Adopt, ".mode", spec.Adopt, "is not available yet", "use external")
	w.validateScaling(&c)
	w.validatePool(&c)
	w.validateRollout(&c)
	for _, key := range planned {
		value, set := w.Spec.Env[key]
		c.require(!set, ".env."+key, value, "is set by the plan", "use services."+w.name+".pool, workers or cache.maxConnections")
	}
	return c.err()
}

func (w workload) validateScaling(c *checker) {
	p := w.Plan
	c.require(p.MinReplicas >= 1, ".autoscaling.minReplicas", p.MinReplicas, "must be at least 1", "")
	c.require(p.MaxReplicas >= p.MinReplicas, ".autoscaling.maxReplicas", p.MaxReplicas,
		fmt.Sprintf("must be at least minReplicas (%d)", p.MinReplicas), "")
	c.require(len(p.Metrics) > 0 || p.CPUTargetPercent > 0, ".autoscaling.metric", "", "has neither a metric nor a CPU target",
		"an autoscaler without a signal never acts")
	for _, m := range p.Metrics {
		c.require(m.Name != "" && m.TargetAverageValue >= 0.001, ".autoscaling.metric", m.TargetAverageValue,
			"must have a name and a target of at least 0.001", "")
	}
	c.require(p.DisruptionBudget >= 1, ".autoscaling.minReplicas", p.MinReplicas, "leaves no disruption budget",
		"a node with such a pod can never be drained")
}

func (w workload) validatePool(c *checker) {
	if p := w.Plan.Pool; p != nil {
		c.require(p.Size >= 1, ".pool.size", p.Size, "must be at least 1", "SQLAlchemy reads 0 as unlimited")
		c.require(p.MaxOverflow >= 0, ".pool.maxOverflow", p.MaxOverflow, "must be at least 0", "SQLAlchemy reads -1 as unlimited")
	}
}

func (w workload) validateRollout(c *checker) {
	r := w.Plan.Rollout
	whole := func(key string, percent float64) {
		c.require(percent == math.Trunc(percent), ".rollout."+key, spec.Percent(percent),
			"must be a whole percentage", "Kubernetes reads no fractions")
	}
	whole("maxSurge", r.MaxSurgePercent)
	whole("maxUnavailable", r.MaxUnavailablePercent)
	c.require(r.MaxSurgePercent > 0 || r.MaxUnavailablePercent > 0, ".rollout", "", "maxSurge and maxUnavailable are both 0%",
		"a rollout could then never replace a pod")
	c.require(r.GraceSeconds > r.PreStopSeconds, ".rollout.grace", fmt.Sprintf("%ds", r.GraceSeconds),
		fmt.Sprintf("must be longer than preStop (%ds)", r.PreStopSeconds), "the pod would be killed while it still serves")
}

// checker collects problems under one path.
type checker struct {
	at       string
	problems spec.Problems
}

func (c *checker) require(ok bool, path string, value any, rule, fix string) {
	if !ok {
		c.problems = append(c.problems, spec.Problem{Path: c.at + path, Value: fmt.Sprint(value), Rule: rule, Fix: fix})
	}
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return slices.Clip(c.problems)
}
