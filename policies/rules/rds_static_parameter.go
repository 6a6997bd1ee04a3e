package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// rdsStaticParameter prevents an update that fails half-way: RDS refuses a
// static parameter with the default apply method by InvalidParameterCombination,
// without saying which, after other resources were already changed.
func rdsStaticParameter() Rule {
	return Rule{
		ID: "rds-static-parameter", Severity: Medium, Level: Mandatory, Single: true,
		What:    "static PostgreSQL parameters are applied by pending-reboot",
		Why:     "RDS refuses the parameter group in the middle of the update and does not name the parameter",
		Fix:     "set applyMethod: pending-reboot on the parameter when the group is created; changing it later never converges",
		Anchors: []string{"tf-aws 36419", "tf-aws 18035"},
		Types:   []string{typeParameterGroup},
		Eval: func(m Model) []Finding {
			var all []Finding
			for _, g := range m.of(typeParameterGroup) {
				all = append(all, judgeParameters(g))
			}
			return all
		},
	}
}

// staticParameters need a restart: those of context postmaster, with the last
// major version in which they do; 0 is every one
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

const pendingReboot = "pending-reboot"

func judgeParameters(g Resource) Finding {
	f := &facts{}
	family := f.textOr(g.at("family"), "")
	if family != "" && !strings.Contains(family, "postgres") {
		return notApplicable(g, "family %s is not PostgreSQL", family)
	}
	major, _ := strconv.Atoi(strings.TrimLeft(family, "abcdefghijklmnopqrstuvwxyz-"))
	var faults []string
	for _, p := range f.list(g.at("parameters")) {
		name := f.textOr(p.at("name"), "")
		last, static := staticParameters[name]
		if !static || (last > 0 && major > last) {
			continue
		}
		own := &facts{}
		if method := own.textOr(p.at("applyMethod"), "immediate"); own.complete() && method != pendingReboot {
			faults = append(faults, fmt.Sprintf("%s is static and has applyMethod %s", name, method))
		}
		f.waits = append(f.waits, own.waits...)
	}
	if family == "" && len(faults) > 0 {
		// Of an unread family these may be dynamic.
		f.wait("family of %s to be set", g.label())
		return cannotKnow(g, f, "whether RDS accepts the parameters: "+strings.Join(faults, "; "))
	}
	return decide(g, f, "whether RDS accepts the parameters", faults, "every static parameter waits for a reboot")
}
