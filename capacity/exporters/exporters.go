// Package exporters says how the programs are started that turn the state of
// servers into metrics: their flags and files.
package exporters

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/monitors"
)

// PostgresArgs are the flags of the exporter of the database
// (https://github.com/prometheus-community/postgres_exporter#flags, v0.19.1).
// Statements are counted without their text, which may hold what nobody should
// read; the limit bounds the number of series.
func PostgresArgs() []string {
	return []string{"--collector.stat_statements", "--collector.stat_statements.limit=100", "--collector.database_wraparound"}
}

// PgBouncerArgs are the flags of PgBouncer's exporter. It asks the PgBouncer of its
// own pod; the password is a variable of the driver's
// (https://github.com/prometheus-community/pgbouncer_exporter, v0.12.1;
// https://pkg.go.dev/github.com/lib/pq, PGPASSWORD, 2026-11).
func PgBouncerArgs(user string, port int) []string {
	return []string{fmt.Sprintf("--pgBouncer.connectionString=host=127.0.0.1 port=%d user=%s dbname=pgbouncer sslmode=disable", port, user)}
}

// RedisArgs are the flags of the exporter of the cache: ElastiCache refuses CONFIG,
// and nothing here reads a setting
// (https://github.com/oliver006/redis_exporter#command-line-flags, v1.88.0).
func RedisArgs() []string { return []string{"--config-command=-"} }

// BlackboxFile is how hosts are asked: over TLS, following redirects, and any
// status 2xx is an answer
// (https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md, v0.28.0).
const BlackboxFile = `modules:
  ` + monitors.ProbeModule + `:
    prober: http
    timeout: 5s
    http:
      method: GET
      follow_redirects: true
      fail_if_not_ssl: true
      preferred_ip_protocol: ip4
`

// BlackboxArgs are the flags of the exporter that asks.
func BlackboxArgs(file string) []string { return []string{"--config.file=" + file} }
