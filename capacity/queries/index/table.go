// Package index finds the index that a scan lacks: which columns in which order,
// whether one that exists serves already, what it would cost and what it would
// save.
package index

import (
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

// Table is what the catalog and the statistics say of a table.
type Table struct {
	explain.Table
	// Kind is pg_class.relkind: r table, p partitioned table, m materialized view,
	// f foreign table.
	Kind string `json:"kind"`
	// Parent is the partitioned table at the root, when the table is a partition.
	Parent *explain.Table `json:"parent,omitempty"`
	// Partitions are the leaves of a partitioned table.
	Partitions []explain.Table `json:"partitions,omitempty"`
	// Nested tells that a partition has partitions of its own.
	Nested bool `json:"nested"`
	// Rows and Pages, of 8 KiB, are the planner's figures.
	Rows  float64 `json:"rows"`
	Pages float64 `json:"pages"`
	// Modified is the rows changed since the last ANALYZE; AnalyzedAt is when that
	// was, empty for never.
	Modified   float64 `json:"modified"`
	AnalyzedAt string  `json:"analyzedAt"`

	Columns []Column `json:"columns"`
	Indexes []Index  `json:"indexes"`
	// Names are all relations of the schema that begin with the table's name:
	// what an index may not be called.
	Names []string `json:"names"`
}

// Column is one column.
type Column struct {
	Name string `json:"name"`
	// Type as the catalog writes it, such as character varying(255).
	Type string `json:"type"`
	// Distinct is the statistics' n_distinct: above 0 a number of values, below 0
	// minus their share of the rows, 0 unknown.
	Distinct float64 `json:"distinct"`
	// Nulls is the share of NULLs, 0 to 1.
	Nulls float64 `json:"nulls"`
	// Width is the mean size of a value in bytes, 0 unknown.
	Width float64 `json:"width"`
}

// Index is an index that exists.
type Index struct {
	Name string `json:"name"`
	// Method is the access method, such as btree.
	Method string `json:"method"`
	// Unique, and Constraint for one that a constraint owns.
	Unique     bool `json:"unique"`
	Constraint bool `json:"constraint"`
	// Valid is false while it is built and after a build that failed.
	Valid bool   `json:"valid"`
	Keys  []Part `json:"keys"`
	// Predicate of a partial index.
	Predicate string `json:"predicate"`
	// Definition is the whole CREATE INDEX.
	Definition string  `json:"definition"`
	Bytes      float64 `json:"bytes"`
	// Scans since the statistics were reset.
	Scans float64 `json:"scans"`
}

// Part is one key of an index that exists.
type Part struct {
	// SQL is the column or expression as pg_get_indexdef writes it, followed by
	// the operator class and the collation where they are not the default.
	SQL        string `json:"sql"`
	Desc       bool   `json:"desc"`
	NullsFirst bool   `json:"nullsFirst"`
}

// Column is the column of a name.
func (t Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Count is the number of distinct values of a column; 0 when nobody knows.
func (t Table) Count(c Column) float64 {
	if c.Distinct < 0 {
		return max(1, -c.Distinct*t.Rows)
	}
	return c.Distinct
}

// Share is the share of the rows that one value of a column selects, 0 to 1; a
// column without statistics is taken for the planner's 200 values.
// DEFAULT_NUM_DISTINCT in https://github.com/postgres/postgres/blob/REL_18_0/src/include/utils/selfuncs.h (2026-11-25)
func (t Table) Share(c Column) float64 {
	const unknown = 200
	n := t.Count(c)
	if n == 0 {
		n = max(1, min(unknown, t.Rows))
	}
	return (1 - c.Nulls) / n
}

// Indexable tells whether an index can be made on the table.
func (t Table) Indexable() bool {
	kind := t.Kind == "r" || t.Kind == "p" || t.Kind == "m"
	return kind && t.Schema != "information_schema" && !strings.HasPrefix(t.Schema, "pg_")
}
