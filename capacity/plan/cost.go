package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/spec"
)

// cost adds up what has a price in the catalog or in budget.prices.
func (d *draft) cost() {
	c := Cost{BudgetUSD: float64(d.stack.Budget.Monthly),
		Prices:   fmt.Sprintf("public on-demand list prices, %s, compiled %s, without tax, free tier, commitment or discount", catalog.Region, catalog.Compiled),
		Excludes: []string{"data transfer, NAT and load balancer usage", "CDN and edge hosting", "backups, logs and metrics storage", "support, tax and discounts"}}
	if d.stack.Local() {
		c.Prices = "a local cluster costs nothing here"
		d.plan.Cost = c
		return
	}
	b := bill{draft: d, cost: &c}
	b.nodes()
	b.controlPlane()
	b.database()
	b.cache()
	for _, i := range c.Items {
		c.FloorUSD += i.FloorUSD
		c.CeilingUSD += i.CeilingUSD
	}
	c.FloorUSD, c.CeilingUSD = round(c.FloorUSD, 2), round(c.CeilingUSD, 2)
	c.ExpectedUSD = min(round(c.FloorUSD+b.expectedExtra, 2), c.CeilingUSD) // lines are rounded one by one
	d.plan.Cost = c
}

// bill collects the lines.
type bill struct {
	*draft
	cost *Cost
	// expectedExtra is what today's peak costs above the floor.
	expectedExtra float64
}

// price looks a type up: what the stack states, else what the catalog sources.
func (b *bill) price(name string, sourced *float64, date string) (float64, string, bool) {
	if p, ok := b.stack.Budget.Prices[name]; ok {
		return float64(p), fmt.Sprintf("$%g/h stated by budget.prices", float64(p)), true
	}
	if sourced == nil {
		b.cost.Unknown = append(b.cost.Unknown, name)
		return 0, "price unknown", false
	}
	return *sourced, fmt.Sprintf("$%g/h of %s", *sourced, date), true
}

func (b *bill) add(name string, floor, ceiling float64, why string, args ...any) {
	b.cost.Items = append(b.cost.Items, Item{Name: name, FloorUSD: round(floor, 2), CeilingUSD: round(ceiling, 2), Why: fmt.Sprintf(why, args...)})
}

// nodes cost their hours and their disks: at the floor those that run with every
// service at its minimum, at the ceiling all.
func (b *bill) nodes() {
	w := world{input: b.input, plan: &b.plan}
	floor, expected := w.running(minReplicas), w.running(peakReplicas)
	for i, g := range b.plan.Nodes.Groups {
		if b.stack.Nodes.Groups[i].Fixed != nil {
			continue
		}
		types := b.nodePrices(b.stack.Nodes.Groups[i].InstanceTypes)
		if len(types) == 0 {
			continue
		}
		cheapest, dearest := types[0], types[len(types)-1]
		why := dearest.why
		if b.stack.Nodes.Groups[i].CapacityType == spec.Spot {
			why += ", on-demand as the upper bound: no sourced spot price"
		}
		if len(types) > 1 {
			why += fmt.Sprintf(", the dearest of %d types", len(types))
		}
		disk := b.rate("ebs.gp3.storage") * float64(b.stack.Nodes.Groups[i].DiskGiB)
		monthly := dearest.hourly*HoursPerMonth + disk
		out := &b.plan.Nodes.Groups[i]
		out.DearestType, out.USDPerHour, out.LeastUSDPerHour = dearest.name, monthly/HoursPerMonth, cheapest.hourly+disk/HoursPerMonth
		b.add("nodes "+g.Name, monthly*float64(floor(g)), monthly*float64(g.MaxSize), "%d to %d × %s at %s × %d h + $%.2f disk",
			floor(g), g.MaxSize, dearest.name, why, HoursPerMonth, disk)
		b.expectedExtra += monthly * float64(expected(g)-floor(g))
	}
}

// nodePrice is what a node of a type costs.
type nodePrice struct {
	name, why string
	hourly    float64
}

// nodePrices are those of the types of a group, the dearest last; none when one is
// unknown. Which type a node gets is not the plan's to choose: EKS takes on-demand
// types in their order as long as EC2 has them, and spot types by what EC2 has most
// of (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html, 2026-11).
func (b *bill) nodePrices(types []string) []nodePrice {
	var out []nodePrice
	known := true
	for _, name := range types {
		node, _ := catalog.Node(name)
		hourly, why, ok := b.price(name, node.USDPerHour, node.PriceDate)
		known = known && ok
		out = append(out, nodePrice{name, why, hourly})
	}
	if !known {
		return nil
	}
	slices.SortStableFunc(out, func(a, b nodePrice) int { return cmp.Compare(a.hourly, b.hourly) })
	return out
}

