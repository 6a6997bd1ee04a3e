package docs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// formulas of the checks, in the names of the stack file and the baseline. The worked
// example below each comes from the plan itself.
var formulas = map[string]string{
	plan.DBConnections: "Σ over services of (max + surge) × workers × engines × (size + overflow), plus other clients, steadily; in a rollout also min(max, (surge + maxUnavailable) × (1 + ⌈grace ÷ minReadySeconds⌉)) terminating pods. Usable is max_connections less what the server reserves: 11 on RDS, 3 elsewhere. With a pooler its client side and its server side are two inequalities.",
	plan.DBLoad:        "growth × peak × (1 − cache hit ratio) × database CPU per request ≤ 70 % of the vCPUs, or of the credit baseline of a burstable class; I/O per request likewise ≤ IOPS. Again at 1 × peak with an empty cache. Redis and every PgBouncer process are one core each.",
	plan.DBPoolWait:    "the p99 of the wait for a connection, by Little's law and Erlang C over pool size and hold time, ≤ a part of the promised latency.",
	plan.NodeCapacity:  "the nodes that max + surge pods of every service need, whatever order the scheduler places them in, ≤ Σ maxSize: by CPU, memory and pod density, after reserves and DaemonSets; today's peak on the nodes that are left when a zone is lost; and the requests of a pod against what it was measured to use.",
	plan.SubnetIPs:     "per zone: addresses that nodes and pods at their maximum take, rounded up to interfaces or prefixes, ≤ the free ones.",
	plan.TriggerTime:   "sampling + scrape (two of a gauge, which one may read at a low moment) + rate window + adapter + sync period + scale-up window ≤ slo.trigger, each at its worst.",
	plan.CapacityTime:  "decision + pod start (+ node boot, where no room is kept) ≤ the time in which the ramp uses up what runs; pods that the ramp asks for in 15 s ≤ pods that the autoscaler may add.",
	plan.HPAReachable:  "target × (1 + tolerance) ≤ the metric's value at the knee: a metric that stays below its trigger while the pod saturates never scales.",
	plan.LatencyPeak:   "the p99 and the first byte of every core route, by an M/G/c queue at the load per pod ([ADR 5](adr/0005-latency-model.md)), ≤ the promise, and ≤ 1.1 × the p99 at today's peak.",

	plan.CacheMemory:         "working set ≤ maxmemory of the node × (1 − reserved-memory-percent).",
	plan.CacheConnections:    "Σ over services of (max + surge + terminating) × workers × connections ≤ maxclients.",
	plan.OriginLoad:          "growth × peak × (1 − hit ratio) × miss amplification ≤ max × target × (1 + tolerance) of each service.",
	plan.CostFloor:           "Σ of what runs with every service at its minimum × price ≤ budget.monthly; a price without a source violates.",
	plan.CostCeiling:         "Σ of what runs with everything scaled out all month × price ≤ budget.monthly.",
	plan.EdgeLimits:          "rules, expression lengths and shortest lifetimes ≤ what the CDN's plan takes.",
	plan.AlertsRouted:        "at least one receiver, and a threshold below every ceiling.",
	plan.RolloutAvailability: "replicas − maxUnavailable carry the load; deregistration ≤ preStop; preStop + drain ≤ grace; the PodDisruptionBudget lets a node drain.",
}

const proof = root + "/docs/proof.md"

// TestProof keeps docs/proof.md: every check with its formula and the arithmetic of
// the production stack.
func TestProof(t *testing.T) {
	stack, err := spec.DecodeFile("prod", []byte(read(t, root+"/Pulumi.prod.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode([]byte(read(t, root+"/baselines/prod.json")))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# How the proof works\n\n<!-- Generated from capacity/plan by `make golden`. -->\n\n" +
		"The plan derives every number from the stack file and the baseline and then proves inequalities about them. A check is violated when one of its parts is; a violated check refuses the plan and names the smallest change that mends it, each tried on the whole stack. Headroom is the largest multiple of today's peak at which every check holds with the settings as they are.\n\n" +
		"The worked examples are `prod` of this repository, whose values are examples. `headroom plan --stack <stack> --explain <check>` prints the same of yours. Why the model of latency may be believed is measured in [simulation.md](simulation.md), and `--simulate` replays the plan, request by request, as the check `simulation-agrees`.\n")
	for _, c := range p.Checks {
		if formulas[c.ID] == "" {
			t.Errorf("check %s has no formula", c.ID)
		}
		fmt.Fprintf(&b, "\n## `%s`\n\nProves that %s.\n\n%s\n", c.ID, plan.Statement(c.ID), formulas[c.ID])
		if len(c.Parts) == 0 {
			fmt.Fprintf(&b, "\n%s.\n", c.Why)
			continue
		}
		b.WriteString("\n| part | is | at most | because |\n|---|---:|---:|---|\n")
		for _, part := range c.Parts {
			fmt.Fprintf(&b, "| %s | %s | %s %s | %s |\n", part.Subject, part.Have, part.Limit, part.Unit, strings.ReplaceAll(part.Why, "|", `\|`))
		}
	}
	golden.Text(t, proof, b.String())
}
