package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
)

const postgres = `job="postgres-exporter",namespace="agencyos"`

func databasePasts(p plan.Plan) map[string][]fire {
	usable := float64(p.Database.UsableConnections)
	b := p.Database.PgBouncer
	planned := (b.Replicas+b.Terminating)*b.PoolSize + p.Database.OtherConnections
	clients := func(n int) string {
		const client = postgres + `,backend_type="client backend"`
		return fmt.Sprintf("pg_stat_activity_count{%s,state=\"active\"} %dx60\npg_stat_activity_count{%s,state=\"idle\"} %dx60\npg_stat_activity_count{%s,backend_type=\"autovacuum worker\",state=\"active\"} 3x60",
			client, n-n/2, client, n/2, postgres)
	}
	of := func(metric, more, values string) string {
		return fmt.Sprintf("pg_%s{%s%s} %s", metric, postgres, more, values)
	}
	blocks := func(hit, read int) string {
		return of("stat_database_blks_hit", `,datname="app"`, fmt.Sprintf("0+%dx60", hit)) + "\n" + of("stat_database_blks_read", `,datname="app"`, fmt.Sprintf("0+%dx60", read))
	}
	const gib = 1 << 30
	return map[string][]fire{
		"HeadroomDatabaseConnectionsNearLimit": {{fires: clients(int(0.8*usable) + 1), quiet: clients(int(0.8*usable) - 1)}},
		"HeadroomDatabaseConnectionsUnplanned": {{fires: clients(planned + 1), quiet: clients(planned)}},
		"HeadroomDatabaseLimitDrift": {{fires: of("settings_max_connections", "", fmt.Sprintf("%dx60", p.Database.MaxConnections-1)),
			quiet: of("settings_max_connections", "", fmt.Sprintf("%dx60", p.Database.MaxConnections))}},
		"HeadroomDatabaseDown": {{fires: of("up", "", "0x60"), quiet: of("up", "", "1x60")}},
		"HeadroomDatabaseIdleInTransaction": {{fires: of("stat_activity_max_tx_duration", `,state="idle in transaction (aborted)"`, "61x60"),
			quiet: of("stat_activity_max_tx_duration", `,state="active"`, "61x60")}},
		"HeadroomDatabaseDeadlocks":  {{fires: of("stat_database_deadlocks", `,datname="app"`, "0x55 1x5"), quiet: of("stat_database_deadlocks", `,datname="app"`, "1x60")}},
		"HeadroomDatabaseReadsDisk":  {{fires: blocks(97, 3), quiet: blocks(99, 1)}},
		"HeadroomDatabaseWraparound": {{fires: of("database_wraparound_age_datfrozenxid_seconds", `,datname="app"`, "1000000001x60"), quiet: of("database_wraparound_age_datfrozenxid_seconds", `,datname="app"`, "1000000000x60")}},
		"HeadroomStatementSlower":    {{at: 26 * time.Hour, fires: statement(0.010, 0.031), quiet: statement(0.010, 0.029)}},
		"HeadroomDatabaseStorageNearLimit": {{fires: of("database_size_bytes", `,datname="app"`, fmt.Sprintf("%dx60", 320*gib)),
			quiet: of("database_size_bytes", `,datname="app"`, fmt.Sprintf("%dx60", 319*gib))}},
	}
}

// statement is called twenty times a minute for 26 hours, and takes another time
// in the last hour.
func statement(before, after float64) string {
	const one = postgres + `,datname="app",queryid="42"`
	const calls, all, last = 20, 26 * 60, 60
	return fmt.Sprintf("pg_stat_statements_calls_total{%s} 0+%dx%d\npg_stat_statements_seconds_total{%s} 0+%gx%d %g+%gx%d",
		one, calls, all, one, calls*before, all-last, calls*before*(all-last)+calls*after, calls*after, last-1)
}

