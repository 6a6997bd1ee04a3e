package index

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

// plain are names that need no quotes: no letters but lower case, and no word
// that SQL reserves. A quoted name is right in any case.
var plain = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// reserved words of SQL that people use as names.
// https://www.postgresql.org/docs/18/sql-keywords-appendix.html (2026-11-25)
//
//nolint:misspell // SQL has both spellings
var reserved = strings.Fields(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
	char character check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role
	current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract
	false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect
	interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural nchar none normalize not
	notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real references returning
	right row select session_user setof similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing
	treat trim true union unique user using values varchar variadic verbose when where window with`)

// Quote is a name as SQL takes it.
func Quote(name string) string {
	if plain.MatchString(name) && !slices.Contains(reserved, name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Qualified is a table's name with its schema as SQL takes it.
func Qualified(t explain.Table) string { return Quote(t.Schema) + "." + Quote(t.Name) }

// longestName that PostgreSQL keeps whole, in bytes: NAMEDATALEN - 1.
// https://www.postgresql.org/docs/18/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS (2026-11-25)
const longestName = 63

// word is what an expression gives to a name.
var word = regexp.MustCompile(`[A-Za-z0-9_]+`)

// Name is a name for the index that is not taken: the table, the keys and idx,
// with a hash where that is too long.
func (c Candidate) Name(taken []string) string {
	parts := []string{c.Table.Name}
	for _, k := range c.Keys {
		if k.Expression != "" {
			parts = append(parts, word.FindAllString(k.Expression, 2)...)
			continue
		}
		parts = append(parts, k.Column)
	}
	base := strings.Join(append(parts, "idx"), "_")
	if len(base) > longestName {
		sum := sha256.Sum256([]byte(base + c.List()))
		hash := hex.EncodeToString(sum[:4])
		base = strings.ToValidUTF8(base[:longestName-len(hash)-len("__idx")], "") + "_" + hash + "_idx"
	}
	name := base
	for n := 1; slices.Contains(taken, name); n++ {
		suffix := fmt.Sprint(n)
		name = strings.ToValidUTF8(base[:min(len(base), longestName-len(suffix))], "") + suffix
	}
	return name
}
