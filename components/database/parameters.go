package database

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// unit is the base unit in which PostgreSQL reads a bare number. A value in any
// other unit is accepted and wrong.
type unit string

const (
	inNothing   unit = ""
	inMillis    unit = "ms"
	inKilobytes unit = "kB"
	inBytes     unit = "B"
)

// units of the parameters that Headroom may set by itself
// (https://www.postgresql.org/docs/17/runtime-config.html, 2026-11).
var units = map[string]unit{
	"max_connections":                     inNothing,
	"shared_preload_libraries":            inNothing,
	"pg_stat_statements.max":              inNothing,
	"track_activity_query_size":           inBytes,
	"pg_stat_statements.track":            inNothing,
	"track_io_timing":                     inNothing,
	"idle_in_transaction_session_timeout": inMillis,
	"log_min_duration_statement":          inMillis,
	"log_lock_waits":                      inNothing,
	"log_temp_files":                      inKilobytes,
	"log_autovacuum_min_duration":         inMillis,
	"log_parameter_max_length":            inBytes,
	"auto_explain.log_min_duration":       inMillis,
	"auto_explain.log_analyze":            inNothing,
	"auto_explain.log_format":             inNothing,
	"auto_explain.log_nested_statements":  inNothing,
	"rds.force_ssl":                       inNothing,
}

// setting is a parameter and its value: text, bool, int, a duration or a size.
type setting struct {
	name  string
	value any
}

// size is an amount of memory or disk in bytes.
type size int64

const (
	kib size = 1 << 10
	mib size = 1 << 20
)

// suggested make slow queries, lock waits and spills visible, and end sessions
// that hold a transaction open and do nothing. Bind values stay out of the log.
func suggested() []setting {
	return []setting{
		// RDS preloads pg_stat_statements by itself only while nobody sets this.
		{"shared_preload_libraries", "pg_stat_statements,auto_explain"},
		{"pg_stat_statements.max", 10000},
		{"pg_stat_statements.track", "top"},
		{"track_activity_query_size", 4 * kib},
		{"track_io_timing", true},
		{"idle_in_transaction_session_timeout", plan.IdleInTransaction},
		{"log_min_duration_statement", 500 * time.Millisecond},
		{"log_lock_waits", true},
		{"log_temp_files", 10 * mib},
		{"log_autovacuum_min_duration", time.Second},
		{"log_parameter_max_length", size(0)},
		{"auto_explain.log_min_duration", time.Second},
		{"auto_explain.log_analyze", false},
		{"auto_explain.log_format", "json"},
		{"auto_explain.log_nested_statements", true},
		{"rds.force_ssl", true},
	}
}

// Parameter is one parameter as RDS takes it.
type Parameter struct {
	Name, Value, ApplyMethod string
}

// parameters are those of the instance, sorted by name. max_connections is
// among them only when the stack file states it: RDS then keeps the number the
// budget was proven with, whatever the class. The stack file's own parameters
// stand beside and before the suggestions.
func parameters(d spec.Database) ([]Parameter, error) {
	major, _ := strconv.Atoi(d.EngineVersion) // validated by package spec
	settings := suggested()
	if d.MaxConnections != nil {
		settings = append(settings, setting{"max_connections", *d.MaxConnections})
	}
	all := map[string]Parameter{}
	for _, s := range settings {
		value, err := s.text()
		if err != nil {
			return nil, err
		}
		all[s.name] = Parameter{Name: s.name, Value: value, ApplyMethod: method(s.name, major)}
	}
	for name, value := range d.Parameters {
		all[name] = Parameter{Name: name, Value: value, ApplyMethod: method(name, major)}
	}
	out := slices.Collect(maps.Values(all))
	slices.SortFunc(out, func(a, b Parameter) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// text is the value in the parameter's own unit.
func (s setting) text() (string, error) {
	unit, known := units[s.name]
	if !known {
		return "", fmt.Errorf("parameter %s: add it to the table of units first", s.name)
	}
	value, err := unit.base(s.value)
	if err != nil {
		return "", fmt.Errorf("parameter %s: %w", s.name, err)
	}
	return value, nil
}

// method is when RDS applies a parameter. It refuses a static one that is to
// apply at once, without naming it; and a wrong method once set never converges
// (https://github.com/hashicorp/terraform-provider-aws/issues/36419, 2026-11).
func method(name string, major int) string {
	if catalog.StaticParameter(name, major) {
		return "pending-reboot"
	}
	return "immediate"
}

// base writes a value in the unit; one of another dimension is an error.
func (u unit) base(value any) (string, error) {
	var text string
	dimension := inNothing
	switch v := value.(type) {
	case time.Duration:
		text, dimension = strconv.FormatInt(v.Milliseconds(), 10), inMillis
	case size:
		text, dimension = strconv.FormatInt(int64(v), 10), inBytes
		if u == inKilobytes {
			text, dimension = strconv.FormatInt(int64(v/kib), 10), inKilobytes
		}
	case string:
		text = v
	case int:
		text = strconv.Itoa(v)
	case bool:
		text = map[bool]string{true: "1", false: "0"}[v]
	default:
		return "", fmt.Errorf("%T is not a value of a parameter", value)
	}
	if dimension != u {
		return "", fmt.Errorf("%T does not fit unit %q", value, u)
	}
	return text, nil
}
