package index

import (
	"math"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

// Costs are the planner's prices, in its own units.
// https://www.postgresql.org/docs/18/runtime-config-query.html#RUNTIME-CONFIG-QUERY-CONSTANTS (2026-11-25)
type Costs struct {
	RandomPage float64 `json:"randomPage"`
	SeqPage    float64 `json:"seqPage"`
	Tuple      float64 `json:"tuple"`
	IndexTuple float64 `json:"indexTuple"`
	Operator   float64 `json:"operator"`
}

// Lookup is the price of finding rows through a B-tree, as the planner reckons
// without correlation: the descent, an entry of the index and a row for each, and
// a random page for each up to the pages there are.
func (c Costs) Lookup(t Table, rows float64) float64 {
	const height, perPage = 3, 50 // operators per page of the descent, as genericcostestimate takes
	descent := c.Operator * (math.Log2(max(2, t.Rows)) + height*perPage)
	return descent + c.RandomPage*(1+pagesOf(t, rows)) + rows*(c.IndexTuple+c.Tuple)
}

// pagesOf is how many pages so many rows lie on when they lie anywhere.
// Mackert and Lohman, as in index_pages_fetched of
// https://github.com/postgres/postgres/blob/REL_18_0/src/backend/optimizer/path/costsize.c (2026-11-25)
func pagesOf(t Table, rows float64) float64 {
	pages := max(1, t.Pages)
	return min(2*pages*rows/(2*pages+rows), pages)
}

// Sort is the price of sorting rows in memory.
func (c Costs) Sort(rows float64) float64 {
	return 2 * c.Operator * rows * math.Log2(max(2, rows))
}

// After is what a plan of a total cost would cost with the candidate, when a scan
// finds so many rows through it.
func (c Costs) After(total float64, s explain.Scan, t Table, rows float64) float64 {
	now := s.TotalCost * s.Times
	then := c.Lookup(t, rows) * s.Times
	return max(total-now, 0) + then
}

// Bytes is about the size of the index: entries of a header, the keys and a
// pointer, on pages filled to nine tenths.
// https://www.postgresql.org/docs/18/btree.html (2026-11-25)
func (c Candidate) Bytes(t Table) float64 {
	const header, pointer, fill, wide = 8, 4, 0.9, 16
	width := 0.0
	for _, k := range c.Keys {
		column, _ := t.Column(k.Column)
		if column.Width == 0 {
			column.Width = wide
		}
		width += column.Width
	}
	entry := header + pointer + 8*math.Ceil(width/8)
	return t.Rows * entry / fill
}
