CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_item_id_idx ON orders (item_id) INCLUDE (quantity)
