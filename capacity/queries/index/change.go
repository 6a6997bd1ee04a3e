package index

// Change is how an index is made without locking writes out, and dropped again,
// statement by statement. None of them runs within a transaction block.
func Change(c Candidate, name string, t Table) (create, drop []string) {
	target := Quote(c.Table.Schema) + "." + Quote(name)
	if t.Kind != "p" {
		return []string{"CREATE INDEX CONCURRENTLY IF NOT EXISTS " + Quote(name) + " " + c.On() + ";"},
			[]string{"DROP INDEX CONCURRENTLY IF EXISTS " + target + ";"}
	}
	// CONCURRENTLY is not for partitioned tables: their index is made empty and
	// invalid, those of the partitions one by one, and it becomes valid with the
	// last one attached. Partitions of partitions need that for every level: there
	// the index is made in one go, which keeps writers waiting.
	// https://www.postgresql.org/docs/18/ddl-partitioning.html (2026-11-25)
	if t.Nested {
		return []string{"CREATE INDEX IF NOT EXISTS " + Quote(name) + " " + c.On() + ";"}, []string{"DROP INDEX IF EXISTS " + target + ";"}
	}
	create = []string{"CREATE INDEX IF NOT EXISTS " + Quote(name) + " ON ONLY " + Qualified(c.Table) + " (" + c.List() + ");"}
	var attach []string
	for _, p := range t.Partitions {
		leaf := c.Moved(p)
		part := leaf.Name(nil)
		create = append(create, "CREATE INDEX CONCURRENTLY IF NOT EXISTS "+Quote(part)+" "+leaf.On()+";")
		attach = append(attach, "ALTER INDEX "+target+" ATTACH PARTITION "+Quote(p.Schema)+"."+Quote(part)+";")
	}
	return append(create, attach...), []string{"DROP INDEX IF EXISTS " + target + ";"}
}

// Method tells whether a valid index of an access method has a key.
func (t Table) Method(method, sql string) bool {
	for _, i := range t.Indexes {
		for _, k := range i.Keys {
			if i.Method == method && i.Valid && k.SQL == sql {
				return true
			}
		}
	}
	return false
}
