package rules

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/catalog"
)

// tagOther on a parameter group counts direct clients that are no service. The
// tags of an adopted group are its owner's; there the component says it.
const tagOther = "headroom:otherConnections"

// maxConnections is PostgreSQL's setting.
const maxConnections = "max_connections"

// recordedOthers is what the database component says of other clients.
func (m Model) recordedOthers(f *facts) int {
	most := 0
	for _, component := range m.of(typeDatabase) {
		most = max(most, f.count(component.at("otherConnections"), 0, 0))
	}
	return most
}

// database is what connections are judged against.
type database struct {
	Resource
	// usable connections and how that number came about.
	usable int
	why    string
	// others are connections besides the services'.
	others int
	facts  facts
}

// databases are the PostgreSQL primaries of the stack, in pods or of RDS, or a
// parameter group alone where the instance is elsewhere.
func (m Model) databases() []database {
	all := m.servers()
	instances := m.of(typeRDSInstance)
	for _, i := range instances {
		if !i.at("replicateSourceDb").Absent() || otherEngine(i) {
			continue
		}
		all = append(all, m.database(i))
	}
	if len(instances) > 0 {
		return all
	}
	for _, g := range m.of(typeParameterGroup) {
		d := database{Resource: g}
		d.others = m.recordedOthers(&d.facts)
		n, stated := d.explicit(g)
		d.limit(n, budget.ReservedRDS, maxConnections+" of "+g.label())
		if stated || !d.facts.complete() {
			all = append(all, d)
		}
	}
	return all
}

// otherEngine says that the instance is known not to be PostgreSQL.
func otherEngine(instance Resource) bool {
	engine, ok := instance.at("engine").text()
	return ok && !strings.Contains(engine, "postgres")
}

func (m Model) database(instance Resource) database {
	d := database{Resource: instance}
	d.others = m.recordedOthers(&d.facts)
	if group := m.parameterGroup(&d.facts, instance, typeParameterGroup); group != nil {
		if n, ok := d.explicit(*group); ok {
			d.limit(n, budget.ReservedRDS, maxConnections+" of "+group.label())
			return d
		}
	}
	class := d.facts.textOr(instance.at("instanceClass"), "")
	if !d.facts.complete() {
		return d
	}
	n, why := catalog.EstimatedMaxConnections(class)
	if n == 0 {
		d.facts.wait("max_connections in a parameter group, or an instance class the catalog knows (%s)", why)
		return d
	}
	d.limit(n, budget.ReservedRDS, why)
	return d
}

func (d *database) limit(slots, reserved int, why string) {
	d.usable = max(0, slots-reserved)
	d.why = fmt.Sprintf("%d = %d − %d reserved (%s)", d.usable, slots, reserved, why)
}

// explicit reads max_connections and the tag of a parameter group.
func (d *database) explicit(group Resource) (int, bool) {
	d.others = d.facts.count(group.at("tags").key(tagOther), 0, d.others)
	for _, p := range d.facts.list(group.at("parameters")) {
		if d.facts.textOr(p.at("name"), "") != maxConnections {
			continue
		}
		// The lowest value that PostgreSQL accepts is 1.
		n := d.facts.required(p.at("value"), 1)
		return n, d.facts.complete()
	}
	return 0, false
}

// parameterGroup finds the group of a database or a cache, by where its name
// comes from or by the name. Nil without a gap is the default group.
func (m Model) parameterGroup(f *facts, r Resource, typ string) *Resource {
	if found := m.referred(r, "parameterGroupName", typ); len(found) == 1 {
		return &found[0]
	}
	want := f.textOr(r.at("parameterGroupName"), "default.")
	for _, g := range m.of(typ) {
		if own, _ := g.at("name").text(); own == want {
			return &g
		}
	}
	if !strings.HasPrefix(want, "default.") {
		f.wait("parameter group %s, not in this stack", legible(want))
	}
	return nil
}
