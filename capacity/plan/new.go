package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
)

// New derives the plan of a stack and proves it. A violated check is not an
// error: it is in Checks. The error is spec.Problems, when stack file and
// baseline do not belong together.
func New(stack spec.Stack, base baseline.Baseline, opts Options) (Plan, error) {
	in := input{stack: stack, base: base}
	if problems := in.validate(); len(problems) > 0 {
		return Plan{}, problems
	}
	if problems := waiverProblems(stack.Waivers); len(problems) > 0 {
		return Plan{}, problems
	}
	d := in.derive()
	d.plan.Measured.Ahead = ahead(in.base.Date, opts.Today)
	w := world{input: in, plan: &d.plan}
	growth := stack.Traffic.Growth
	d.plan.Checks = w.prove(growth)
	waive(&d.plan, stack.Waivers, opts.Today)
	d.predictions(w)
	if opts.Lean {
		return d.plan, nil
	}
	d.plan.Headroom = w.headroom()
	in.explainFixes(d.plan.Checks)
	return d.plan, nil
}

// explainFixes fills in the fix of every violated check.
func (in input) explainFixes(checks []Check) {
	f := fixer{in, map[string][]Check{}}
	for i, c := range checks {
		if !c.OK {
			checks[i].Fix = f.fix(c, goalOf(c, checks))
		}
	}
}

// derive makes every number, without proving anything.
func (in input) derive() *draft {
	d := &draft{input: in, plan: Plan{Stack: in.stack.Name, Growth: in.stack.Traffic.Growth,
		Measured: measured(in.base), Monitoring: Monitoring(in.stack)}}
	d.services()
	d.nodes()
	d.database()
	d.cache()
	d.edge()
	d.cost()
	d.alerts()
	d.relies()
	return d
}

// measured says where the facts come from.
func measured(b baseline.Baseline) Measured {
	m := Measured{Source: b.Source, Date: b.Date, Example: b.Example}
	if len(b.Measured) > 0 {
		m.Figures = len(b.Paths())
		m.MeasuredFigures = m.Figures - len(b.Unmeasured())
	}
	return m
}

// ahead says that a day has begun nowhere on earth, where the hour is 14 before UTC at
// most; without a today nothing is known.
func ahead(date string, today time.Time) bool {
	day, err := time.Parse(time.DateOnly, date)
	return err == nil && !today.IsZero() && day.After(today.UTC().Add(14*time.Hour))
}

// edge adds up what the CDN takes away, and renders what every CDN is told.
func (d *draft) edge() {
	for _, name := range d.names() {
		d.plan.Edge.UserRPS += float64(d.stack.Services[name].PeakRPS) * d.stack.Traffic.Growth
		d.plan.Edge.OriginRPS += d.plan.Services[name].OriginRPS
	}
	e := d.stack.Edge
	if e.Cloudflare != nil {
		zone := cdn.NewZone(d.stack)
		d.plan.Edge.Cloudflare = &zone
	}
	if e.CloudFront != nil {
		distribution := cdn.NewDistribution(e.CloudFront.Rules)
		d.plan.Edge.CloudFront = &distribution
	}
	if e.Vercel != nil {
		d.plan.Edge.Vercel = map[string]cdn.Vercel{}
		for _, p := range e.Vercel.Projects {
			d.plan.Edge.Vercel[p.Name] = cdn.NewVercel(p.Rules, e.SessionCookies)
		}
	}
	d.plan.Edge.HitRatio = d.zoneHitRatio()
}

// predictions fills in what the routes are predicted to do at growth times peak.
func (d *draft) predictions(w world) {
	growth := d.stack.Traffic.Growth
	for _, name := range d.names() {
		v, s := d.plan.Services[name], d.subject(name)
		for _, route := range s.spec.Routes {
			p99, ttfb := w.predict(s, v, route, growth)
			v.Routes = append(v.Routes, Route{Method: route.Method, Path: route.Path, Core: route.Core,
				P99Ms: tenths(p99), TTFBMs: tenths(ttfb), PeakP99Ms: tenths(w.today(s, v, route))})
			if route.Core {
				v.P99Ms = max(v.P99Ms, tenths(p99))
			}
		}
		if v.Pool != nil {
			pool := *v.Pool
			pool.WaitP99Ms = amount(round(w.poolWait(s, v, growth), 2))
			v.Pool = &pool
		}
		d.plan.Services[name] = v
	}
}

