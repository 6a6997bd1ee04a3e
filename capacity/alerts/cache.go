package alerts

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// cache watches Redis or Valkey through its exporter. ElastiCache blocks CONFIG,
// so nothing here reads a setting of the server.
func (w world) cache() []Alert {
	e := w.stack.Watching().Redis
	if e == nil {
		return nil
	}
	c := redis{world: w, exporter: e}
	return append([]Alert{c.down(), c.memory(), c.evictions(), c.rejected(), c.cpu()}, append(c.clients(), c.misses()...)...)
}

// redis is the cache as its exporter shows it.
type redis struct {
	world
	exporter *spec.Exporter
}

func (c redis) of(metric string) string { return c.series.From(c.exporter, "redis_"+metric) }

// cli is the command that asks the cache.
func (c redis) cli(command string) string {
	return fmt.Sprintf(`redis-cli -u "$REDIS_URL" %s`, command)
}

func (c redis) down() Alert {
	up := c.of("up")
	return Alert{
		Name: "HeadroomCacheDown", Severity: spec.Critical, For: time.Minute,
		Expr:    up + " == 0",
		Summary: "the exporter cannot reach the cache",
		Runbook: Runbook{Command: c.cli("ping"),
			Means: "Every lookup is a miss now: all of it goes to the database, which carries today's peak with a cold cache and no more.",
			Do: []string{"`aws elasticache describe-events --duration 60` shows failovers.",
				"Watch the database's CPU and connections on dashboard database; shed load at the CDN if they reach their limits."}},
		Needs: []string{up},
	}
}

func (c redis) memory() Alert {
	limit, _ := c.plan.Limit(plan.CeilingCacheMemory, "")
	used := c.of("memory_used_bytes")
	return Alert{
		Name: "HeadroomCacheMemoryNearLimit", Severity: spec.Warning, For: 15 * time.Minute, Ceiling: plan.CeilingCacheMemory,
		Expr:    fmt.Sprintf("%s >= %s", used, series.Number(round(limit.Threshold*(1<<20)))),
		Summary: fmt.Sprintf("the cache holds {{ $value | humanize1024 }}B of %s MiB", series.Number(limit.Ceiling)),
		Runbook: Runbook{Command: c.cli("info memory"),
			Means: fmt.Sprintf("A working set of %.0f MiB was measured; %s MiB are there after reserved memory. Beyond that %s evicts.", c.plan.Cache.WorkingSetMiB, series.Number(limit.Ceiling), c.plan.Cache.Policy),
			Do: []string{"`" + c.cli("--bigkeys") + "` samples what takes the room; keys without a TTL never leave by themselves.",
				fmt.Sprintf("See what a larger node costs: `%s`.", c.whatIf("cache.nodeType=<type>"))}},
		Needs: []string{used},
	}
}

func (c redis) evictions() Alert {
	counter := c.of("evicted_keys_total")
	return Alert{
		Name: "HeadroomCacheEvicting", Severity: spec.Warning, For: 10 * time.Minute, Ceiling: plan.CeilingCacheMemory,
		Expr:    series.Sum(series.Rate(counter, 5*time.Minute)) + " > 0",
		Summary: "the cache evicts {{ $value | humanize }} keys per second: its working set no longer fits",
		Runbook: Runbook{Command: c.cli("info stats"),
			Means: "Evicted keys are read from the database again. The plan's hit ratio counts on a working set that fits.",
			Do: []string{"What is new in the cache? `" + c.cli("--bigkeys") + "`.",
				fmt.Sprintf("See what a larger node costs: `%s`.", c.whatIf("cache.nodeType=<type>"))}},
		Needs: []string{counter},
	}
}

