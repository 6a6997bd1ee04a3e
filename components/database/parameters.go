package database

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
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

// definition is how a parameter takes effect, and its unit.
type definition struct {
	// static parameters need a restart. RDS refuses one that is to apply at
	// once, without naming it; and a wrong method once set never converges
	// (https://github.com/hashicorp/terraform-provider-aws/issues/36419, 2026-11).
	static bool
	unit   unit
}

// definitions are the parameters that Headroom may set
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
// for how each applies, https://www.postgresql.org/docs/17/runtime-config.html for the units, 2026-11).
var definitions = map[string]definition{
	"max_connections":                     {static: true},
	"shared_preload_libraries":            {static: true},
	"pg_stat_statements.max":              {static: true},
	"track_activity_query_size":           {static: true, unit: inBytes},
	"pg_stat_statements.track":            {},
	"track_io_timing":                     {},
	"idle_in_transaction_session_timeout": {unit: inMillis},
	"log_min_duration_statement":          {unit: inMillis},
	"log_lock_waits":                      {},
	"log_temp_files":                      {unit: inKilobytes},
	"log_autovacuum_min_duration":         {unit: inMillis},
	"log_parameter_max_length":            {unit: inBytes},
	"auto_explain.log_min_duration":       {unit: inMillis},
	"auto_explain.log_analyze":            {},
	"auto_explain.log_format":             {},
	"auto_explain.log_nested_statements":  {},
	"rds.force_ssl":                       {},
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
		{"idle_in_transaction_session_timeout", time.Minute},
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
// budget was proven with, whatever the class.
func parameters(maxConnections *int) ([]Parameter, error) {
	settings := suggested()
	if maxConnections != nil {
		settings = append(settings, setting{"max_connections", *maxConnections})
	}
	out := make([]Parameter, 0, len(settings))
	for _, s := range settings {
		p, err := s.parameter()
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Parameter) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func (s setting) parameter() (Parameter, error) {
	d, known := definitions[s.name]
	if !known {
		return Parameter{}, fmt.Errorf("parameter %s: add it to the table of definitions first", s.name)
	}
	value, err := d.unit.base(s.value)
	if err != nil {
		return Parameter{}, fmt.Errorf("parameter %s: %w", s.name, err)
	}
	method := "immediate"
	if d.static {
		method = "pending-reboot"
	}
	return Parameter{Name: s.name, Value: value, ApplyMethod: method}, nil
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
