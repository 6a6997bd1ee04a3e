package draft

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// sizing chooses what the answers leave to the plan.
type sizing struct {
	page  page
	base  baseline.Baseline
	today time.Time
}

// begin sets what any plan needs: the largest classes and a budget above every bill,
// or what stands in for classes on a local cluster. It returns what to choose from.
func (s *sizing) begin() (database, cache []string) {
	if s.page.Cluster.Context != "" {
		s.local()
		return nil, nil
	}
	fill(&s.page.Monthly, anyBudget)
	database = candidates(s.page.Database, pricedDatabases())
	cache = candidates(s.page.Cache, pricedCaches())
	s.set(last(database), last(cache))
	return database, cache
}

// choose sets classes and the budget.
func (s *sizing) choose() error {
	stated := s.page.Answers
	database, cache := s.begin()
	if s.page.Cluster.Context != "" {
		_, err := s.plan(true)
		return err
	}
	why := "the cheapest at which the checks of the "
	class, err := s.database(database)
	if err != nil {
		return err
	}
	s.set(class, s.page.Cache)
	node, _, err := s.first(cache, func(name string) { s.set(s.page.Database, name) }, plan.CacheMemory, plan.CacheConnections)
	if err != nil {
		return err
	}
	s.set(class, node)
	if stated.Database == "" {
		s.page.derived["database"] = why + "database hold"
	}
	if stated.Cache == "" {
		s.page.derived["cache"] = why + "cache hold"
	}
	if stated.Monthly == 0 {
		return s.budget()
	}
	return nil
}

// local has a database and a cache unless the answers say otherwise; both run in
// the cluster and have no class.
func (s *sizing) local() {
	for _, name := range []*string{&s.page.Database, &s.page.Cache} {
		if fill(name, "local"); *name == None {
			*name = ""
		}
	}
}

// anyBudget is above every bill, for plans that are made to learn the bill.
const anyBudget = 1e9

// candidates are the one that was stated, or all.
func candidates(stated string, all []string) []string {
	switch stated {
	case "":
		return all
	case None:
		return []string{""}
	}
	return []string{stated}
}

func last(names []string) string { return names[len(names)-1] }

// set makes a stack with a class and a node type. A standby without a public price
// is counted as a second instance, of every class that a fix may name.
func (s *sizing) set(class, node string) {
	s.page.Database, s.page.Cache, s.page.Prices = class, node, nil
	c, ok := catalog.Database(class)
	if !ok {
		return
	}
	for _, c := range append([]catalog.DatabaseClass{c}, catalog.NextDatabases(class)...) {
		if c.USDPerHourMultiAZ == nil && c.USDPerHour != nil {
			s.page.Prices = append(s.page.Prices, price{c.Class + ".multiAz", math.Round(2e5**c.USDPerHour) / 1e5})
		}
	}
}

// leastGiB of a database's volume.
const leastGiB = 100

// database chooses the class; where no class holds on the least volume, a striped
// one brings four times the I/O.
func (s *sizing) database(classes []string) (string, error) {
	set := func(name string) { s.set(name, s.page.Cache) }
	class, held, err := s.first(classes, set, plan.DBConnections, plan.DBLoad, plan.DBPoolWait)
	if err != nil || held {
		return class, err
	}
	s.page.Storage = spec.GP3StripeGiB
	if striped, held, err := s.first(classes, set, plan.DBConnections, plan.DBLoad, plan.DBPoolWait); err != nil || held {
		s.page.derived["storage"] = "a striped volume, for its 12000 IOPS"
		return striped, err
	}
	s.page.Storage = leastGiB
	return class, nil
}

// first is the first candidate with which the checks hold, or else the last.
func (s *sizing) first(names []string, set func(string), checks ...string) (name string, held bool, err error) {
	for _, name := range names {
		set(name)
		p, err := s.plan(true)
		if err != nil {
			return "", false, err
		}
		if !slices.ContainsFunc(p.Violations(), func(c plan.Check) bool { return slices.Contains(checks, c.ID) }) {
			return name, true, nil
		}
	}
	return last(names), false, nil
}

// budget is the ceiling of the plan, to the next hundred.
func (s *sizing) budget() error {
	p, err := s.plan(true)
	if err != nil {
		return err
	}
	s.page.Monthly = 100 * math.Ceil(max(p.Cost.CeilingUSD, 1)/100)
	s.page.derived["budget"] = "EXAMPLE: the ceiling of this draft; agree it with who pays"
	return nil
}

// plan of the page as it would be written.
func (s *sizing) plan(lean bool) (plan.Plan, error) {
	stack, err := s.stack()
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.New(stack, s.base, plan.Options{Today: s.today, Lean: lean})
}

// pricedDatabases are the classes with a public price, the cheapest first. A
// burstable one serves for good what its credits allow, which no source states
// for RDS, so none is suggested.
func pricedDatabases() []string {
	return byPrice(catalog.Databases(), func(name string) (float64, bool) {
		c, _ := catalog.Database(name)
		return deref(c.USDPerHour), c.USDPerHour != nil && !c.Burstable()
	})
}

func pricedCaches() []string {
	return byPrice(catalog.Caches(), func(name string) (float64, bool) {
		c, _ := catalog.Cache(name)
		return deref(c.USDPerHourValkey), c.USDPerHourValkey != nil
	})
}

func byPrice(names []string, usd func(string) (float64, bool)) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, known := usd(name); return !known })
	slices.SortStableFunc(names, func(a, b string) int {
		x, _ := usd(a)
		y, _ := usd(b)
		return cmp.Compare(x, y)
	})
	return names
}

func deref(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

// stack is the page as it would be read.
func (s *sizing) stack() (spec.Stack, error) {
	text, err := s.page.render()
	if err != nil {
		return spec.Stack{}, err
	}
	return spec.DecodeFile(s.page.Stack, text)
}