// rate is the price of a unit, 0 and noted when it has no source.
func (b *bill) rate(item string) float64 {
	p, ok := catalog.Item(item)
	if !ok || p.USD == nil {
		b.cost.Unknown = append(b.cost.Unknown, item)
		return 0
	}
	return *p.USD
}

func (b *bill) item(name, item string, units float64, unit string) {
	total := b.rate(item) * units
	b.add(name, total, total, "%g %s × $%g", units, unit, b.rate(item))
}

// controlPlane of a version past standard support costs six times as much.
func (b *bill) controlPlane() {
	price, ends := catalog.ControlPlane(b.stack.Cluster.Version)
	unit := "hours"
	if price.Name == "eks.control_plane.extended" {
		unit = "hours in extended support"
	} else if ends != "" {
		unit = "hours in standard support, which ends " + ends
	}
	b.item("EKS control plane", price.Name, HoursPerMonth, unit)
}

func (b *bill) database() {
	d := b.stack.Database
	class, ok := catalog.Database(d.InstanceClass)
	if !ok {
		if d.Mode == spec.External {
			b.cost.Excludes = append(b.cost.Excludes, "the external database")
		}
		return
	}
	name, sourced, date, storage := class.Class, class.USDPerHour, class.PriceDate, "rds.gp3.storage.single_az"
	if *d.MultiAZ {
		name, sourced, date, storage = class.Class+".multiAz", class.USDPerHourMultiAZ, class.MultiAZDate, "rds.gp3.storage.multi_az"
	}
	if hourly, why, ok := b.price(name, sourced, date); ok {
		b.add("database", hourly*HoursPerMonth, hourly*HoursPerMonth, "%s at %s × %d h", name, why, HoursPerMonth)
	}
	b.iops()
	per := b.rate(storage)
	b.add("database storage", per*float64(d.Storage.GiB), per*float64(d.Storage.MaxGiB), "%d to %d GiB × $%g", d.Storage.GiB, d.Storage.MaxGiB, per)
}

// iops beyond those that the volume includes are bought.
func (b *bill) iops() {
	d := b.stack.Database
	bought := d.Storage.IOPS - spec.IncludedIOPS(d.Storage.GiB)
	if bought <= 0 {
		return
	}
	rate := "rds.gp3.iops.single_az"
	if *d.MultiAZ {
		rate = "rds.gp3.iops.multi_az"
	}
	b.item("database IOPS", rate, float64(bought), "IOPS beyond those included")
}

func (b *bill) cache() {
	c := b.stack.Cache
	node, ok := catalog.Cache(c.NodeType)
	if !ok {
		if c.Mode == spec.External {
			b.cost.Excludes = append(b.cost.Excludes, "the external cache")
		}
		return
	}
	sourced := node.USDPerHourValkey
	if c.Engine == spec.Redis {
		sourced = node.USDPerHourRedis
	}
	n := 1 + *c.Replicas
	if hourly, why, ok := b.price(c.NodeType, sourced, node.PriceDate); ok {
		total := hourly * HoursPerMonth * float64(n)
		b.add("cache", total, total, "%d × %s (%s) at %s × %d h", n, c.NodeType, c.Engine, why, HoursPerMonth)
	}
}

// costFloor proves that the floor is within the budget.
func (w world) costFloor(float64) []Part { return w.costParts("floor", w.plan.Cost.FloorUSD) }

// costCeiling proves that everything scaled out all month is within the budget.
func (w world) costCeiling(float64) []Part { return w.costParts("ceiling", w.plan.Cost.CeilingUSD) }

func (w world) costParts(which string, have float64) []Part {
	if w.stack.Local() {
		return nil
	}
	c := w.plan.Cost
	parts := []Part{AtMost(which, have, c.BudgetUSD, "USD per month", "%s of %d items, %s; budget.monthly", which, len(c.Items), c.Prices)}
	for _, name := range c.Unknown {
		parts = append(parts, Part{Subject: name, Have: 1, Unit: "unknown prices", Why: fmt.Sprintf("price unknown: set budget.prices.%s", name)})
	}
	return parts
}