func rdsPasts() map[string][]fire {
	of := func(metric string, value float64) string {
		return fmt.Sprintf(`aws_rds_%s{job="cloudwatch-exporter",namespace="agencyos",dimension_DBInstanceIdentifier="a"} %fx60`, metric, value)
	}
	const gib = 1 << 30
	// held by the databases of a volume that has grown to twice its size.
	held := func(size int) string {
		return fmt.Sprintf(`pg_database_size_bytes{%s,datname="app"} %dx60`, postgres, size*gib)
	}
	return map[string][]fire{
		"HeadroomDatabaseCPUNearLimit":  {{fires: of("cpuutilization_average", 16), quiet: of("cpuutilization_average", 15.9)}},
		"HeadroomDatabaseIOPSNearLimit": {{fires: of("read_iops_average", 1400) + "\n" + of("write_iops_average", 1000), quiet: of("read_iops_average", 1400) + "\n" + of("write_iops_average", 999)}},
		"HeadroomDatabaseCreditsLow":    {{fires: of("cpucredit_balance_average", 115), quiet: of("cpucredit_balance_average", 116)}},
		"HeadroomDatabaseStorageNotGrowing": {{fires: of("free_storage_space_average", 15*(1<<30)),
			quiet: of("free_storage_space_average", 17*(1<<30))},
			{fires: of("free_storage_space_average", 30*gib) + "\n" + held(350), quiet: of("free_storage_space_average", 30*gib) + "\n" + held(340)}},
	}
}

func poolerPasts(p plan.Plan) map[string][]fire {
	b := p.Database.PgBouncer
	of := func(metric, pod string, value float64) string {
		return fmt.Sprintf(`pgbouncer_%s{job="pgbouncer",namespace="agencyos",pod="%s",database="app"} %gx60`, metric, pod, value)
	}
	clients := func(a, c float64) string {
		return of("pools_client_active_connections", "a", a) + "\n" + of("pools_client_waiting_connections", "a", 10) + "\n" +
			of("pools_client_active_connections", "b", c) + "\n" + of("pools_client_waiting_connections", "b", 10)
	}
	limit := 0.8 * float64(b.MaxClientConn)
	return map[string][]fire{
		"HeadroomPoolerClientsWaiting":   {{fires: of("pools_client_waiting_connections", "a", 1), quiet: of("pools_client_waiting_connections", "a", 0)}},
		"HeadroomPoolerDown":             {{fires: of("up", "a", 0), quiet: of("up", "a", 1)}},
		"HeadroomPoolerClientsNearLimit": {{fires: clients(limit-10, 0), quiet: clients(limit-11, limit-11)}},
		"HeadroomPoolerWaitNearTimeout":  {{fires: of("pools_client_maxwait_seconds", "a", 4), quiet: of("pools_client_maxwait_seconds", "a", 3.9)}},
	}
}

func cachePasts(p plan.Plan) map[string][]fire {
	of := func(metric, values string) string {
		return fmt.Sprintf(`redis_%s{job="redis-exporter",namespace="agencyos",instance="a"} %s`, metric, values)
	}
	memory := func(share float64) string {
		return of("memory_used_bytes", fmt.Sprintf("%.0fx60", share*p.Cache.UsableMiB*(1<<20)))
	}
	cpu := func(busy float64) string {
		return of("cpu_user_main_thread_seconds_total", fmt.Sprintf("0+%gx60", 60*busy-6)) + "\n" + of("cpu_sys_main_thread_seconds_total", "0+6x60")
	}
	lookups := func(hits, misses int) string {
		return of("keyspace_hits_total", fmt.Sprintf("0+%dx60", hits)) + "\n" + of("keyspace_misses_total", fmt.Sprintf("0+%dx60", misses))
	}
	return map[string][]fire{
		"HeadroomCacheDown":                 {{fires: of("up", "0x60"), quiet: of("up", "1x60")}},
		"HeadroomCacheMemoryNearLimit":      {{fires: memory(0.81), quiet: memory(0.79)}},
		"HeadroomCacheEvicting":             {{fires: of("evicted_keys_total", "0+1x60"), quiet: of("evicted_keys_total", "9x60")}},
		"HeadroomCacheRejectsConnections":   {{fires: of("rejected_connections_total", "0x57 1 2 3"), quiet: of("rejected_connections_total", "9x60")}},
		"HeadroomCacheCPUNearLimit":         {{fires: cpu(0.71), quiet: cpu(0.69)}},
		"HeadroomCacheConnectionsNearLimit": {{fires: of("connected_clients", "52000x60"), quiet: of("connected_clients", "51999x60")}},
		"HeadroomCacheHitsBelowPlan":        {{fires: lookups(59, 41), quiet: lookups(61, 39)}},
	}
}

