WITH wanted AS (
    SELECT c.oid
    FROM unnest($1::text[], $2::text[]) AS w (schema, name)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
), tables AS (
    SELECT oid FROM wanted
    UNION
    SELECT pg_partition_root(oid) FROM wanted WHERE pg_partition_root(oid) IS NOT NULL
), leaves AS (
    SELECT t.oid AS root, l.oid, n.nspname, l.relname, l.reltuples, pg_relation_size(l.oid) AS bytes, p.level
    FROM tables t
    JOIN pg_class c ON c.oid = t.oid AND c.relkind = 'p'
    CROSS JOIN pg_partition_tree(t.oid) p
    JOIN pg_class l ON l.oid = p.relid
    JOIN pg_namespace n ON n.oid = l.relnamespace
    WHERE p.isleaf
)
SELECT /* headroom */ json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'kind', c.relkind,
    'parent', (SELECT json_build_object('schema', rn.nspname, 'name', r.relname)
               FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
               WHERE r.oid = pg_partition_root(c.oid) AND r.oid <> c.oid),
    'partitions', (SELECT json_agg(json_build_object('schema', l.nspname, 'name', l.relname) ORDER BY l.nspname, l.relname)
                   FROM leaves l WHERE l.root = c.oid),
    'nested', coalesce((SELECT bool_or(l.level > 1) FROM leaves l WHERE l.root = c.oid), false),
    -- -1 is a table that was never vacuumed.
    'rows', CASE WHEN c.relkind = 'p' THEN coalesce((SELECT sum(greatest(l.reltuples, 0)) FROM leaves l WHERE l.root = c.oid), 0)
                 WHEN c.reltuples < 0 THEN coalesce(s.n_live_tup, 0)
                 ELSE c.reltuples END,
    'pages', CASE WHEN c.relkind = 'p' THEN coalesce((SELECT sum(l.bytes) FROM leaves l WHERE l.root = c.oid), 0)
                  ELSE pg_relation_size(c.oid) END / current_setting('block_size')::float8,
    'modified', coalesce(s.n_mod_since_analyze, 0),
    'analyzedAt', coalesce(to_char(greatest(s.last_analyze, s.last_autoanalyze) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), ''),
    'names', (SELECT coalesce(json_agg(o.relname), '[]') FROM pg_class o
              WHERE o.relnamespace = c.relnamespace AND starts_with(o.relname::text, left(c.relname, 40))),
    'columns', (SELECT coalesce(json_agg(json_build_object(
                    'name', a.attname,
                    'type', format_type(a.atttypid, a.atttypmod),
                    'distinct', coalesce(st.n_distinct, 0),
                    'nulls', coalesce(st.null_frac, 0),
                    'width', coalesce(st.avg_width, 0)) ORDER BY a.attnum), '[]')
                FROM pg_attribute a
                LEFT JOIN pg_stats st ON st.schemaname = n.nspname AND st.tablename = c.relname AND st.attname = a.attname
                                     AND st.inherited = (c.relkind = 'p')
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'indexes', (SELECT coalesce(json_agg(json_build_object(
                    'name', ic.relname,
                    'method', am.amname,
                    'unique', i.indisunique,
                    'constraint', i.indisprimary OR i.indisexclusion OR EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid),
                    'valid', i.indisvalid AND i.indisready,
                    'predicate', coalesce(pg_get_expr(i.indpred, i.indrelid), ''),
                    'definition', pg_get_indexdef(i.indexrelid),
                    'bytes', pg_relation_size(i.indexrelid),
                    'scans', coalesce(pg_stat_get_numscans(i.indexrelid), 0),
                    'keys', (SELECT json_agg(json_build_object(
                                 'sql', pg_get_indexdef(i.indexrelid, k::int, false)
                                        || CASE WHEN oc.opcdefault THEN '' ELSE ' ' || oc.opcname END
                                        || CASE WHEN a.attcollation <> i.indcollation[k - 1] THEN ' COLLATE ' || coalesce(co.collname, '?') ELSE '' END,
                                 'desc', i.indoption[k - 1] & 1 = 1,
                                 'nullsFirst', i.indoption[k - 1] & 2 = 2) ORDER BY k)
                             FROM generate_series(1, i.indnkeyatts) AS k
                             JOIN pg_opclass oc ON oc.oid = i.indclass[k - 1]
                             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k - 1] AND a.attnum > 0
                             LEFT JOIN pg_collation co ON co.oid = i.indcollation[k - 1])
                    ) ORDER BY ic.relname), '[]')
                FROM pg_index i
                JOIN pg_class ic ON ic.oid = i.indexrelid
                JOIN pg_am am ON am.oid = ic.relam
                WHERE i.indrelid = c.oid)
)::text
FROM tables t
JOIN pg_class c ON c.oid = t.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
ORDER BY n.nspname, c.relname
