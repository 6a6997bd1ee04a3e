//go:build linux

package exporters

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/capacity/exporters"
	"github.com/agencyos/headroom/capacity/monitors"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/pgbouncer"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

const (
	reader   = "postgres_exporter"
	stats    = "pgbouncer_stats"
	password = "battery-staple"
)

// start runs a program on a free port and returns its address. Connections of the
// others may take the port before the program does; then it gets another.
func start(t *testing.T, on func(port int, at string) process.Spec) string {
	t.Helper()
	var err error
	for range 5 {
		port := process.Port(t)
		at := fmt.Sprintf("127.0.0.1:%d", port)
		if _, err = process.Start(t, on(port, at)); err == nil {
			return at
		}
		if !strings.Contains(strings.ToLower(err.Error()), "address already in use") {
			break
		}
	}
	t.Fatal(err)
	return ""
}

// listens is the flag of the Prometheus project's programs.
func listens(at string) string { return "--web.listen-address=" + at }

// exporter runs a program until it answers at a path.
func exporter(t *testing.T, name, pkg, path string, env []string, args func(port int, at string) []string) string {
	t.Helper()
	program := servers.Build(t, root, name, pkg)
	return start(t, func(port int, at string) process.Spec {
		return process.Spec{Name: name, Path: program, Args: args(port, at), Env: env, Ready: func() error { return answers("http://" + at + path) }}
	})
}

func answers(address string) error {
	r, err := http.Get(address)
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, r.Status)
	}
	return nil
}

// database is a PostgreSQL with the role and extension that the plan relies on,
// some work behind it, and the exporter with the flags that are declared.
func database(t *testing.T) (*postgres.Server, string) {
	t.Helper()
	s := postgres.Start(t, postgres.Debian(t), map[string]string{"shared_preload_libraries": "pg_stat_statements"})
	s.Exec(t, "postgres", fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", reader, password), "GRANT pg_monitor TO "+reader,
		"CREATE DATABASE app")
	s.Exec(t, "app", "CREATE EXTENSION pg_stat_statements", "CREATE TABLE items AS SELECT i FROM generate_series(1, 50000) i")
	for range 30 {
		s.Exec(t, "app", "SELECT sum(i) FROM items")
	}
	return s, exporter(t, "postgres_exporter", "github.com/prometheus-community/postgres_exporter/cmd/postgres_exporter", "/metrics",
		[]string{fmt.Sprintf("DATA_SOURCE_URI=127.0.0.1:%d/app?sslmode=disable", s.Port), "DATA_SOURCE_USER=" + reader, "DATA_SOURCE_PASS=" + password},
		func(_ int, at string) []string { return append(exporters.PostgresArgs(), listens(at)) })
}

// pooler is a PgBouncer with a client, that lets the exporter's user ask for
// statistics alone.
func pooler(t *testing.T, s *postgres.Server) string {
	t.Helper()
	port := pgbouncer.Start(t, pgbouncer.Config{Server: s, Database: "app", Users: map[string]string{stats: password, reader: password},
		Settings: map[string]string{"ignore_startup_parameters": "extra_float_digits", "stats_users": stats}})
	client, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/app", reader, password, port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(context.Background()) })
	if _, err := client.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	return exporter(t, "pgbouncer_exporter", "github.com/prometheus-community/pgbouncer_exporter", "/metrics", []string{"PGPASSWORD=" + password},
		func(_ int, at string) []string { return append(exporters.PgBouncerArgs(stats, port), listens(at)) })
}

func cache(t *testing.T) string {
	t.Helper()
	program, dir := servers.Find(t, "redis-server"), process.Dir(t, "")
	// CONFIG is not there, as at ElastiCache.
	server := start(t, func(port int, at string) process.Spec {
		return process.Spec{Name: "Redis", Path: program, Dir: dir, Ready: func() error { return ping(at) },
			Args: []string{"--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--maxmemory", "64mb", "--rename-command", "CONFIG", ""}}
	})
	return exporter(t, "redis_exporter", "github.com/oliver006/redis_exporter", "/metrics", []string{"REDIS_ADDR=redis://" + server},
		func(_ int, at string) []string { return append(exporters.RedisArgs(), listens(at)) })
}

func node(t *testing.T) string {
	t.Helper()
	return exporter(t, "node_exporter", "github.com/prometheus/node_exporter", "/metrics", nil, func(_ int, at string) []string { return []string{listens(at)} })
}

// prober asks a host over TLS by the declared module; it trusts the host's
// certificate, as a cluster trusts public ones.
func prober(t *testing.T) (at, target string) {
	t.Helper()
	host := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ready") }))
	t.Cleanup(host.Close)
	dir := t.TempDir()
	authority, config := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "blackbox.yml")
	servers.Keep(t, authority, encoded(host.Certificate()))
	servers.Keep(t, config, []byte(exporters.BlackboxFile))
	probe := "/probe?module=" + monitors.ProbeModule + "&target=" + url.QueryEscape(host.URL)
	return exporter(t, "blackbox_exporter", "github.com/prometheus/blackbox_exporter", probe, []string{"SSL_CERT_FILE=" + authority},
		func(_ int, at string) []string { return append(exporters.BlackboxArgs(config), listens(at)) }), host.URL
}

// app serves what the plan relies on a service to serve, under load that grows.
func app(t *testing.T, routes []spec.Route) string {
	t.Helper()
	began := time.Now()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := 100 * time.Since(began).Seconds()
		_, _ = fmt.Fprint(w, "http_requests_in_progress 12\ndb_pool_timeouts_total 0\n")
		for _, r := range routes {
			labels := fmt.Sprintf("method=%q,handler=%q,status=", r.Method, r.Path)
			_, _ = fmt.Fprintf(w, "http_requests_total{%s\"200\"} %g\nhttp_requests_total{%s\"500\"} %g\n", labels, n, labels, n/1000)
			for _, le := range []string{"0.05", "0.1", "0.2", "+Inf"} {
				_, _ = fmt.Fprintf(w, "http_request_duration_seconds_bucket{%s\"200\",le=%q} %g\n", labels, le, n)
			}
			_, _ = fmt.Fprintf(w, "http_request_duration_seconds_sum{%s\"200\"} %g\nhttp_request_duration_seconds_count{%s\"200\"} %g\n", labels, n/20, labels, n)
		}
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// scraped is what Prometheus scrapes, by the name of the exporter in the plan.
func scraped(t *testing.T) map[string]string {
	t.Helper()
	db, postgresAt := database(t)
	return map[string]string{plan.PostgresExporter: postgresAt, plan.PgBouncerExporter: pooler(t, db), plan.RedisExporter: cache(t), plan.NodeExporter: node(t)}
}