func edgePasts() map[string][]fire {
	// Every value is what one minute counted, and a minute without such an
	// answer has none.
	zone := func(metric, more, values string) string {
		return fmt.Sprintf(`cloudflare_zone_%s{job="cloudflare-exporter",namespace="agencyos",zone="agencyos.example"%s} %s`, metric, more, values)
	}
	every := func(n float64) string { return fmt.Sprintf("%gx60", n) }
	errors := func(bad float64) string {
		second := strings.Repeat(fmt.Sprintf("%g stale ", 2*bad), 31)
		return zone("requests_total", "", every(10000)) + "\n" + zone("requests_status", `,status="502"`, second) + "\n" + zone("requests_status", `,status="200"`, every(10000-bad))
	}
	cached := func(hits float64) string {
		return zone("requests_total", "", every(10000)) + "\n" + zone("requests_cached", "", every(hits))
	}
	probe := func(metric, more, values string) string {
		return fmt.Sprintf(`%s{job="blackbox",namespace="agencyos",service="backend"%s} %s`, metric, more, values)
	}
	phases := func(processing float64) string {
		return probe("probe_http_duration_seconds", `,phase="connect"`, "0.01x60") + "\n" + probe("probe_http_duration_seconds", `,phase="processing"`, fmt.Sprintf("%gx60", processing)) +
			"\n" + probe("probe_http_duration_seconds", `,phase="transfer"`, "9x60")
	}
	media := func(value string) string {
		return fmt.Sprintf(`aws_cloudfront_5xx_error_rate_average{job="cloudwatch-exporter",namespace="agencyos"} %sx60`, value)
	}
	const day = 24 * 3600
	return map[string][]fire{
		"HeadroomEdgeErrors": {
			{subject: "cloudflare", fires: errors(145), quiet: errors(143)},
			{subject: "cloudfront", fires: media("1.5"), quiet: media("1.4")},
		},
		"HeadroomEdgeHitsBelowPlan":   {{subject: "cloudflare", fires: cached(5890), quiet: cached(5910)}},
		"HeadroomUnreachable":         {{subject: "backend", fires: probe("probe_success", "", "0x60"), quiet: probe("probe_success", "", "1x60")}},
		"HeadroomFirstByteSlow":       {{subject: "backend", fires: phases(0.195), quiet: phases(0.185)}},
		"HeadroomCertificateExpiring": {{subject: "backend", fires: probe("probe_ssl_earliest_cert_expiry", "", fmt.Sprintf("%dx60", 14*day)), quiet: probe("probe_ssl_earliest_cert_expiry", "", fmt.Sprintf("%dx60", 15*day))}},
	}
}

func watchPasts() map[string][]fire {
	api := func(name string, value int) string {
		return fmt.Sprintf(`aggregator_unavailable_apiservice{name="%s"} %dx60`, name, value)
	}
	up := func(job string, value int) string {
		return fmt.Sprintf(`up{job="%s",namespace="agencyos"} %dx60`, job, value)
	}
	out := map[string][]fire{
		"HeadroomMetricsAPIDown":     {{fires: api("v1beta1.external.metrics.k8s.io", 1), quiet: api("v1beta1.external.metrics.k8s.io", 0) + "\n" + api("v1.other.k8s.io", 1)}},
		"HeadroomRulesFailing":       {{fires: `prometheus_rule_evaluation_failures_total{rule_group="a"} 0+1x60`, quiet: `prometheus_rule_evaluation_failures_total{rule_group="a"} 5x60`}},
		"HeadroomAlertsNotDelivered": {{fires: `alertmanager_notifications_failed_total{integration="slack"} 0+1x60`, quiet: `alertmanager_notifications_failed_total{integration="slack"} 5x60`}},
	}
	for exporter, job := range map[string]string{"postgres": "postgres-exporter", "pgbouncer": "pgbouncer", "redis": "redis-exporter", "cloudwatch": "cloudwatch-exporter", "cloudflare": "cloudflare-exporter", "blackbox": "blackbox"} {
		out["HeadroomExporterDown"] = append(out["HeadroomExporterDown"], fire{subject: exporter, fires: up(job, 0), quiet: up(job, 1)})
	}
	return out
}
