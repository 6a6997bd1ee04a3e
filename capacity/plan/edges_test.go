package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edge is a stack that just holds and the neighbor that just does not.
type edge struct {
	reason string
	// shared sets lead near the edge, holds and breaks are its two sides.
	shared, holds, breaks []string
	// want are the checks that are violated beyond the edge; none before it.
	want []string
}

const (
	be = "services.backend."
	fe = "services.frontend."

	pgbouncer = "database.pgbouncer={image: p:1.26.1, userList: {name: a, key: b}}"
)

var edges = map[string]edge{
	"rollout connections": {"204 in a rollout, 11 reserved", nil,
		[]string{"database.maxConnections=215"}, []string{"database.maxConnections=214"}, []string{DBConnections}},
	"maxReplicas 400": {"the product's own example", nil,
		[]string{be + "autoscaling.maxReplicas=60"}, []string{be + "autoscaling.maxReplicas=400"}, []string{DBConnections, NodeCapacity, SubnetIPs}},
	"pgbouncer clients": {"192 clients on two of three replicas", []string{"database.pooler=pgbouncer", pgbouncer},
		[]string{"database.pgbouncer.maxClientConn=96"}, []string{"database.pgbouncer.maxClientConn=95"}, []string{DBConnections}},
	"pgbouncer servers": {"(3 + 2 terminating) × 161 + 12 of 821", []string{"database.pooler=pgbouncer", pgbouncer},
		[]string{"database.pgbouncer.poolSize=161"}, []string{"database.pgbouncer.poolSize=162"}, []string{DBConnections}},
	"external pooler clients": {"the same 192", []string{"database.pooler=external"},
		[]string{"database.externalPooler={maxClients: 192, serverConnections: 50}"}, []string{"database.externalPooler={maxClients: 191, serverConnections: 50}"}, []string{DBConnections}},
	"external pooler servers": {"809 + 12 of 821", []string{"database.pooler=external"},
		[]string{"database.externalPooler={maxClients: 192, serverConnections: 809}"}, []string{"database.externalPooler={maxClients: 192, serverConnections: 810}"}, []string{DBConnections}},
	"database CPU": {"704 requests/s × 1.9886 ms is 70 % of 2 vCPUs", nil,
		[]string{"@services.backend.database.cpuMillis=1.9886"}, []string{"@services.backend.database.cpuMillis=1.9887"}, []string{DBLoad}},
	"cold cache": {"352 requests/s × 3.977 ms with every hit a miss", []string{"@services.backend.cacheHitRatio=0.9"},
		[]string{"@services.backend.database.cpuMillis=3.977"}, []string{"@services.backend.database.cpuMillis=3.978"}, []string{DBLoad}},
	"database I/O": {"704 requests/s × 4.261 is 3000 IOPS", nil,
		[]string{"@services.backend.database.ioPerRequest=4.261"}, []string{"@services.backend.database.ioPerRequest=4.262"}, []string{DBLoad}},
	"cache CPU": {"3520 operations/s × 198 µs is 70 % of a core", nil,
		[]string{"@cache.opMicros=198"}, []string{"@cache.opMicros=199"}, []string{DBLoad}},
	"pooler CPU": {"704 requests/s × 19 transactions × 50 µs is 67 % of a core", []string{"database.pooler=external", "database.externalPooler={maxClients: 192, serverConnections: 50}"},
		[]string{"@services.backend.database.transactionsPerRequest=19"}, []string{"@services.backend.database.transactionsPerRequest=20"}, []string{DBLoad}},
	"pool": {"two connections of a worker wait too long together with the response", []string{be + "pool.maxOverflow=0"},
		[]string{be + "pool.size=3"}, []string{be + "pool.size=1"}, []string{DBPoolWait, LatencyPeak}},
	"pooler's pool": {"two of three replicas × 4 servers make clients wait", []string{"database.pooler=pgbouncer", pgbouncer},
		[]string{"database.pgbouncer.poolSize=5"}, []string{"database.pgbouncer.poolSize=4"}, []string{DBPoolWait}},
	"nodes": {"the other pods can fill 22 nodes for a backend pod", []string{"nodes.groups[0].minSize=9"},
		[]string{"nodes.groups[0].maxSize=23"}, []string{"nodes.groups[0].maxSize=22"}, []string{NodeCapacity}},
	"nodes packed": {"every pod at its maximum packs on 16 nodes", []string{"nodes.groups[0].minSize=9"},
		[]string{"nodes.groups[0].maxSize=23"}, []string{"nodes.groups[0].maxSize=15"}, []string{NodeCapacity}},
	"CPU request": {"146.3 rps × 7.5 ms + 20m", []string{"nodes.groups[0].minSize=40"},
		[]string{be + "resources.requests.cpu=1118m"}, []string{be + "resources.requests.cpu=1117m"}, []string{NodeCapacity}},
	"memory request": {"620 MiB measured", nil,
		[]string{be + "resources.requests.memory=620Mi"}, []string{be + "resources.requests.memory=619Mi"}, []string{NodeCapacity}},
	"memory": {"the same by memory", []string{be + "resources.limits.memory=64Gi", "nodes.groups[0].minSize=58"},
		[]string{be + "resources.requests.memory=9746Mi"}, []string{be + "resources.requests.memory=9747Mi"}, []string{NodeCapacity}},
	"zone lost": {"everything fits, but not without a zone", []string{be + "autoscaling.maxReplicas=60"},
		[]string{be + "autoscaling.minReplicas=53"}, []string{be + "autoscaling.minReplicas=54"}, []string{NodeCapacity}},
	"pods per node": {"nine of 58 remain beside DaemonSets, and then five", []string{"nodes.groups[0].minSize=9", "nodes.groups[0].maxSize=24",
		"cluster.subnets[0].freeIps=1019", "cluster.subnets[1].freeIps=1019", "cluster.subnets[2].freeIps=1019"},
		[]string{"nodes.daemonSets={cpu: 300m, memory: 512Mi, pods: 49}"}, []string{"nodes.daemonSets={cpu: 300m, memory: 512Mi, pods: 53}"}, []string{NodeCapacity, CapacityTime}},
	"addresses": {"20 nodes × 2 idle interfaces × 15 + (52 pods + 80 of DaemonSets) × 15 ÷ 14", nil,
		[]string{"cluster.subnets[0].freeIps=742"}, []string{"cluster.subnets[0].freeIps=741"}, []string{SubnetIPs}},
	"resolution": {"15 + 17 + 0.73 × 17 + 15 s", []string{be + "autoscaling.metric=cpu"},
		[]string{"monitoring.metricsResolution=17s"}, []string{"monitoring.metricsResolution=18s"}, []string{TriggerTime}},
	"ramp": {"new pods are Ready before the room of the running ones is used up", nil,
		[]string{"traffic.ramp=126s"}, []string{"traffic.ramp=125s"}, []string{CapacityTime}},
	"pace": {"the ramp asks for 6.2 pods per 15 s, and 60 % of ten are six", []string{be + "autoscaling.targetUtilization=20%", be + "resources.requests.cpu=1", fe + "peakRps=90", "traffic.ramp=90s"},
		[]string{be + "autoscaling.scaleUpPercent=61"}, []string{be + "autoscaling.scaleUpPercent=60"}, []string{CapacityTime}},
	"node boot": {"the floor's nodes have no room for what comes while a node boots", []string{"nodes.groups[0].minSize=12"},
		[]string{"@nodes.bootSeconds=297"}, []string{"@nodes.bootSeconds=298"}, []string{CapacityTime}},
	"target": {"too little room between target and knee for the ramp", []string{be + "autoscaling.minReplicas=12"},
		[]string{be + "autoscaling.targetUtilization=86%"}, []string{be + "autoscaling.targetUtilization=87%"}, []string{CapacityTime}},
	"metric out of reach": {"91 % × 1.1 lies beyond the knee", []string{"traffic.growth=1", "slo.trigger=2m", fe + "autoscaling.metric=requestRate",
		fe + "autoscaling.minReplicas=14", fe + "autoscaling.maxReplicas=20"},
		[]string{fe + "autoscaling.targetUtilization=90%"}, []string{fe + "autoscaling.targetUtilization=91%"}, []string{HPAReachable}},
	"degradation": {"1.1 × the measured p99 of today", nil,
		[]string{"@services.frontend.p99Millis=69"}, []string{"@services.frontend.p99Millis=61"}, []string{LatencyPeak}},
	"p99": {"the slowest route alone takes 108 ms", []string{"traffic.growth=1", "slo.ttfb=100ms", be + "routes[2].ttfb=200ms"},
		[]string{be + "routes[2].p99=111ms"}, []string{be + "routes[2].p99=108ms"}, []string{LatencyPeak}},
	"first byte": {"a handler that does not stream sends it last", []string{"traffic.growth=1"},
		[]string{be + "routes[2].ttfb=111ms"}, []string{be + "routes[2].ttfb=108ms"}, []string{LatencyPeak}},
	"streamed": {"a handler that streams sends its first byte before", []string{"traffic.growth=1", be + "routes[2].ttfb=100ms"},
		[]string{"@services.backend.routes.POST /api/items.firstByteMillis=10"}, []string{"@services.backend.routes.POST /api/items.firstByteMillis=29"}, []string{LatencyPeak}},
	"working set": {"75 % of a cache.m7g.large", nil,
		[]string{"@cache.workingSetMiB=4902"}, []string{"@cache.workingSetMiB=4903"}, []string{CacheMemory}},
	"cache clients": {"256 in a rollout", nil,
		[]string{"cache.maxClients=256"}, []string{"cache.maxClients=255"}, []string{CacheConnections}},
	"ceiling too low": {"1760 rps need 14 pods of 133", nil,
		[]string{be + "autoscaling.maxReplicas=14"}, []string{be + "autoscaling.maxReplicas=13"}, []string{OriginLoad}},
	"cost of the floor": {"a floor above the budget is a ceiling above it, too", nil,
		[]string{"budget.monthly=9667"}, []string{"budget.monthly=4177"}, []string{CostFloor, CostCeiling}},
	"cost of the ceiling": {"9665.52 USD", nil,
		[]string{"budget.monthly=9667"}, []string{"budget.monthly=9665"}, []string{CostCeiling}},
	"price unknown": {"an unknown price is not 0", nil,
		[]string{"budget.prices.db.m7g.large.multiAz=0"}, []string{"budget.prices={}"}, []string{CostFloor, CostCeiling}},
	"CDN rules": {"50 on the business plan, 4 of them ours", nil,
		[]string{"edge.cloudflare.otherRules=46"}, []string{"edge.cloudflare.otherRules=47"}, []string{EdgeLimits}},
	"CDN transforms": {"the same number again", nil,
		[]string{"edge.cloudflare.otherTransforms=46"}, []string{"edge.cloudflare.otherTransforms=47"}, []string{EdgeLimits}},
	"CDN plan": {"2 h are the free plan's shortest edge TTL", []string{"edge.cloudflare.plan=free"},
		[]string{"edge.cloudflare.rules[0].edgeTtl=2h"}, []string{"edge.cloudflare.rules[0].edgeTtl=119m"}, []string{EdgeLimits}},
	"CDN cache key": {"only the enterprise plan tells answers apart by some parameters", []string{"edge.cloudflare.rules[0].queryKeys=[page]"},
		[]string{"edge.cloudflare.plan=enterprise"}, []string{"edge.cloudflare.plan=business"}, []string{EdgeLimits}},
	"CDN cache keys": {"100 parameters", []string{"edge.cloudflare.plan=enterprise"},
		[]string{"edge.cloudflare.rules[0].queryKeys=" + keys(100)}, []string{"edge.cloudflare.rules[0].queryKeys=" + keys(101)}, []string{EdgeLimits}},
	"CDN topology": {"only the enterprise plan has the generic one", []string{"edge.cloudflare.plan=enterprise"},
		[]string{"edge.cloudflare.tieredCache=generic"}, []string{"edge.cloudflare.tieredCache=generic", "edge.cloudflare.plan=business"}, []string{EdgeLimits}},
	"CDN expression": {"4096 characters in the rule for credentials", []string{"edge.cloudflare.plan=enterprise"},
		[]string{"edge.cloudflare.rules=" + rules("page", 34)}, []string{"edge.cloudflare.rules=" + rules("page", 35)}, []string{EdgeLimits}},
	"CDN behaviors": {"75 of a distribution", nil,
		[]string{"edge.cloudfront.rules=" + rules("private", 74)}, []string{"edge.cloudfront.rules=" + rules("private", 75)}, []string{EdgeLimits}},
	"CDN aliases": {"100 of a distribution", nil,
		[]string{"edge.cloudfront.aliases=" + aliases(100)}, []string{"edge.cloudfront.aliases=" + aliases(101)}, []string{EdgeLimits}},
	"CDN policies": {"20 of an account", nil,
		[]string{"edge.cloudfront.rules=" + rules("media", 20)}, []string{"edge.cloudfront.rules=" + rules("media", 21)}, []string{EdgeLimits}},
	"Vercel entries": {"2048 of a file; a page has one more for sessions", nil,
		[]string{"edge.vercel.projects[0].rules=" + rules("page", 1024)}, []string{"edge.vercel.projects[0].rules=" + rules("media", 2049)}, []string{EdgeLimits}},
	"Vercel pattern": {"4096 characters with what stands for the rest", nil,
		[]string{"edge.vercel.projects[0].rules[0].path=/" + strings.Repeat("a", 4090) + "/"}, []string{"edge.vercel.projects[0].rules[0].path=/" + strings.Repeat("a", 4091) + "/"}, []string{EdgeLimits}},
	"CDN TTL": {"1 s is its shortest", nil,
		[]string{"edge.cloudflare.rules[0].edgeTtl=1s"}, []string{"edge.cloudflare.rules[0].edgeTtl=999ms"}, []string{EdgeLimits}},
	"receivers of critical": {"a severity that reaches no one", nil,
		nil, []string{"monitoring.receivers[0].severities=[warning]"}, []string{AlertsRouted}},
	"receivers of warning": {"nor may the other one", nil,
		nil, []string{"monitoring.receivers[0].severities=[critical]"}, []string{AlertsRouted}},
	"exporter postgres": {"nothing tells how many connections there are", nil,
		nil, []string{"monitoring.exporters={redis: {mode: external, labels: {job: r}}, cloudwatch: {mode: external, labels: {job: c}}, cloudflare: {mode: external, labels: {job: f}}}"}, []string{AlertsRouted}},
	"dead man's switch": {"an alert that never comes", nil,
		nil, []string{"monitoring={metricsResolution: 15s, receivers: [{name: a, kind: slack, secretRef: {name: a, key: b}}], exporters: {postgres: {mode: external, labels: {job: p}}, redis: {mode: external, labels: {job: r}}, cloudwatch: {mode: external, labels: {job: c}}, cloudflare: {mode: external, labels: {job: f}}}}"}, []string{AlertsRouted}},
	"budget recipients": {"a bill that nobody reads", nil,
		nil, []string{"budget.emails=[]"}, []string{AlertsRouted}},
	"preStop": {"the load balancer sends for 30 s", nil,
		[]string{be + "rollout.preStop=30s"}, []string{be + "rollout.preStop=29s"}, []string{RolloutAvailability}},
	"grace": {"30 s + 20 s and a second", nil,
		[]string{be + "rollout.grace=51s"}, []string{be + "rollout.grace=50s"}, []string{RolloutAvailability}},
	"drain of the floor": {"four of five pods at target plus tolerance carry a drain", nil,
		[]string{be + "autoscaling.minReplicas=5"}, []string{be + "autoscaling.minReplicas=4"}, []string{RolloutAvailability}},
	"unavailable": {"of 13 pods, 24 % are 3", nil,
		[]string{be + `rollout.maxUnavailable="23%"`}, []string{be + `rollout.maxUnavailable="24%"`}, []string{RolloutAvailability}},
}

