package draft

import (
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/spec"
)

// exampleFacts are figures that nobody measured: those of a small API on two
// workers. Every report built on them says so.
func exampleFacts(p page, today time.Time) baseline.Baseline {
	out := baseline.Baseline{
		Stack: p.Stack, Date: today.Format(spec.DateForm), Example: true,
		Source:   "example values of headroom init; measure one pod with headroom loadtest and headroom baseline and replace them",
		Services: map[string]baseline.Service{}, Nodes: baseline.Nodes{BootSeconds: 75},
	}
	if p.Cache != None {
		out.Cache = baseline.Cache{WorkingSetMiB: 150, OpMicros: 12}
	}
	for _, v := range p.Services {
		s := baseline.Service{
			KneeRPS: 95 * float64(v.Workers), CPUMillis: 7.5, ServiceMillis: 22, ServiceCV2: 0.6, IdleCPUMilli: 20, StartupSeconds: 12, MemoryMiB: 620,
		}
		if p.Cache != None && !v.Stateless {
			s.CacheHitRatio, s.CacheOpsPerRequest = 0.6, 2
		}
		if p.Database != None && !v.Stateless {
			s.Database = &baseline.DatabaseUse{HoldMillis: 9, HoldCV2: 1.2, CPUMillis: 1.2, IOPerRequest: 0.8, TransactionsPerRequest: 1}
		}
		out.Services[v.Name] = s
	}
	return out
}
