package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/spec"
)

func BenchmarkPlanProd(b *testing.B) {
	stack, base := committedInputs(b, "prod")
	for b.Loop() {
		mustPlan(b, stack, base)
	}
}

// What a search makes thousands of.
func BenchmarkPlanLean(b *testing.B) {
	stack, base := committedInputs(b, "prod")
	for b.Loop() {
		if _, err := New(stack, base, Options{Today: day, Lean: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// A refused plan also searches for the fix of every violated check.
func BenchmarkPlanRefused(b *testing.B) {
	stack, base := inputs(b, be+"autoscaling.maxReplicas=400")
	for b.Loop() {
		mustPlan(b, stack, base)
	}
}

// 500 services on a cluster to match.
func BenchmarkPlan500(b *testing.B) {
	stack, base := inputs(b, "nodes.groups[0].instanceTypes=[m7i.4xlarge]", "nodes.groups[0].maxSize=450", "nodes.groups[0].minSize=450", "cluster.subnets[0].cidr=10.0.0.0/12", "cluster.subnets[1].cidr=10.16.0.0/12", "cluster.subnets[2].cidr=10.32.0.0/12",
		"cluster.subnets[0].freeIps=100000", "cluster.subnets[1].freeIps=100000", "cluster.subnets[2].freeIps=100000", "budget.monthly=1000000000",
		"database={mode: external, host: db.example, maxConnections: 60000, vcpus: 16}", "@services.backend.database.cpuMillis=0.01", "@services.backend.database.ioPerRequest=0", "@cache.opMicros=0.05")
	backend, measured := stack.Services["backend"], base.Services["backend"]
	stack.Services = map[string]spec.Service{}
	for i := range 500 {
		name := fmt.Sprintf("s%03d", i)
		service, figures := backend, measured
		service.PeakRPS = spec.RPS(2 + i%40)
		service.Resources.Requests.CPU, service.Resources.Requests.Memory = 1200, 700
		stack.Services[name] = service
		figures.ServiceMillis += float64(i%7) / 10
		base.Services[name] = figures
	}
	if p := mustPlan(b, stack, base); len(p.Violations()) > 0 {
		b.Fatalf("violated: %s", strings.Join(violatedIDs(p), ", "))
	}
	for b.Loop() {
		mustPlan(b, stack, base)
	}
}
