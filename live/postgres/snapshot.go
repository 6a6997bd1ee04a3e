package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agencyos/headroom/capacity/queries"
	"github.com/agencyos/headroom/live"
)

// version of pg_stat_statements, the second number of 1.x.
type version int

// Versions that changed columns. Each came with a server, but an upgraded server
// keeps the old one until ALTER EXTENSION … UPDATE.
// contrib/pg_stat_statements/pg_stat_statements--*.sql of
// https://github.com/postgres/postgres (2026-11-25)
const (
	v8  version = 8  // PostgreSQL 13: total_exec_time and planning, WAL
	v9  version = 9  // 14: toplevel, pg_stat_statements_info
	v10 version = 10 // 15: temp_blk_*_time, JIT
	v11 version = 11 // 17: shared_blk_*_time, local_blk_*_time, stats_since
	v12 version = 12 // 18: parallel workers
)

// parse reads an extension version.
func parse(text string) (version, error) {
	minor, ok := strings.CutPrefix(text, "1.")
	n, err := strconv.Atoi(minor)
	if !ok || err != nil {
		return 0, live.Fail("pg_stat_statements "+text+" is unknown: must be 1.8 or a later 1.x", "headroom of a later version may know it")
	}
	if version(n) < v8 {
		return 0, live.Fail("pg_stat_statements "+text+" is too old: must be 1.8 or newer", "as the owner of the extension: ALTER EXTENSION pg_stat_statements UPDATE;")
	}
	return version(n), nil
}

// columns are the columns of queries.Statement in a version's own names.
func (v version) columns() string {
	topLevel, since := "true", "NULL::timestamptz"
	read, write := "blk_read_time", "blk_write_time"
	jit, wanted, launched := "0", "0", "0"
	if v >= v9 {
		topLevel = "toplevel"
	}
	if v >= v10 {
		read, write = "blk_read_time + temp_blk_read_time", "blk_write_time + temp_blk_write_time"
		// Generation includes what 1.11 counts apart as jit_deform_time.
		jit = "jit_generation_time + jit_inlining_time + jit_optimization_time + jit_emission_time"
	}
	if v >= v11 {
		read = "shared_blk_read_time + local_blk_read_time + temp_blk_read_time"
		write = "shared_blk_write_time + local_blk_write_time + temp_blk_write_time"
		since = "stats_since"
	}
	if v >= v12 {
		wanted, launched = "parallel_workers_to_launch", "parallel_workers_launched"
	}
	list := []string{
		"userid", topLevel + " AS toplevel", "coalesce(queryid, 0) AS queryid", "coalesce(query, '') AS query", since + " AS since",
		"calls::float8 AS calls", "rows::float8 AS rows", "total_exec_time AS exec_ms", "total_plan_time AS plan_ms",
		"(shared_blks_hit + local_blks_hit)::float8 AS blocks_hit", "(shared_blks_read + local_blks_read)::float8 AS blocks_read",
		"(shared_blks_dirtied + local_blks_dirtied)::float8 AS blocks_dirtied", "(shared_blks_written + local_blks_written)::float8 AS blocks_written",
		"temp_blks_read::float8 AS temp_read", "temp_blks_written::float8 AS temp_written",
		read + " AS read_ms", write + " AS write_ms", "wal_bytes::float8 AS wal_bytes", "(" + jit + ")::float8 AS jit_ms",
		wanted + "::float8 AS workers_wanted", launched + "::float8 AS workers_launched",
		"stddev_exec_time AS stddev_ms", "max_exec_time AS max_ms",
	}
	return strings.Join(list, ", ")
}

// Snapshot is what the server has counted by now.
func (c *Conn) Snapshot(ctx context.Context) (queries.Snapshot, error) {
	v, err := parse(c.server.Extension)
	if err != nil {
		return queries.Snapshot{}, err
	}
	s := queries.Snapshot{Server: c.server}
	err = c.catalog(ctx, func(tx pgx.Tx) error {
		if err := c.clock(ctx, tx, v, &s); err != nil {
			return err
		}
		view := pgx.Identifier{c.extension, "pg_stat_statements"}.Sanitize()
		// Its own statements are none of the application's.
		rows, _ := tx.Query(ctx, "SELECT /* headroom */ "+v.columns()+" FROM "+view+" WHERE dbid = $1 AND query NOT LIKE '%/* headroom */%'", c.server.DatabaseOID)
		var err error
		if s.Statements, err = pgx.CollectRows(rows, pgx.RowToStructByName[queries.Statement]); err != nil {
			return err
		}
		for i := range s.Statements {
			s.Statements[i].Text = mask(s.Statements[i].Text)
		}
		rows, _ = tx.Query(ctx, writesSQL)
		s.Tables, err = pgx.CollectRows(rows, writes)
		return err
	})
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == notLoaded && strings.Contains(said.Message, "shared_preload_libraries") {
		return s, live.Fail("the server does not count statements: "+said.Message, preload)
	}
	return s, c.broken(ctx, "reading pg_stat_statements", err)
}

// secret is a password in the text of a command, which the server keeps as it was
// given.
var secret = regexp.MustCompile(`(?is)(\bpassword\s+)('(?:[^']|'')*'|\$(\w*)\$.*?\$\w*\$)`)

func mask(text string) string { return secret.ReplaceAllString(text, "$1'…'") }

// clock reads the times that the counters belong to.
func (c *Conn) clock(ctx context.Context, tx pgx.Tx, v version, s *queries.Snapshot) error {
	function := pgx.Identifier{c.extension, "pg_stat_statements"}.Sanitize()
	info, reset, deallocated := "", "NULL::timestamptz", "0::float8"
	if v >= v9 {
		info = ", " + pgx.Identifier{c.extension, "pg_stat_statements_info"}.Sanitize() + " i"
		reset, deallocated = "i.stats_reset", "i.dealloc::float8"
	}
	var tables *time.Time
	err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT /* headroom */ clock_timestamp(), %s, %s, d.stats_reset,
       (SELECT coalesce(sum(total_exec_time + total_plan_time), 0)::float8 FROM %s(false) WHERE dbid <> $1)
FROM pg_stat_database d%s WHERE d.datid = $1`, reset, deallocated, function, info), c.server.DatabaseOID).
		Scan(&s.TakenAt, &s.StatementsResetAt, &s.Deallocated, &tables, &s.OtherMs)
	s.TablesResetAt = tables
	return err
}

const writesSQL = `SELECT /* headroom */ schemaname, relname, n_tup_ins::float8, n_tup_upd::float8, n_tup_del::float8
FROM pg_stat_user_tables ORDER BY schemaname, relname`

func writes(row pgx.CollectableRow) (w queries.Writes, err error) {
	err = row.Scan(&w.Schema, &w.Name, &w.Inserted, &w.Updated, &w.Deleted)
	return w, err
}
