package database

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestParametersAreInBaseUnitsWithTheRightMethod(t *testing.T) {
	limit := 200
	all, err := parameters(spec.Database{EngineVersion: "17", MaxConnections: &limit})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason        string
		value, method string
	}{
		"max_connections":                     {"static: RDS refuses it with immediate", "200", "pending-reboot"},
		"shared_preload_libraries":            {"pg_stat_statements must be listed again", "pg_stat_statements,auto_explain", "pending-reboot"},
		"pg_stat_statements.max":              {"static", "10000", "pending-reboot"},
		"track_activity_query_size":           {"bytes", "4096", "pending-reboot"},
		"log_min_duration_statement":          {"milliseconds", "500", "immediate"},
		"idle_in_transaction_session_timeout": {"milliseconds", "60000", "immediate"},
		"log_temp_files":                      {"kilobytes", "10240", "immediate"},
		"log_lock_waits":                      {"booleans are 1 and 0", "1", "immediate"},
		"auto_explain.log_analyze":            {"booleans are 1 and 0", "0", "immediate"},
		"auto_explain.log_min_duration":       {"milliseconds", "1000", "immediate"},
		"log_parameter_max_length":            {"bind values hold what people typed", "0", "immediate"},
		"rds.force_ssl":                       {"no plain text on the wire", "1", "immediate"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(all, func(p Parameter) bool { return p.Name == name })
			if i < 0 {
				t.Fatalf("parameters(200) has no %s", name)
			}
			want := Parameter{Name: name, Value: c.value, ApplyMethod: c.method}
			if diff := cmp.Diff(want, all[i]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestMaxConnectionsIsOnlySetWhenStated(t *testing.T) {
	all, err := parameters(spec.Database{EngineVersion: "17"})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(all, func(p Parameter) bool { return p.Name == "max_connections" }) {
		t.Error("parameters(nil) sets max_connections, want the class's own formula")
	}
	if !slices.IsSortedFunc(all, func(a, b Parameter) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("parameters are not sorted: every preview would differ")
	}
}

func TestParameterRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     setting
		want   string
	}{
		"NotInTheTable": {"its unit is not known", setting{"shared_buffers", 100}, "table"},
		"BareNumber":    {"500 of what?", setting{"log_min_duration_statement", 500}, "does not fit"},
		"SizeForTime":   {"another dimension", setting{"log_min_duration_statement", 4 * kib}, "does not fit"},
		"TimeForCount":  {"another dimension", setting{"pg_stat_statements.max", time.Second}, "does not fit"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := c.in.text(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("text(%v) = %v, want an error with %q: %s", c.in, err, c.want, c.reason)
			}
		})
	}
}

func TestEveryUnitIsUsed(t *testing.T) {
	limit := 100
	all, err := parameters(spec.Database{EngineVersion: "17", MaxConnections: &limit})
	if err != nil {
		t.Fatal(err)
	}
	for name := range units {
		if !slices.ContainsFunc(all, func(p Parameter) bool { return p.Name == name }) {
			t.Errorf("unit of %s belongs to no parameter", name)
		}
	}
}

func TestOwnParametersOfTheStackFile(t *testing.T) {
	all, err := parameters(spec.Database{EngineVersion: "17", Parameters: map[string]string{
		"log_min_duration_statement": "250", "wal_buffers": "2048", "work_mem": "65536",
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Parameter{
		{"log_min_duration_statement", "250", "immediate"}, {"wal_buffers", "2048", "pending-reboot"}, {"work_mem", "65536", "immediate"},
	}
	for _, w := range want {
		i := slices.IndexFunc(all, func(p Parameter) bool { return p.Name == w.Name })
		if i < 0 || all[i] != w {
			t.Errorf("parameters have %v, want %v", all, w)
		}
	}
	if !slices.ContainsFunc(all, func(p Parameter) bool { return p.Name == "rds.force_ssl" }) {
		t.Error("a parameter of the stack file takes the suggestions away")
	}
}
