package postgres

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every column that a version is asked for is one that it has: those that its
// installation script declares, from contrib/pg_stat_statements of PostgreSQL
// 14.23 (1.8 and 1.9), 15.18 (1.10), 17.10 (1.11) and 18.4 (1.12).
func TestColumnsOfEveryVersion(t *testing.T) {
	data, err := os.ReadFile("testdata/columns.json")
	if err != nil {
		t.Fatal(err)
	}
	var declared map[string][]string
	if err := json.Unmarshal(data, &declared); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ uses, not []string }{
		"1.8":  {[]string{"total_exec_time", "total_plan_time", "blk_read_time", "wal_bytes"}, []string{"toplevel", "jit_generation_time", "stats_since"}},
		"1.9":  {[]string{"toplevel", "blk_read_time"}, []string{"temp_blk_read_time", "jit_generation_time"}},
		"1.10": {[]string{"toplevel", "blk_read_time", "temp_blk_read_time", "jit_generation_time"}, []string{"shared_blk_read_time", "stats_since"}},
		"1.11": {[]string{"shared_blk_read_time", "local_blk_read_time", "stats_since"}, []string{"blk_read_time", "parallel_workers_launched"}},
		"1.12": {[]string{"shared_blk_read_time", "stats_since", "parallel_workers_to_launch", "parallel_workers_launched"}, []string{"blk_read_time"}},
	}
	if len(cases) != len(declared) {
		t.Errorf("%d cases for %d versions", len(cases), len(declared))
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v, err := parse(name)
			if err != nil {
				t.Fatal(err)
			}
			used := identifiers(v.columns())
			for _, column := range used {
				if !slices.Contains(declared[name], column) {
					t.Errorf("asks for %s, which %s does not have", column, name)
				}
			}
			for _, column := range tc.uses {
				if !slices.Contains(used, column) {
					t.Errorf("does not ask for %s", column)
				}
			}
			for _, column := range tc.not {
				if slices.Contains(used, column) {
					t.Errorf("asks for %s", column)
				}
			}
		})
	}
}

var word = regexp.MustCompile(`[a-z_]+[a-z0-9_]*`)

// identifiers are the columns in a select list.
func identifiers(list string) []string {
	var out []string
	for _, item := range strings.Split(list, ", ") {
		expression, _, _ := strings.Cut(item, " AS ")
		expression = regexp.MustCompile(`::[a-z0-9]+|''`).ReplaceAllString(expression, "")
		for _, w := range word.FindAllString(expression, -1) {
			if !slices.Contains([]string{"coalesce", "true"}, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]version{"1.8": v8, "1.10": v10, "1.12": v12, "1.13": 13} {
		if got, err := parse(text); got != want || err != nil {
			t.Errorf("parse(%s) = %d, %v; want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"1.7": "too old", "2.0": "unknown", "": "unknown", "1.x": "unknown"} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse(%s) = %v, want %q", text, err, want)
		}
	}
}
