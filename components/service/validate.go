package service

import (
	"fmt"
	"math"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// validate refuses what the API server would refuse later or, worse, accept.
func (w workload) validate() error {
	c := check.Checker{At: "services." + w.name}
	c.Require(w.name != "", "", "", "must have a name", "")
	c.Require(w.Namespace != "", "", "", "must have a namespace", "set cluster.namespace")
	c.Require(w.Spec.Mode != spec.Adopt || w.Spec.ID != "", ".id", w.Spec.ID, "must be the live Deployment", "")
	w.validateScaling(&c)
	w.validatePool(&c)
	w.validateRollout(&c)
	for _, key := range plan.EnvNames {
		value, set := w.Spec.Env[key]
		c.Require(!set, ".env."+key, value, "is set by the plan", "use services."+w.name+".pool, workers, cache.maxConnections or cache.client")
	}
	return c.Err()
}

func (w workload) validateScaling(c *check.Checker) {
	p := w.Plan
	c.Require(p.MinReplicas >= 1, ".autoscaling.minReplicas", p.MinReplicas, "must be at least 1", "")
	c.Require(p.MaxReplicas >= p.MinReplicas, ".autoscaling.maxReplicas", p.MaxReplicas,
		fmt.Sprintf("must be at least minReplicas (%d)", p.MinReplicas), "")
	c.Require(len(p.Metrics) > 0 || p.CPUTargetPercent > 0, ".autoscaling.metric", "", "has neither a metric nor a CPU target",
		"an autoscaler without a signal never acts")
	for _, m := range p.Metrics {
		c.Require(m.Name != "" && m.TargetAverageValue >= 0.001, ".autoscaling.metric", m.TargetAverageValue,
			"must have a name and a target of at least 0.001", "")
	}
	c.Require(p.DisruptionBudget >= 1, ".autoscaling.minReplicas", p.MinReplicas, "leaves no disruption budget",
		"a node with such a pod can never be drained")
}

func (w workload) validatePool(c *check.Checker) {
	if p := w.Plan.Pool; p != nil {
		c.Require(p.Size >= 1, ".pool.size", p.Size, "must be at least 1", "SQLAlchemy reads 0 as unlimited")
		c.Require(p.MaxOverflow >= 0, ".pool.maxOverflow", p.MaxOverflow, "must be at least 0", "SQLAlchemy reads -1 as unlimited")
	}
}

func (w workload) validateRollout(c *check.Checker) {
	r := w.Plan.Rollout
	whole := func(key string, percent float64) {
		c.Require(percent == math.Trunc(percent), ".rollout."+key, spec.Percent(percent),
			"must be a whole percentage", "Kubernetes reads no fractions")
	}
	whole("maxSurge", r.MaxSurgePercent)
	whole("maxUnavailable", r.MaxUnavailablePercent)
	c.Require(r.MaxSurgePercent > 0 || r.MaxUnavailablePercent > 0, ".rollout", "", "maxSurge and maxUnavailable are both 0%",
		"a rollout could then never replace a pod")
	c.Require(r.GraceSeconds > r.PreStopSeconds, ".rollout.grace", fmt.Sprintf("%ds", r.GraceSeconds),
		fmt.Sprintf("must be longer than preStop (%ds)", r.PreStopSeconds), "the pod would be killed while it still serves")
}
