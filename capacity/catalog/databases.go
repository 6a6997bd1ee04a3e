package catalog

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

const (
	// bytesPerConnection is the divisor of the RDS for PostgreSQL default,
	// LEAST({DBInstanceClassMemory/9531392}, 5000). Source: AWS prescriptive
	// guidance, tuning-postgresql-parameters/max-connections [M4], undated, read
	// 2026-11-23.
	bytesPerConnection = 9531392
	// maxConnectionsCap is the other side of that LEAST.
	maxConnectionsCap = 5000
	// usableShare is the part of the formula's answer to plan with where nobody
	// measured the class: just under the lowest ratio measured above 2 GiB,
	// 413 of 450 (0.918) on db.t2.medium [M3], undated.
	usableShare = 0.90
	// usableShareSmall is the same for classes of at most smallGiB: just under
	// 181 of 225 (0.804) on db.t4g.small [M2], 2026-08-30.
	usableShareSmall = 0.80
	// smallGiB is the nominal memory up to which usableShareSmall holds.
	smallGiB = 2
)

// FormulaMaxConnections is the default max_connections of RDS for PostgreSQL
// computed over nominal memory in GiB: an upper bound, because
// DBInstanceClassMemory leaves out what RDS and the system take. 0 for memory
// that is not positive.
func FormulaMaxConnections(memGiB float64) int {
	if !(memGiB > 0) {
		return 0
	}
	return int(math.Min(maxConnectionsCap, math.Floor(memGiB*(1<<30)/bytesPerConnection)))
}

// EstimatedMaxConnections is the max_connections to plan with when the stack
// file sets none, and why: the value measured on the class, else a share of the
// formula that no measured class fell below. 0 for a class the catalog does not
// know; the why then says which one was meant.
func EstimatedMaxConnections(class string) (n int, why string) {
	d, ok := Database(class)
	if !ok && strings.TrimSpace(class) == "" {
		return 0, "no class is named"
	}
	if !ok {
		return 0, fmt.Sprintf("unknown class %q; %s", class, Meant(class, Databases()))
	}
	if m := d.MaxConnectionsMeasured; m != nil {
		return *m, fmt.Sprintf("SHOW max_connections on a live %s: %d %s", class, *m, Cite(d.MeasuredSources...))
	}
	share := usableShare
	if d.MemoryGiB <= smallGiB {
		share = usableShareSmall
	}
	n = int(math.Floor(share * float64(d.MaxConnectionsBound)))
	return n, fmt.Sprintf("⌊%.2f × min(%d, ⌊%g GiB ÷ %d B⌋ = %d)⌋ = %d; no live %s was measured, the share is the lowest measured on others %s",
		share, maxConnectionsCap, d.MemoryGiB, bytesPerConnection, d.MaxConnectionsBound, n, class, Cite("M4"))
}

// Burstable reports whether the class earns CPU credits, so that its vCPUs
// cannot be used in full for long: the families t2, t3, t4g.
func (d DatabaseClass) Burstable() bool { return strings.HasPrefix(d.Class, "db.t") }

// Family is the class without its size, such as "db.r7g".
func (d DatabaseClass) Family() string {
	return d.Class[:max(strings.LastIndexByte(d.Class, '.'), 0)]
}

// NextDatabases are the classes of the same family with more memory, smallest
// first: what to move to when the class is too small. Empty for the largest and
// for an unknown class.
func NextDatabases(class string) []DatabaseClass {
	from, ok := Database(class)
	if !ok {
		return nil
	}
	var next []DatabaseClass
	for _, d := range load().databases {
		if d.Family() == from.Family() && d.MemoryGiB > from.MemoryGiB {
			next = append(next, d)
		}
	}
	slices.SortFunc(next, func(a, b DatabaseClass) int { return cmp.Compare(a.MemoryGiB, b.MemoryGiB) })
	return next
}
