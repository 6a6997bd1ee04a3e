package postgres

import (
	"context"
	_ "embed"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
)

//go:embed tables.sql
var tablesSQL string

// Tables reads the catalog and the statistics of tables, and of the partitioned
// tables that they are part of.
func (c *Conn) Tables(ctx context.Context, tables []explain.Table) ([]index.Table, error) {
	var schemas, names []string
	for _, t := range tables {
		schemas, names = append(schemas, t.Schema), append(names, t.Name)
	}
	var out []index.Table
	err := c.catalog(ctx, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, tablesSQL, schemas, names)
		var err error
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t index.Table, err error) {
			var text string
			if err = row.Scan(&text); err != nil {
				return t, err
			}
			return t, json.Unmarshal([]byte(text), &t)
		})
		return err
	})
	return out, c.broken(ctx, "reading the catalog", err)
}

// Volatile are those of the functions of which the server has a volatile one.
func (c *Conn) Volatile(ctx context.Context, functions []string) ([]string, error) {
	var out []string
	err := c.catalog(ctx, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, "SELECT /* headroom */ DISTINCT proname::text FROM pg_proc WHERE provolatile = 'v' AND proname = ANY ($1::text[]) ORDER BY 1", functions)
		var err error
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return out, c.broken(ctx, "reading the functions", err)
}
