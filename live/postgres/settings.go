package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/live"
)

// settingsSQL is what the connection budget rests on. Reserved are the slots of
// superusers, of pg_use_reserved_connections (PostgreSQL 16) and of RDS.
const settingsSQL = `SELECT /* headroom */ current_setting('max_connections')::int,
       (SELECT pending_restart FROM pg_settings WHERE name = 'max_connections'),
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0)
         + coalesce(current_setting('rds.rds_superuser_reserved_connections', true)::int, 0)`

// Settings reads how many connections a server gives to whom.
func Settings(ctx context.Context, source Source, limits Limits, seen *drift.Seen) error {
	config, err := source.Config()
	if err != nil {
		return err
	}
	where := address(config)
	c := &Conn{limits: limits}
	if c.conn, err = dial(ctx, config, limits); err != nil {
		return unreachable(config, err)
	}
	defer c.Close()
	var most, reserved int
	var pending bool
	err = c.catalog(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, settingsSQL).Scan(&most, &pending, &reserved)
	})
	if err != nil {
		return c.broken(ctx, "reading its settings", err)
	}
	seen.Ask(drift.Postgres, where)
	seen.Saw(drift.Postgres, "", drift.MaxConnections, strconv.Itoa(most))
	seen.Saw(drift.Postgres, "", drift.Reserved, strconv.Itoa(reserved))
	seen.Saw(drift.Postgres, "", drift.PendingRestart, map[bool]string{true: "yes", false: drift.No}[pending])
	return nil
}

// PoolerVariable of the environment holds the DSN of PgBouncer's console: of its
// database pgbouncer, as a role of stats_users or admin_users.
const PoolerVariable = "PGBOUNCER_URL"

// console is the database that is PgBouncer's own
// (https://www.pgbouncer.org/usage.html#admin-console, 2026-11).
const console = "pgbouncer"

// PoolerSettings reads the limits of a PgBouncer. Its console knows only the
// simple protocol and no transactions; SHOW changes nothing.
func PoolerSettings(ctx context.Context, source Source, seen *drift.Seen) error {
	source.Variable = PoolerVariable
	config, err := source.Config()
	if err != nil {
		return err
	}
	config.Database = console
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return unreachable(config, err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is left to lose
	rows, err := conn.Query(ctx, "SHOW CONFIG")
	if err != nil {
		return refused(config, err)
	}
	values, err := pgx.CollectRows(rows, keyAndValue)
	if err != nil {
		return refused(config, err)
	}
	seen.Ask(drift.PgBouncer, address(config))
	for _, row := range values {
		if slices.Contains(drift.PgBouncerNames(), row[0]) {
			seen.Saw(drift.PgBouncer, "", row[0], row[1])
		}
	}
	return nil
}

// keyAndValue are the first two columns; how many follow depends on the version.
func keyAndValue(row pgx.CollectableRow) ([2]string, error) {
	values, err := row.Values()
	if err != nil {
		return [2]string{}, err
	}
	if len(values) < 2 {
		return [2]string{}, fmt.Errorf("SHOW CONFIG answers %d columns, not key and value", len(values))
	}
	return [2]string{plainText(values[0]), plainText(values[1])}, nil
}

func plainText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func refused(config *pgx.ConnConfig, err error) error {
	return live.Fail("PgBouncer does not tell its settings: "+address(config), err.Error(), "the role must be one of stats_users or admin_users")
}
