//go:build linux

// Package backend runs examples/backend, a FastAPI product whose limits come from a
// plan, on real servers under real load, and holds what the plan says against what
// happens: connections, waits, the cache, the edge and the database's load.
package backend

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/plan/plantest"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/nginx"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
	"github.com/agencyos/headroom/tests/servers/internal/redis"
)

const (
	root    = "../../.."
	example = root + "/examples/backend"
	// service is the name of the product's service in its stack.
	service = "backend"
	// database and its role for the product.
	database   = "shop"
	role       = "app"
	rolePass   = "not-a-secret"
	items      = 1000
	categories = 20
	orders     = 40_000
)

// stack is the example's stack file with what a test changes, and its plan.
func stack(t *testing.T, sets ...string) (spec.Stack, plan.Plan) {
	t.Helper()
	return planned(t, measured(t), sets...)
}

// measured is the committed baseline.
func measured(t *testing.T) baseline.Baseline {
	t.Helper()
	base, err := baseline.Decode(read(t, example+"/baselines/backend.json"))
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// planned is the plan of a stack with another baseline.
func planned(t *testing.T, base baseline.Baseline, sets ...string) (spec.Stack, plan.Plan) {
	t.Helper()
	s := plantest.Decode(t, "backend", example+"/Pulumi.backend.yaml", sets...)
	p, err := plan.New(s, base, plan.Options{Today: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// product is the example with its servers. A part that a test does not start is nil.
type product struct {
	stack    spec.Stack
	plan     plan.Plan
	postgres *postgres.Server
	redis    *redis.Server
	// databaseURL is where pods find the database; a test points it at a pooler.
	databaseURL string
	// env are variables of pods besides the plan's.
	env []string
	// afresh is that of the options.
	afresh bool
	// balancer is the way in, to the pods that are registered with it.
	balancer   *nginx.Server
	registered []*pod
	// app is a copy of the example that every user may read.
	app string
}

// options of a product.
type options struct {
	// sets change the stack file.
	sets []string
	// cache starts a Redis with the plan's memory and policy.
	cache bool
	// base replaces the committed baseline.
	base *baseline.Baseline
	// afresh lets the balancer open a connection for every request: which of a pod's
	// workers has a kept one stays as it is, however uneven.
	afresh bool
}

// open starts the servers of a product, without pods.
func open(t *testing.T, o options) *product {
	t.Helper()
	servers.Long(t)
	base := measured(t)
	if o.base != nil {
		base = *o.base
	}
	p := &product{afresh: o.afresh}
	p.stack, p.plan = planned(t, base, o.sets...)
	p.app = application(t)
	p.database(t)
	if o.cache {
		c := p.plan.Cache
		p.redis = redis.Start(t, map[string]string{"maxmemory": strconv.Itoa(int(c.UsableMiB * (1 << 20))), "maxmemory-policy": c.Policy})
		p.env = append(p.env, "REDIS_URL="+p.redis.URL())
	}
	p.balancer = nginx.Start(t, p.upstreams)
	return p
}

// database starts a PostgreSQL with the plan's limit and the shop in it.
func (p *product) database(t *testing.T) {
	t.Helper()
	p.postgres = postgres.Start(t, postgres.Debian(t), map[string]string{
		"max_connections": strconv.Itoa(p.plan.Database.MaxConnections), "shared_buffers": "128MB",
		"shared_preload_libraries": "pg_stat_statements", "autovacuum": "off",
	})
	p.postgres.Exec(t, "postgres", "CREATE DATABASE "+database, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", role, rolePass))
	p.postgres.Exec(t, database, "CREATE EXTENSION pg_stat_statements", string(read(t, example+"/migrations/001_shop.sql")),
		fmt.Sprintf("INSERT INTO items SELECT i, 'item ' || i, 1 + i %% %d, 100 + i %% 900 FROM generate_series(1, %d) i", categories, items),
		fmt.Sprintf("INSERT INTO orders (item_id, quantity) SELECT 1 + (i * 7919::bigint) %% %d, 1 + i %% 3 FROM generate_series(1, %d) i", items, orders),
		"GRANT ALL ON ALL TABLES IN SCHEMA public TO "+role, "GRANT CREATE ON SCHEMA public TO "+role)
	p.databaseURL = p.dsn(p.postgres.Port)
}

// migrated adds the index of the second migration.
func (p *product) migrated(t *testing.T) {
	t.Helper()
	p.postgres.Exec(t, database, string(read(t, example+"/migrations/002_orders_by_item.sql")), "VACUUM ANALYZE")
}

func (p *product) dsn(port int) string {
	return fmt.Sprintf("postgresql+asyncpg://%s:%s@127.0.0.1:%d/%s", role, rolePass, port, database)
}

// upstreams is the http context of the balancer. Which pods there are is all that
// ever changes.
func (p *product) upstreams(s *nginx.Server) string {
	var b strings.Builder
	b.WriteString("  upstream pods {\n    least_conn;\n")
	if !p.afresh {
		b.WriteString("    keepalive 64;\n")
	}
	for _, pod := range p.registered {
		fmt.Fprintf(&b, "    server 127.0.0.1:%d max_fails=0;\n", pod.port)
	}
	if len(p.registered) == 0 {
		b.WriteString("    server 127.0.0.1:9 down;\n")
	}
	fmt.Fprintf(&b, "  }\n  server {\n    listen 127.0.0.1:%d;\n    location / {\n      proxy_pass http://pods;\n      proxy_http_version 1.1;\n"+
		"      proxy_set_header Connection \"\";\n      proxy_set_header Host $host;\n      proxy_next_upstream off;\n    }\n  }\n", s.Port)
	return b.String()
}

// register makes the balancer send to these pods and no others.
func (p *product) register(t *testing.T, pods ...*pod) {
	t.Helper()
	p.registered = pods
	p.balancer.Reload(t, p.upstreams(p.balancer))
}

// service is the plan's part of the product.
func (p *product) service() plan.Service { return p.plan.Services[service] }

// scalar asks the database, as its superuser.
func (p *product) scalar(t *testing.T, sql string) float64 {
	t.Helper()
	var x float64
	if err := p.postgres.Connect(t, database).QueryRow(context.Background(), sql).Scan(&x); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return x
}

// check is a part of a check of the plan.
func part(t *testing.T, p plan.Plan, id, name string) plan.Part {
	t.Helper()
	for _, c := range p.Checks {
		if c.ID != id {
			continue
		}
		for _, part := range c.Parts {
			if part.Subject == name {
				return part
			}
		}
	}
	t.Fatalf("the plan has no check %s (%s)", id, name)
	return plan.Part{}
}

// application is a copy of the example for users who may not read the repository.
func application(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(folder(t), "app")
	for _, name := range []string{"backend", "migrations"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(example, name))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
