package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agencyos/headroom/capacity/queries"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/live"
)

// Limits keep the session from being in anybody's way.
type Limits struct {
	// Statement is the longest that one statement may run.
	Statement time.Duration
	// Lock is the longest that one may wait for a lock.
	Lock time.Duration
	// SearchPath in which the statements' tables are looked for; empty: the
	// role's own.
	SearchPath string
}

// name of the session, as the server shows it.
const name = "headroom slow-queries"

// Conn is a session.
type Conn struct {
	conn   *pgx.Conn
	limits Limits
	server queries.Server
	costs  index.Costs
	// extension and hypopg are the schemas of the extensions; hypopg is empty
	// when it is not there.
	extension, hypopg string
	// silent tells that the role may keep its own statements out of the
	// statistics.
	silent bool
}

// Connect opens a session and learns who is there. The session ends with Close.
func Connect(ctx context.Context, source Source, limits Limits) (*Conn, error) {
	config, err := source.Config()
	if err != nil {
		return nil, err
	}
	c := &Conn{limits: limits}
	if c.conn, err = dial(ctx, config, limits); err != nil {
		return nil, unreachable(config, err)
	}
	if err := c.learn(ctx, config); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// dial connects with settings that hold from the first word on. A pooler may
// refuse to pass them on; each transaction sets its own anyway.
func dial(ctx context.Context, config *pgx.ConnConfig, limits Limits) (*pgx.Conn, error) {
	poor := config.Copy()
	config.RuntimeParams["application_name"] = name
	config.RuntimeParams["default_transaction_read_only"] = "on"
	maps.Copy(config.RuntimeParams, limits.settings())
	conn, err := pgx.ConnectConfig(ctx, config)
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == protocolViolated {
		return pgx.ConnectConfig(ctx, poor)
	}
	return conn, err
}

// settings of every transaction.
func (l Limits) settings() map[string]string {
	return map[string]string{
		"statement_timeout":                   milliseconds(l.Statement),
		"lock_timeout":                        milliseconds(l.Lock),
		"idle_in_transaction_session_timeout": milliseconds(max(l.Statement, 10*time.Second)),
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) }

// Close ends the session.
func (c *Conn) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.conn.Close(ctx) // the server ends it anyway
}

// Server is who is there.
func (c *Conn) Server() queries.Server { return c.server }

// Hypothetical tells whether hypopg is there.
func (c *Conn) Hypothetical() bool { return c.hypopg != "" }

// Costs are the planner's prices.
func (c *Conn) Costs() index.Costs { return c.costs }

// begin carries the mark by which its own statements are told from others.
const begin = "BEGIN /* headroom */ READ ONLY"

// catalog runs a function that reads the catalog in a transaction where no object
// of others can stand in for the catalog's.
func (c *Conn) catalog(ctx context.Context, run func(pgx.Tx) error) error {
	return c.read(ctx, map[string]string{"search_path": "pg_catalog, pg_temp"}, run)
}

// read runs a function in a transaction that is READ ONLY and is rolled back.
func (c *Conn) read(ctx context.Context, settings map[string]string, run func(pgx.Tx) error) error {
	tx, err := c.conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = tx.Rollback(ctx) // when the session is over, so is the transaction
	}()
	all := c.limits.settings()
	maps.Copy(all, settings)
	if c.silent {
		all["pg_stat_statements.track"] = "none"
	}
	const set = "SELECT /* headroom */ pg_catalog.set_config(($1::text[])[i], ($2::text[])[i], true) FROM pg_catalog.generate_subscripts($1::text[], 1) AS i"
	names := slices.Sorted(maps.Keys(all))
	var values []string
	for _, name := range names {
		values = append(values, all[name])
	}
	if _, err := tx.Exec(ctx, set, names, values); err != nil {
		return err
	}
	return run(tx)
}

// oldest server that is read.
const oldest = 14

// learn finds out about the server and the role, and refuses what cannot work.
func (c *Conn) learn(ctx context.Context, config *pgx.ConnConfig) error {
	const doing = "asking who is there"
	host := fmt.Sprintf("%s:%d", config.Host, config.Port)
	c.server = queries.Server{Address: host, Database: config.Database, Role: config.User}
	var extension, schema, hypopg, most, timing *string
	err := c.catalog(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, whoSQL).Scan(&c.server.Version, &c.server.Database, &c.server.DatabaseOID, &c.server.Role, &c.server.Superuser, &c.server.WorkMem,
			&extension, &schema, &hypopg, &most, &timing,
			&c.costs.RandomPage, &c.costs.SeqPage, &c.costs.Tuple, &c.costs.IndexTuple, &c.costs.Operator)
		if err != nil {
			return err
		}
		c.silent, err = c.hushes(ctx, tx)
		return err
	})
	if err != nil {
		return c.broken(ctx, doing, err)
	}
	if v := c.server.Major(); v < oldest {
		return live.Fail(fmt.Sprintf("PostgreSQL %d is too old: must be %d or newer", v, oldest))
	}
	if extension == nil {
		return c.noExtension(most != nil)
	}
	c.server.Extension, c.extension = *extension, *schema
	if hypopg != nil {
		c.hypopg = *hypopg
	}
	if most != nil {
		c.server.Most, _ = strconv.ParseFloat(*most, 64)
	}
	c.server.TimesIO = timing != nil && *timing == "on"
	return nil
}

func (c *Conn) noExtension(loaded bool) error {
	hints := []string{"once, as an administrator of the database: CREATE EXTENSION pg_stat_statements;"}
	if !loaded {
		hints = append([]string{preload}, hints...)
	}
	return live.Fail("database "+c.server.Database+" has no extension pg_stat_statements", hints...)
}

const preload = "the server must load it first: shared_preload_libraries = 'pg_stat_statements', then restart; managed databases have it in a parameter group"

// hushes tells whether the role may keep its own statements out of the
// statistics.
func (c *Conn) hushes(ctx context.Context, tx pgx.Tx) (bool, error) {
	var refused error
	err := aside(ctx, tx, func() {
		_, refused = tx.Exec(ctx, "SET /* headroom */ LOCAL pg_stat_statements.track = 'none'")
	})
	return refused == nil, err
}

// aside runs what may fail without the transaction failing with it.
func aside(ctx context.Context, tx pgx.Tx, run func()) error {
	if _, err := tx.Exec(ctx, "SAVEPOINT /* headroom */ headroom"); err != nil {
		return err
	}
	run()
	_, err := tx.Exec(ctx, "ROLLBACK /* headroom */ TO SAVEPOINT headroom")
	return err
}

// whoSQL is all that one question can tell.
const whoSQL = `SELECT /* headroom */ current_setting('server_version_num')::int, current_database(), d.oid, current_user,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
       (SELECT setting::float8 FROM pg_settings WHERE name = 'work_mem'),
       e.extversion, e.schema, h.schema,
       current_setting('pg_stat_statements.max', true), current_setting('track_io_timing', true),
       current_setting('random_page_cost')::float8, current_setting('seq_page_cost')::float8, current_setting('cpu_tuple_cost')::float8,
       current_setting('cpu_index_tuple_cost')::float8, current_setting('cpu_operator_cost')::float8
FROM pg_database d
LEFT JOIN (SELECT extversion, nspname AS schema FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_stat_statements') e ON true
LEFT JOIN (SELECT nspname AS schema FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'hypopg') h ON true
WHERE d.datname = current_database()`
