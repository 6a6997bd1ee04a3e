== 20261125185815_orders_customer_id_created_at_idx.up.sql
-- orders_customer_id_created_at_idx on public.orders: missing, found by headroom slow-queries at 2026-11-25 18:58:15 UTC.
-- It serves 29% of the database's time: planner cost 4336 to 83, 52 times less (hypopg).
--   29%, mean 29 ms, 40 calls: SELECT id, total FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT $2
-- Its price: about 4.5 MiB; 6.5 rows a second are written to the table, each of which writes the index, too; the table has 2 indexes.
-- Run it outside a transaction block, which CONCURRENTLY refuses: psql -f does, Alembic in
-- op.get_context().autocommit_block(), golang-migrate and goose with their no-transaction option.
-- Writes go on while it builds. It waits for transactions that are open at its start, so give it no
-- statement timeout, and a lock timeout so that it gives up rather than wait for ever:
--   PGOPTIONS='-c lock_timeout=30s -c statement_timeout=0' psql -v ON_ERROR_STOP=1 -f 20261125185815_orders_customer_id_created_at_idx.up.sql
-- A build that fails leaves an INVALID index behind, which costs writes, serves nothing and is what
-- IF NOT EXISTS finds: run the down file before you try again.
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_id_created_at_idx ON public.orders (customer_id, created_at DESC);
== 20261125185815_orders_customer_id_created_at_idx.down.sql
-- Drops orders_customer_id_created_at_idx again, outside a transaction block.
DROP INDEX CONCURRENTLY IF EXISTS public.orders_customer_id_created_at_idx;