// keys, aliases and rules are lists of n.
func keys(n int) string { return each(n, func(i int) string { return fmt.Sprintf("k%d", i) }) }

func aliases(n int) string {
	return each(n, func(i int) string { return fmt.Sprintf("m%d.agencyos.example", i) })
}

func rules(class string, n int) string {
	return each(n, func(i int) string { return fmt.Sprintf("{name: r%d, path: /%04d/, class: %s}", i, i, class) })
}

func each(n int, item func(int) string) string {
	var items []string
	for i := range n {
		items = append(items, item(i))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func TestEdges(t *testing.T) {
	for name, tc := range edges {
		t.Run(name, func(t *testing.T) {
			if got := violatedIDs(planned(t, slices.Concat(tc.shared, tc.holds)...)); got != nil {
				t.Errorf("%s\n%v: violates %v, want none", tc.reason, tc.holds, got)
			}
			if diff := cmp.Diff(tc.want, violatedIDs(planned(t, slices.Concat(tc.shared, tc.breaks)...))); diff != "" {
				t.Errorf("%s\n%v: violated checks (-want +got):\n%s", tc.reason, tc.breaks, diff)
			}
		})
	}
}

// Every check is proven to be able to fail.
func TestEveryCheckHasAnEdge(t *testing.T) {
	seen := map[string]bool{}
	for _, tc := range edges {
		for _, id := range tc.want {
			seen[id] = true
		}
	}
	for _, id := range CheckIDs() {
		if !seen[id] {
			t.Errorf("no edge violates %s", id)
		}
	}
}

// subjects name the part that breaks, where a check has many.
func TestEdgesBreakTheirPart(t *testing.T) {
	subjects := map[string]string{
		"rollout connections": "rollout", "pgbouncer clients": "pgbouncer clients", "pgbouncer servers": "pgbouncer servers",
		"external pooler clients": "pooler clients", "external pooler servers": "pooler servers",
		"database CPU": "database CPU", "cold cache": "cold cache database CPU", "database I/O": "database I/O", "cache CPU": "cache CPU", "pooler CPU": "pooler CPU",
		"pool": "backend", "pooler's pool": "pgbouncer", "nodes": "at maximum in any order", "nodes packed": "at maximum", "CPU request": "backend CPU request", "memory request": "backend memory request", "memory": "at maximum in any order", "zone lost": "without us-east-1a in any order", "addresses": "us-east-1a",
		"ramp": "frontend", "pace": "backend scale-up", "metric out of reach": "frontend requestRate", "degradation": "frontend GET / degradation", "p99": "backend POST /api/items p99", "first byte": "backend POST /api/items first byte",
		"price unknown": "db.m7g.large.multiAz", "CDN rules": "cloudflare rules", "CDN TTL": "cloudflare app", "CDN transforms": "cloudflare transform rules", "CDN plan": "cloudflare app",
		"CDN cache key": "cloudflare app query keys", "CDN cache keys": "cloudflare app query keys", "CDN topology": "cloudflare tiered cache", "CDN expression": "cloudflare expression",
		"CDN behaviors": "cloudfront behaviors", "CDN aliases": "cloudfront aliases", "CDN policies": "cloudfront cache policies",
		"Vercel entries": "vercel docs", "Vercel pattern": "vercel docs pattern", "receivers of critical": "receivers of critical", "receivers of warning": "receivers of warning",
		"exporter postgres": "exporter postgres", "dead man's switch": "dead man's switch", "budget recipients": "budget recipients",
		"preStop": "backend deregistration", "grace": "backend grace", "drain of the floor": "backend capacity", "unavailable": "backend capacity",
	}
	for name, want := range subjects {
		tc := edges[name]
		c := check(t, planned(t, slices.Concat(tc.shared, tc.breaks)...), tc.want[0])
		if c.Subject != want {
			t.Errorf("%s: %s breaks at %q, want %q", name, c.ID, c.Subject, want)
		}
		if c.Slack() >= 0 && c.Limit != 0 {
			t.Errorf("%s: violated, but its slack is %g", name, c.Slack())
		}
	}
}

// The catalog has the prices of one region: elsewhere they are relied on.
func TestPricesOfAnotherRegionAreReliedOn(t *testing.T) {
	const said = "eu-west-1 costs no more than us-east-1, whose list prices the bill has; state others in budget.prices"
	zones := []string{"cluster.region=eu-west-1"}
	for i, letter := range []string{"a", "b", "c"} {
		zones = append(zones, fmt.Sprintf("cluster.subnets[%d].zone=eu-west-1%s", i, letter))
	}
	if relies := planned(t, zones...).Relies; !slices.Contains(relies, said) {
		t.Errorf("relies on %q", relies)
	}
	for _, r := range planned(t).Relies {
		if strings.Contains(r, "list prices") {
			t.Errorf("at home the plan relies on prices: %s", r)
		}
	}
}
