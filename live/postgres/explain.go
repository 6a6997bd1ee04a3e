package postgres

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/capacity/queries"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
)

// planning are the settings under which statements are planned: for parameters
// whose values nobody knows, and as one process would run them, so that costs are
// those of all the work. Without values, partitions would all be pruned away.
var planning = map[string]string{
	"plan_cache_mode":                 "force_generic_plan",
	"max_parallel_workers_per_gather": "0",
	"enable_partition_pruning":        "off",
}

// Explain is the generic plan of a search, as if the indexes were there. It works
// alike from PostgreSQL 12 on, where EXPLAIN (GENERIC_PLAN) is new in 16 and takes
// its text only by the simple protocol, which would run a second statement, too.
func (c *Conn) Explain(ctx context.Context, s statement.Search, indexes ...index.Candidate) ([]byte, error) {
	settings := maps.Clone(planning)
	if c.limits.SearchPath != "" {
		settings["search_path"] = c.limits.SearchPath
	}
	var plan []byte
	err := c.read(ctx, settings, func(tx pgx.Tx) error {
		var prepared bool
		var refused error
		err := aside(ctx, tx, func() {
			if refused = c.pretend(ctx, tx, indexes); refused == nil {
				plan, prepared, refused = c.explain(ctx, s)
			}
		})
		// Prepared statements and made-up indexes outlive a transaction, and a
		// pooler hands the session on.
		return errors.Join(c.refusal(refused), err, c.forget(ctx, tx, prepared, len(indexes) > 0))
	})
	var refused queries.Refusal
	if errors.As(err, &refused) && !c.conn.IsClosed() {
		return nil, refused
	}
	return plan, c.broken(ctx, "planning a statement", err)
}

// pretend makes indexes up, which only this session sees.
func (c *Conn) pretend(ctx context.Context, tx pgx.Tx, indexes []index.Candidate) error {
	for _, i := range indexes {
		if _, err := tx.Exec(ctx, "SELECT /* headroom */ "+pgx.Identifier{c.hypopg, "hypopg_create_index"}.Sanitize()+"($1)", i.Hypothetical()); err != nil {
			return err
		}
	}
	return nil
}

// explain prepares and explains by the extended protocol, which takes one
// statement and no more.
func (c *Conn) explain(ctx context.Context, s statement.Search) (plan []byte, prepared bool, err error) {
	if err := c.one(ctx, "PREPARE headroom_search AS /* headroom */ "+s.Text, nil); err != nil {
		return nil, false, err
	}
	values := ""
	if s.Params > 0 {
		values = "(NULL" + strings.Repeat(", NULL", s.Params-1) + ")"
	}
	err = c.one(ctx, "EXPLAIN /* headroom */ (FORMAT JSON, VERBOSE) EXECUTE headroom_search"+values, &plan)
	return plan, true, err
}

// one runs one statement and takes the first value of its answer.
func (c *Conn) one(ctx context.Context, sql string, value *[]byte) error {
	result := c.conn.PgConn().ExecParams(ctx, sql, nil, nil, nil, nil).Read()
	if result.Err == nil && value != nil && len(result.Rows) > 0 {
		*value = result.Rows[0][0]
	}
	return result.Err
}

func (c *Conn) forget(ctx context.Context, tx pgx.Tx, prepared, pretended bool) error {
	var err error
	if prepared {
		_, err = tx.Exec(ctx, "DEALLOCATE /* headroom */ headroom_search")
	}
	if pretended {
		_, reset := tx.Exec(ctx, "SELECT /* headroom */ "+pgx.Identifier{c.hypopg, "hypopg_reset"}.Sanitize()+"()")
		err = errors.Join(err, reset)
	}
	return err
}