// relies names what external parts must really be.
func (d *draft) relies() {
	add := func(format string, args ...any) { d.plan.Relies = append(d.plan.Relies, fmt.Sprintf(format, args...)) }
	if d.stack.Addons.MetricsServer == spec.External {
		add("metrics-server runs with --metric-resolution=%s", time.Duration(d.stack.Monitoring.MetricsResolution))
	}
	if region := d.stack.Cluster.Region; !d.stack.Local() && region != catalog.Region {
		add("%s costs no more than %s, whose list prices the bill has; state others in budget.prices", region, catalog.Region)
	}
	d.reliesOnNodes(add)
	for _, name := range d.names() {
		if v := d.stack.Services[name]; v.Mode == spec.External && !v.Patch {
			r := d.plan.Services[name].Rollout
			add("Deployment %s includes ConfigMap %s by envFrom, labels its pods %s, requests %s and %s, sleeps %d s before it stops, has %d s of grace and minReadySeconds %d, and rolls as services.%s.rollout says",
				v.Target(name), v.SettingsName(name), labels(v.Labels(name)), v.Resources.Requests.CPU, v.Resources.Requests.Memory, r.PreStopSeconds, r.GraceSeconds, r.MinReadySeconds, name)
		}
	}
	d.reliesOnData(add)
	d.reliesOnEdge(add)
	d.monitoringRelies()
}

// reliesOnData names what an external database and cache must really be.
func (d *draft) reliesOnData(add func(format string, args ...any)) {
	on := func(kind string) string {
		if kind == "" {
			return ""
		}
		return " on " + kind
	}
	if c := d.stack.Cache; d.plan.Cache != nil && c.Mode == spec.External {
		add("the cache at %s runs%s and holds nothing but what the services keep in it", c.Host, on(c.NodeType))
	}
	if db := d.stack.Database; d.plan.Database != nil && db.Mode == spec.External {
		add("the database at %s runs%s and serves nobody beside the services and database.otherClients", db.Host, on(db.InstanceClass))
	}
	if d.plan.Database != nil && !d.plan.Database.Explicit && d.stack.Database.Mode != spec.Managed {
		add("the database accepts at least %d connections (SHOW max_connections)", d.plan.Database.MaxConnections)
	}
}

// labels as one writes them on the command line.
func labels(all map[string]string) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, key+": "+all[key])
	}
	return strings.Join(out, ", ")
}

// reliesOnEdge names what others must do for the hit ratio to be real: origins
// send the headers, and files are uploaded with theirs.
func (d *draft) reliesOnEdge(add func(format string, args ...any)) {
	if c := d.stack.Edge.Cloudflare; c != nil && len(c.Rules) > 0 {
		add("the origins behind %s send the Cache-Control that the plan lists under edge.cloudflare.origin; without stale-while-revalidate from them nothing stale is served", c.Zone)
		if c.CachePhase.Mode == spec.External {
			add("the cache rules of zone %s are those that the plan lists", c.Zone)
		}
		if c.Settings == spec.External {
			add("zone %s respects existing headers for browsers (browser cache TTL 0) and has Always Online off, which would switch stale copies off", c.Zone)
		}
	}
	if c := d.stack.Edge.CloudFront; c != nil {
		add("files are uploaded with the Cache-Control that the plan lists under edge.cloudfront.objects")
		if c.Mode != spec.External && c.Bucket.Mode != spec.Managed {
			add("the policy of bucket %s lets the distribution read it", c.Bucket.Name)
		}
	}
}
