package database

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/plan"
)

const (
	bouncerPort = 6432
	// iniFile and databasesFile are keys of the ConfigMap. The host of a new
	// instance is only known once it exists; in a file of its own it does not
	// keep the limits from being judged at preview.
	iniFile       = "pgbouncer.ini"
	databasesFile = "databases.ini"
	configDir     = "/etc/pgbouncer"
	secretDir     = "/etc/pgbouncer-secret"
	// preparedStatements that PgBouncer tracks per server connection. asyncpg
	// prepares every statement, so it must be more than an application has hot.
	preparedStatements = 500
)

// target is the database behind the pooler.
type target struct {
	host string
	port int
	name string
}

// databases is the [databases] section.
func (t target) databases() string {
	return fmt.Sprintf("[databases]\n%s = host=%s port=%d dbname=%s\n", t.name, t.host, t.port, t.name)
}

// line is one setting and, where it is not obvious, why.
type line struct{ key, value, why string }

// ini is pgbouncer.ini (https://www.pgbouncer.org/config.html, 2026-11). Every
// limit is per replica.
func ini(p plan.PgBouncer, userListKey, tls, reader string) string {
	number := func(n int) string { return fmt.Sprint(n) }
	lines := []line{
		{"listen_addr", "0.0.0.0", ""},
		{"listen_port", number(bouncerPort), ""},
		{"unix_socket_dir", "", "the root file system is read-only"},
		{"auth_type", "scram-sha-256", ""},
		{"auth_file", secretDir + "/" + userListKey, ""},
		{"pool_mode", "transaction", "the default, session, would hold a server connection per client"},
		{"max_prepared_statements", number(preparedStatements), "0 breaks drivers that prepare by name"},
		{"max_client_conn", number(p.MaxClientConn), ""},
		{"default_pool_size", number(p.PoolSize), ""},
		{"reserve_pool_size", number(p.ReservePool), ""},
		{"max_db_connections", number(p.PoolSize + p.ReservePool), "the cap of the connection budget, whatever users connect"},
		{"query_wait_timeout", number(p.QueryWaitSeconds), "before the application gives up, so that the error names the pooler"},
		{"server_tls_sslmode", tls, ""},
		{"ignore_startup_parameters", "extra_float_digits", "drivers send it and PgBouncer refuses what it does not know"},
		{"stats_users", reader, "the exporter, which may read and not change"},
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%%include %s/%s\n\n[pgbouncer]\n", configDir, databasesFile)
	for _, l := range lines {
		if l.why != "" {
			fmt.Fprintf(&b, "; %s\n", l.why)
		}
		fmt.Fprintln(&b, strings.TrimRight(l.key+" = "+l.value, " "))
	}
	return b.String()
}
