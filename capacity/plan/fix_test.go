package plan

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/spec"
)

// proposal is one "set X to V" of a fix.
type proposal struct {
	path, value, superlative string
	// beside are what is set with it, each as for --set.
	beside []string
	// every is true when every check is said to hold.
	every bool
}

var proposalForm = regexp.MustCompile(`^set (\S+) to (\S+)((?: and \S+ to \S+)*) \((.+) at which (every check holds|this check holds; then violated: .+)\)$`)

// proposals of a fix; none for mere advice.
func proposals(t *testing.T, fix string) []proposal {
	t.Helper()
	var out []proposal
	for _, text := range strings.Split(fix, "; or ") {
		m := proposalForm.FindStringSubmatch(text)
		if m == nil {
			if strings.Contains(text, "at which") {
				t.Errorf("a fix of another form: %s", text)
			}
			continue
		}
		p := proposal{path: m[1], value: m[2], superlative: m[4], every: m[5] == "every check holds"}
		for _, other := range strings.Split(m[3], " and ")[1:] {
			p.beside = append(p.beside, strings.Replace(other, " to ", "=", 1))
		}
		out = append(out, p)
	}
	return out
}

var numberForm = regexp.MustCompile(`^(\d+)(%|s)?$`)

// smaller is the change one step less, and whether there is such a step.
func (p proposal) smaller() (string, bool) {
	m := numberForm.FindStringSubmatch(p.value)
	if m == nil {
		return "", false
	}
	n, _ := strconv.Atoi(m[1])
	switch p.superlative {
	case "the largest", "the highest", "the longest":
		n++
	default:
		n--
	}
	return strconv.Itoa(n) + m[2], true
}

// apply sets a value as a person would, who cannot set what does not decode.
func (r raws) apply(t *testing.T, path, value string) (Plan, bool) {
	t.Helper()
	raw, err := spec.Set(r.stack, path, value)
	if err != nil {
		t.Errorf("set %s to %s: %v", path, value, err)
		return Plan{}, false
	}
	stack, err := spec.Decode("base", raw)
	if err != nil {
		t.Logf("set %s to %s: %v", path, value, err)
		return Plan{}, false
	}
	_, base := r.decode(t)
	return mustPlan(t, stack, base), true
}

// keeps says whether a plan does what the proposal promises.
func (p proposal) keeps(plan Plan, id string) bool {
	if p.every {
		return len(plan.Violations()) == 0
	}
	return !slices.Contains(violatedIDs(plan), id)
}

// Every fix does what it says, and a smaller change does not.
func TestFixesHold(t *testing.T) {
	applied := 0
	refused := map[string][]string{
		"far too small a database": {"database.instanceClass=db.t4g.micro"},
		"far too few addresses":    {"cluster.subnets[0].freeIps=100"},
		"no address at all":        {"cluster.subnets[0].freeIps=0"},
		"ten times":                {"traffic.growth=10"},
		"a minute's ramp":          {"traffic.ramp=1m"},
		"slow metrics":             {be + "autoscaling.metric=cpu", fe + "autoscaling.metric=cpu", "monitoring.metricsResolution=90s"},
		"hardly any budget":        {"budget.monthly=10"},
		"a tiny cache":             {"cache.nodeType=cache.t4g.micro", "cache.maxClients=20"},
		"three replicas":           {be + "autoscaling.minReplicas=3", be + "autoscaling.maxReplicas=3"},
		"few nodes too":            {be + "autoscaling.maxReplicas=3", "nodes.groups[0].minSize=10", "nodes.groups[0].maxSize=24"},
		"too small requests":       {be + "resources.requests.cpu=100m", fe + "resources.requests.cpu=100m"},
		"requests of two kinds":    {be + "resources.requests.memory=500Mi", fe + "resources.requests.cpu=100m"},
		"one replica":              {be + "autoscaling.minReplicas=1", be + "autoscaling.maxReplicas=1"},
		"a tiny pooler":            {"database.pooler=pgbouncer", pgbouncer, "database.pgbouncer.poolSize=400", "database.pgbouncer.maxClientConn=1"},
	}
	for name, tc := range edges {
		refused[name] = slices.Concat(tc.shared, tc.breaks)
	}
	for name, sets := range refused {
		r := baseRaws(t).with(t, sets...)
		stack, base := r.decode(t)
		for _, c := range mustPlan(t, stack, base).Violations() {
			if c.Fix == "" {
				t.Errorf("%s: %s has no fix", name, c.ID)
			}
			for _, p := range proposals(t, c.Fix) {
				applied++
				checkProposal(t, r, name, c.ID, p)
			}
		}
	}
	if applied < 40 {
		t.Errorf("only %d proposals were tried", applied)
	}
}

func checkProposal(t *testing.T, r raws, name, id string, p proposal) {
	t.Helper()
	r = r.with(t, p.beside...)
	repaired, ok := r.apply(t, p.path, p.value)
	if !ok || !p.keeps(repaired, id) {
		t.Errorf("%s: %s is not repaired by %+v: violated %v", name, id, p, violatedIDs(repaired))
	}
	value, ok := p.smaller()
	if !ok {
		return
	}
	if less, ok := r.apply(t, p.path, value); ok && p.keeps(less, id) {
		t.Errorf("%s: %s to %s is not %s: %s does as well", id, p.path, p.value, p.superlative, value)
	}
}

