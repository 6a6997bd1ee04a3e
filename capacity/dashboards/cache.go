package dashboards

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
)

func (w world) cache() []Row {
	e := w.stack.Watching().Redis
	if e == nil {
		return nil
	}
	of := func(metric string) string { return w.series.From(e, "redis_"+metric) }
	hits, misses := series.Sum(rate(of("keyspace_hits_total"))), series.Sum(rate(of("keyspace_misses_total")))
	c := w.plan.Cache
	var memory *float64
	if most := w.ceiling(plan.CeilingCacheMemory, ""); most != nil {
		memory = limit(*most * (1 << 20))
	}
	return []Row{
		{"use", []Panel{
			{Title: "Hit ratio", Unit: share, Limit: limit(c.HitRatio), About: "The line is what the database was planned with.", Queries: one(fmt.Sprintf("%s / (%s + %s)", hits, hits, misses), "hits")},
			{Title: "Commands per second", Unit: perSecond, About: "By command.", Queries: one("topk(10, "+series.Sum(rate(of("commands_total")), "cmd")+")", "{{cmd}}")},
			{Title: "Time per command", Unit: seconds, About: "In the server; the network comes on top.",
				Queries: one("topk(10, "+series.Sum(rate(of("commands_duration_seconds_total")), "cmd")+" / ("+series.Sum(rate(of("commands_total")), "cmd")+" > 0))", "{{cmd}}")},
		}},
		{"limits", []Panel{
			{Title: "Memory", Unit: bytes, Limit: memory, About: fmt.Sprintf("The line is what is left after reserved memory; a working set of %.0f MiB was measured.", c.WorkingSetMiB), Queries: one(of("memory_used_bytes"), "{{instance}}")},
			{Title: "Evicted and expired keys per second", Unit: perSecond, About: "Evictions mean that the working set does not fit.",
				Queries: []Query{{series.Sum(rate(of("evicted_keys_total"))), "evicted"}, {series.Sum(rate(of("expired_keys_total"))), "expired"}}},
			{Title: "Clients", Unit: number, Limit: limit(float64(c.Connections)), About: fmt.Sprintf("The line is what the plan knows of; the server takes %d.", c.MaxClients), Queries: one(of("connected_clients"), "{{instance}}")},
			{Title: "Busy share of its one thread", Unit: share, Limit: limit(plan.SingleCoreShare), About: "Commands run one after the other. The line is what the plan lets be busy.",
				Queries: one(series.Rate(of("cpu_user_main_thread_seconds_total"), window)+" + "+series.Rate(of("cpu_sys_main_thread_seconds_total"), window), "{{instance}}")},
			{Title: "Rejected connections in an hour", Unit: number, About: "More clients than the server takes.", Queries: one(series.Sum(series.Increase(of("rejected_connections_total"), time.Hour)), "rejected")},
		}},
	}
}
