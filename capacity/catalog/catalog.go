package catalog

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/json"
)

// Compiled is the day the rows were put together, YYYY-MM-DD. Single rows are
// older: each carries its own date.
const Compiled = "2026-11-23"

// Region is the AWS region all prices are for.
const Region = "us-east-1"

// Source is where a figure was read.
type Source struct {
	// Ref is the repository path or URL.
	Ref string `json:"ref"`
	// Date is what is known of the source's age, in words.
	Date string `json:"date"`
}

//go:embed catalog.json
var raw []byte

type table[R any] struct {
	// Sources names, per field, the sources of the whole table's figures.
	Sources map[string][]string `json:"sources"`
	Rows    []R                 `json:"rows"`
}

type document struct {
	Region   string            `json:"region"`
	Currency string            `json:"currency"`
	OS       string            `json:"os"`
	Compiled string            `json:"compiled"`
	Sources  map[string]Source `json:"sources"`
	Tables   struct {
		Nodes          table[NodeType]      `json:"nodes"`
		Databases      table[DatabaseClass] `json:"databases"`
		OlderDatabases table[DatabaseClass] `json:"olderDatabases"`
		Caches         table[CacheNode]     `json:"caches"`
		Items          table[Price]         `json:"items"`
	} `json:"tables"`
}

type index struct {
	document
	nodes     map[string]NodeType
	databases map[string]DatabaseClass
	caches    map[string]CacheNode
	items     map[string]Price
}

// load parses the embedded file once, on first use, so that a program which
// only imports the package does not pay for it. The file is part of the binary
// and the tests read it, so a fault in it is a bug, not an input.
var load = sync.OnceValue(func() index {
	var x index
	if strict, err := json.UnmarshalStrict(raw, &x.document); err != nil || len(strict) > 0 {
		panic("catalog.json is not what this package was tested with")
	}
	t := x.Tables
	x.nodes = byName(t.Nodes.Rows, func(r NodeType) string { return r.Type })
	x.databases = byName(t.Databases.Rows, func(r DatabaseClass) string { return r.Class })
	x.caches = byName(t.Caches.Rows, func(r CacheNode) string { return r.Type })
	x.items = byName(t.Items.Rows, func(r Price) string { return r.Name })
	return x
})

func byName[R any](rows []R, name func(R) string) map[string]R {
	m := make(map[string]R, len(rows))
	for _, r := range rows {
		m[name(r)] = r
	}
	return m
}

// Node returns the EC2 instance type with the given name, such as "m7g.large".
// Rows are shared: treat what their pointers point at as read-only.
func Node(name string) (NodeType, bool) { r, ok := load().nodes[name]; return r, ok }

// Database returns the RDS class with the given name, such as "db.r7g.large".
func Database(class string) (DatabaseClass, bool) { r, ok := load().databases[class]; return r, ok }

// Cache returns the ElastiCache node with the given name, such as
// "cache.t4g.small".
func Cache(name string) (CacheNode, bool) { r, ok := load().caches[name]; return r, ok }

// Item returns the price of everything that is not an instance, such as
// "nat.hour".
func Item(name string) (Price, bool) { r, ok := load().items[name]; return r, ok }

// Nodes are the names of all instance types, sorted.
func Nodes() []string { return slices.Sorted(maps.Keys(load().nodes)) }

// Databases are the names of all database classes, sorted.
func Databases() []string { return slices.Sorted(maps.Keys(load().databases)) }

// Caches are the names of all cache nodes, sorted.
func Caches() []string { return slices.Sorted(maps.Keys(load().caches)) }

// Items are the names of all other prices, sorted.
func Items() []string { return slices.Sorted(maps.Keys(load().items)) }

// SourceOf returns the source with the given id, such as "K1".
func SourceOf(id string) (Source, bool) { s, ok := load().Sources[id]; return s, ok }

// Cite spells source ids out for a human: "[R4] github.com/… (2026-05-31)".
func Cite(ids ...string) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = "[" + id + "]"
		if s, ok := SourceOf(id); ok {
			parts[i] += " " + s.Ref + " (" + s.Date + ")"
		}
	}
	return strings.Join(parts, "; ")
}

// CachesBySize are the names of all cache nodes, the least memory first, and by
// name where it is equal.
func CachesBySize() []string {
	x := load()
	return slices.SortedFunc(maps.Keys(x.caches), func(a, b string) int {
		return cmp.Or(cmp.Compare(x.caches[a].MaxMemoryBytes, x.caches[b].MaxMemoryBytes), cmp.Compare(a, b))
	})
}