// The story of the product: 400 replicas are refused, and the named change repairs
// everything.
func TestFixOf400Replicas(t *testing.T) {
	r := baseRaws(t).with(t, be+"autoscaling.maxReplicas=400")
	stack, base := r.decode(t)
	c := check(t, mustPlan(t, stack, base), DBConnections)
	var best *proposal
	for _, p := range proposals(t, c.Fix) {
		if p.path == be+"autoscaling.maxReplicas" && p.every {
			best = &p
		}
	}
	if best == nil {
		t.Fatalf("no change of maxReplicas repairs everything: %s", c.Fix)
	}
	if p, ok := r.apply(t, best.path, best.value); !ok || len(p.Violations()) > 0 {
		t.Errorf("with %+v: violated %v", *best, violatedIDs(p))
	}
}

// A ceiling that is too low breaks much, and one setting repairs it: every check
// says so, though a ceiling that is too high breaks other things.
func TestFixOfThreeReplicas(t *testing.T) {
	p := planned(t, be+"autoscaling.maxReplicas=3", "nodes.groups[0].minSize=10", "nodes.groups[0].maxSize=24")
	if n := len(p.Violations()); n < 4 {
		t.Fatalf("only %d checks are violated", n)
	}
	for _, c := range p.Violations() {
		if strings.Contains(c.Fix, "no single setting") || strings.Contains(c.Fix, "requests.cpu to 4") || !strings.Contains(c.Fix, be+"autoscaling.maxReplicas to ") {
			t.Errorf("%s: %s", c.ID, c.Fix)
		}
	}
}

// What holds is one run of options, wherever it lies, and its begin is found.
func TestEarliest(t *testing.T) {
	for n := range 400 {
		for _, to := range []int{n - 1, n - 2, 9 * n / 10, 12, 3} {
			for _, from := range []int{0, 1, to / 2, to / 3, to} {
				if from < 0 || from > to || to >= n {
					continue
				}
				tried := 0
				got, ok := earliest(n, func(i int) bool { tried++; return i >= from && i <= to })
				if ok && got != from || !ok && from <= to*2/3 {
					t.Fatalf("of %d options %d to %d hold, found %d %v", n, from, to, got, ok)
				}
				if tried > 60 {
					t.Errorf("%d of %d options tried", tried, n)
				}
			}
		}
		if got, ok := earliest(n, func(int) bool { return false }); ok {
			t.Errorf("none of %d holds, found %d", n, got)
		}
	}
}

func TestAdvice(t *testing.T) {
	cases := map[string]struct {
		reason string
		sets   []string
		id     string
		want   string
	}{
		"Receiver": {"no number helps", []string{"monitoring.receivers=[]"}, AlertsRouted, "add a receiver to monitoring.receivers"},
		"Routing": {"all that is missing", []string{"monitoring={}", "budget.emails=[]", "database.pooler=pgbouncer", pgbouncer}, AlertsRouted,
			"state the exporter in monitoring.exporters.postgres; and state the exporter in monitoring.exporters.pgbouncer; and state the exporter in monitoring.exporters.redis; and state the exporter in monitoring.exporters.cloudwatch; and state the exporter in monitoring.exporters.cloudflare; and add a receiver to monitoring.receivers; and name the URL to call in monitoring.deadMansSwitch; and name who hears of the bill in budget.emails"},
		"Price":    {"the price is the owner's to state", []string{"budget.prices={}"}, CostFloor, "set budget.prices.db.m7g.large.multiAz to its price in USD per hour"},
		"Edge":     {"rules have no single number", []string{"edge.cloudflare.otherRules=48"}, EdgeLimits, "remove rules, or move the zone to the enterprise plan (edge.cloudflare.plan)"},
		"TTL":      {"a plan is bought, not set", []string{"edge.cloudflare.plan=free"}, EdgeLimits, "raise edgeTtl of the rule, or leave it out so that the origin's max-age counts, or move the zone to the business plan (edge.cloudflare.plan)"},
		"Query":    {"the whole query or nothing", []string{"edge.cloudflare.rules[0].queryKeys=[page]"}, EdgeLimits, "list fewer queryKeys, or set ignoreQuery instead, or move the zone to the enterprise plan (edge.cloudflare.plan)"},
		"Topology": {"the smart one is in every plan", []string{"edge.cloudflare.tieredCache=generic"}, EdgeLimits, "set edge.cloudflare.tieredCache to smart, or move the zone to the enterprise plan (edge.cloudflare.plan)"},
		"Long":     {"no plan has longer expressions", []string{"edge.cloudflare.plan=enterprise", "edge.cloudflare.rules=" + rules("page", 60)}, EdgeLimits, "join rules under a common path"},
		"Quota":    {"AWS raises it on request", []string{"edge.cloudfront.rules=" + rules("media", 21)}, EdgeLimits, "remove rules or aliases, or ask AWS for a higher quota"},
		"Vercel":   {"Vercel does not", []string{"edge.vercel.projects[0].rules[0].path=/" + strings.Repeat("a", 4096)}, EdgeLimits, "remove rules of the project, or shorten their paths"},
		"Subnet":   {"no group is small enough", []string{"cluster.subnets[0].freeIps=0"}, SubnetIPs, "add a subnet in the zone to cluster.subnets, or set cluster.podIpMode to prefix"},
		"Latency":  {"too slow even alone", []string{"slo.ttfb=50ms", "slo.p99=50ms"}, LatencyPeak, "lower the service time of the route, raise services.<name>.workers or resources.requests.cpu, or relax slo.p99 with its owner"},
		"IO":       {"more than the largest class helps", []string{"@services.backend.database.ioPerRequest=100"}, DBLoad, "raise the cache hit ratio, lower the database work per request, or move to a class with more vCPUs or IOPS"},
		"Held":     {"what holds needs none", nil, DBLoad, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := check(t, planned(t, tc.sets...), tc.id).Fix; got != tc.want {
				t.Errorf("%s\nfix of %s = %q, want %q", tc.reason, tc.id, got, tc.want)
			}
		})
	}
}