func (c redis) rejected() Alert {
	counter := c.of("rejected_connections_total")
	return Alert{
		Name: "HeadroomCacheRejectsConnections", Severity: spec.Critical, Ceiling: plan.CeilingCacheClients,
		Expr:    series.Sum(series.Increase(counter, 5*time.Minute)) + " > 0",
		Summary: "the cache rejected {{ $value | humanize }} connections",
		Runbook: Runbook{Command: c.cli("client list"),
			Means: fmt.Sprintf("More than %d clients. The plan knows of %d.", c.plan.Cache.MaxClients, c.plan.Cache.Connections),
			Do:    []string{"The list names who they are. A client without a bounded pool opens one per request: set REDIS_MAX_CONNECTIONS."}},
		Needs: []string{counter},
	}
}

// cpu: commands run on one core, of which the plan lets a part be busy.
func (c redis) cpu() Alert {
	user, system := c.of("cpu_user_main_thread_seconds_total"), c.of("cpu_sys_main_thread_seconds_total")
	rate := func(s string) string { return series.Rate(s, 5*time.Minute) }
	return Alert{
		Name: "HeadroomCacheCPUNearLimit", Severity: spec.Critical, For: 5 * time.Minute,
		Expr:    fmt.Sprintf("%s + %s > %s", rate(user), rate(system), series.Number(plan.SingleCoreShare)),
		Summary: "the cache's one thread is busy {{ $value | humanizePercentage }} of the time",
		Runbook: Runbook{Command: c.cli("slowlog get 10"),
			Means: "Commands run one after the other on one core. Near its limit every lookup waits for the others.",
			Do: []string{"KEYS, large ranges and big values block everybody; the slow log names them.",
				"`" + c.cli("info commandstats") + "` shows which command costs most in all."}},
		Needs: []string{user, system},
	}
}

func (c redis) clients() []Alert {
	limit, ok := c.plan.Limit(plan.CeilingCacheClients, "")
	if !ok {
		return nil
	}
	connected := c.of("connected_clients")
	return []Alert{{
		Name: "HeadroomCacheConnectionsNearLimit", Severity: spec.Critical, For: 2 * time.Minute, Ceiling: plan.CeilingCacheClients,
		Expr:    fmt.Sprintf("%s >= %s", connected, series.Number(limit.Threshold)),
		Summary: fmt.Sprintf("the cache has {{ $value | humanize }} of %s clients", series.Number(limit.Ceiling)),
		Runbook: Runbook{Command: c.cli("client list"),
			Means: fmt.Sprintf("At %s it refuses connections. The plan knows of %d.", series.Number(limit.Ceiling), c.plan.Cache.Connections),
			Do:    []string{"The list names who they are. A client without a bounded pool opens one per request: set REDIS_MAX_CONNECTIONS."}},
		Needs: []string{connected},
	}}
}

// misses beyond those that the database was sized for.
func (c redis) misses() []Alert {
	limit, ok := c.plan.Limit(plan.CeilingCacheMisses, "")
	if !ok {
		return nil
	}
	hits, misses := c.of("keyspace_hits_total"), c.of("keyspace_misses_total")
	rate := func(s string) string { return series.Sum(series.Rate(s, 15*time.Minute)) }
	return []Alert{{
		Name: "HeadroomCacheHitsBelowPlan", Severity: spec.Warning, For: 15 * time.Minute, Ceiling: plan.CeilingCacheMisses,
		Expr:    fmt.Sprintf("100 * %s / (%s + %s) > %s", rate(misses), rate(hits), rate(misses), series.Number(limit.Threshold)),
		Summary: fmt.Sprintf("{{ $value | humanize }}%% of lookups miss the cache; the database was planned for %s%%", series.Number(limit.Ceiling)),
		Runbook: Runbook{Command: c.cli("info stats"),
			Means: "Every miss is a statement more for the database than planned.",
			Do: []string{"After a restart or a deployment that changed keys it ends by itself. Otherwise: evictions, a shorter TTL, or keys that are never the same.",
				"Measure again and put the truth into the baseline (cacheHitRatio): `headroom baseline`; the plan then says whether the database still holds."}},
		Needs: []string{hits, misses},
	}}
}
