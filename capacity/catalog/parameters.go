package catalog

// staticParameters of PostgreSQL need a restart: those of context postmaster,
// with the last major version in which they do; 0 is every one
// (https://www.postgresql.org/docs/18/view-pg-settings.html and the parameter
// pages beside it, 2026-11).
var staticParameters = map[string]int{
	"autovacuum_freeze_max_age":           0,
	"autovacuum_max_workers":              17,
	"autovacuum_multixact_freeze_max_age": 0,
	"huge_pages":                          0,
	"max_connections":                     0,
	"max_files_per_process":               0,
	"max_locks_per_transaction":           0,
	"max_pred_locks_per_transaction":      0,
	"max_prepared_transactions":           0,
	"max_replication_slots":               0,
	"max_wal_senders":                     0,
	"max_worker_processes":                0,
	"pg_stat_statements.max":              0,
	"rds.logical_replication":             0,
	"shared_buffers":                      0,
	"shared_preload_libraries":            0,
	"superuser_reserved_connections":      0,
	"track_activity_query_size":           0,
	"track_commit_timestamp":              0,
	"wal_buffers":                         0,
}

// StaticParameter tells whether PostgreSQL of a major version takes a parameter
// only when it starts. Of version 0, any, it is static if it is in some version.
func StaticParameter(name string, major int) bool {
	last, static := staticParameters[name]
	return static && (last == 0 || major <= last)
}
