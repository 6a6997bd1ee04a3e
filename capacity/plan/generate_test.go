package plan

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/spec"
)

// generator writes stack files and baselines that decode, from sensible to
// absurd.
type generator struct {
	t *rapid.T
}

func (g generator) count(name string, low, high int) int {
	return rapid.IntRange(low, high).Draw(g.t, name)
}

// size is spread evenly over orders of magnitude.
func (g generator) size(name string, low, high float64) float64 {
	x := rapid.Float64Range(math.Log(low), math.Log(high)).Draw(g.t, name)
	return math.Min(high, math.Max(low, math.Exp(x)))
}

func (g generator) maybe(name string) bool { return rapid.IntRange(0, 3).Draw(g.t, name) == 0 }

func (g generator) one(name string, of ...string) string {
	return rapid.SampledFrom(of).Draw(g.t, name)
}

// inputs are a stack and its baseline.
func (g generator) inputs() (spec.Stack, baseline.Baseline) {
	g.t.Helper()
	var services, measured []string
	local := g.maybe("local")
	managed := "{mode: managed, nodeType: cache.t4g.small}"
	if local {
		managed = `{mode: managed, image: "redis:7.4.7", maxMemory: 100Mi}`
	}
	database, cache := g.one("database", g.databases(local)...), g.one("cache", "", managed, "{mode: external, host: c, nodeType: cache.t4g.small}", "{mode: external, host: c, maxMemory: 100Mi, maxClients: 60}")
	for i := range g.count("services", 1, 3) {
		name := fmt.Sprintf("s%d", i)
		uses := database != "" && g.maybe("uses database") || i == 0 && database != ""
		services = append(services, "    "+name+": "+g.service(uses))
		measured = append(measured, fmt.Sprintf("%q: %s", name, g.measured(uses, cache != "" && uses)))
	}
	text := fmt.Sprintf(`config:
  headroom:cluster: %s
  headroom:traffic: {growth: %g, ramp: %ds, missAmplification: %g}
  headroom:slo: {p99: %dms, trigger: %ds}
  headroom:monitoring: {metricsResolution: %ds, receivers: [{name: a, kind: slack, secretRef: {name: a, key: b}}], deadMansSwitch: {name: a, key: c}, grafanaAdmin: g,
    exporters: {postgres: %[11]s, pgbouncer: %[11]s, redis: %[11]s, cloudwatch: {mode: external, labels: {job: c}}}}
  headroom:addons: {prometheus: %[12]s, prometheusAdapter: %[12]s}
  headroom:budget: {monthly: %[8]g, emails: [a@b.example]}
  headroom:nodes: %[9]s
  headroom:services:
%[10]s
`, g.cluster(local), math.Round(100*g.size("growth", 1, 100))/100, g.count("ramp", 1, 3600), g.size("amplification", 1, 10),
		g.count("p99", 1, 3000), g.count("trigger", 1, 200), g.count("resolution", 10, 90), g.size("monthly", 10, 1e8), g.nodes(), strings.Join(services, "\n"),
		g.one("exporters", "{mode: external, labels: {job: e}}", "{secretRef: {name: a, key: b}}"), g.one("watcher", "external", "managed"))
	if database != "" {
		text += "  headroom:database: " + database + "\n"
	}
	if cache != "" {
		text += "  headroom:cache: " + cache + "\n"
	}
	stack, err := spec.DecodeFile("random", []byte(text))
	if err != nil {
		g.t.Fatalf("the generator wrote a stack that does not decode:\n%v\n%s", err, text)
	}
	figures := fmt.Sprintf(`{"stack": "random", "source": "rapid", "date": "2026-11-23", "services": {%s}, "nodes": {"bootSeconds": %g}, "cache": {"workingSetMiB": %g, "opMicros": %g}}`,
		strings.Join(measured, ", "), g.size("boot", 1, 1000), g.size("set", 1, 1e4), g.size("op", 1, 1000))
	base, err := baseline.Decode([]byte(figures))
	if err != nil {
		g.t.Fatalf("the generator wrote a baseline that does not decode:\n%v\n%s", err, figures)
	}
	return stack, base
}

func (g generator) cluster(local bool) string {
	if local {
		return `{context: kind, version: "1.35"}`
	}
	zones := g.count("zones", 1, 4)
	var subnets []string
	for i := range zones {
		subnets = append(subnets, fmt.Sprintf("{id: subnet-%d, zone: us-east-1%c, cidr: 10.0.%d.0/%d}", i, 'a'+i, 8*i, g.count("bits", 21, 28)))
	}
	return fmt.Sprintf(`{name: a, account: "111122223333", version: "1.35", region: us-east-1, vpcId: vpc-a, nodeSecurityGroupId: sg-a, podIpMode: %s, subnets: [%s]}`,
		g.one("ip mode", "secondary", "prefix"), strings.Join(subnets, ", "))
}

func (g generator) nodes() string {
	var groups []string
	for i := range g.count("groups", 1, 3) {
		low := g.count("minSize", 0, 20)
		high := low + g.count("more nodes", 0, 60)
		what := "instanceTypes: [" + g.one("type", "m7i.xlarge", "m7i.large", "t3.medium") + "]"
		if g.maybe("capacity") {
			what = fmt.Sprintf("fixed: {cpu: %dm, memory: %dMi, pods: %d}", g.count("cpu", 1, 9000), g.count("mem", 1, 9000), g.count("pods", 1, 120))
		}
		sizes := g.one("sizes", fmt.Sprintf("mode: external, minSize: %d, maxSize: %d", low, high), "mode: managed",
			fmt.Sprintf("mode: managed, minSize: %d", low), fmt.Sprintf("mode: managed, maxSize: %d", high+8)) // at least a node per zone
		groups = append(groups, fmt.Sprintf("{name: g%d, %s, %s}", i, sizes, what))
	}
	return "{groups: [" + strings.Join(groups, ", ") + "]}"
}

func (g generator) databases(local bool) []string {
	others := fmt.Sprintf("otherClients: [{name: a, connections: %d}]", g.count("others", 1, 30))
	limit := ""
	name := g.one("class", "db.t4g.micro", "db.t4g.medium", "db.m7g.large", "db.m7g.4xlarge")
	if g.maybe("limit") {
		row, _ := catalog.Database(name)
		limit = fmt.Sprintf(", maxConnections: %d", g.count("max connections", 20, row.MaxConnectionsBound))
	}
	class := fmt.Sprintf(`mode: managed, engineVersion: "17", instanceClass: %s%s, %s`, name, limit, others)
	if local {
		class = fmt.Sprintf(`mode: managed, image: "postgres:17.7", vcpus: %d, maxConnections: %d, %s`, g.count("pod cores", 1, 8), g.count("pod max", 20, 500), others)
	}
	bouncer := fmt.Sprintf("pooler: pgbouncer, pgbouncer: {image: p:1.26.1, replicas: %d, reservePool: %d, userList: {name: a, key: b}%s}", g.count("replicas", 2, 5), g.count("reserve", 0, 5),
		g.one("sized", "", fmt.Sprintf(", poolSize: %d", g.count("pool", 1, 300)), fmt.Sprintf(", maxClientConn: %d", g.count("clients", 1, 6000))))
	other := fmt.Sprintf("pooler: external, externalPooler: {maxClients: %d, serverConnections: %d}", g.count("pooler clients", 1, 5000), g.count("pooler servers", 1, 500))
	return []string{"", "{" + class + "}", "{" + class + ", " + bouncer + "}", "{" + class + ", " + other + "}",
		fmt.Sprintf("{mode: external, host: h, vcpus: %d, maxConnections: %d, %s}", g.count("vcpus", 1, 32), g.count("external max", 20, 5000), others)}
}

func (g generator) service(uses bool) string {
	cpu, memory := g.count("request", 1, 4000), g.count("memory", 1, 4096)
	out := fmt.Sprintf("port: 80, workers: %d, peakRps: %g, cdnHitRatio: %d%%, balancing: %s, rollout: {maxSurge: %d%%, maxUnavailable: %d%%, drain: %ds, grace: %ds}, resources: {requests: {cpu: %dm, memory: %dMi}",
		g.count("workers", 1, 6), g.size("peak", 0.01, 1e5), g.count("cdn", 0, 99), g.one("balancing", "roundRobin", "random", "leastOutstanding"),
		g.count("surge", 1, 100), g.orNone("unavailable", 0, 50), g.count("drain", 1, 60), g.count("grace", 1, 120), cpu, memory)
	if g.maybe("limits") {
		out += fmt.Sprintf(", limits: {cpu: %dm}", cpu+g.count("more cpu", 0, 4000))
	}
	out += "}, autoscaling: {metric: " + g.one("metric", "inFlight", "requestRate", "cpu")
	low := g.count("min", 1, 50)
	if g.maybe("min set") {
		out += fmt.Sprintf(", minReplicas: %d", low)
	}
	if g.maybe("max set") {
		out += fmt.Sprintf(", maxReplicas: %d", low+g.count("more replicas", 0, 400))
	}
	if g.maybe("target set") {
		out += fmt.Sprintf(", targetUtilization: %d%%", g.count("target", 10, 95))
	}
	out += fmt.Sprintf(", margin: %d%%}", g.count("margin", 0, 100))
	if uses && g.maybe("pool set") {
		out += fmt.Sprintf(", pool: {size: %d, maxOverflow: %d, engines: %d}", g.count("size", 1, 40), g.count("overflow", 0, 40), g.count("engines", 1, 3))
	}
	return "{" + out + "}"
}

// orNone is 0 or a number: most rollouts take nothing away.
func (g generator) orNone(name string, low, high int) int {
	if !g.maybe(name + " set") {
		return low
	}
	return g.count(name, low, high)
}

func (g generator) measured(database, cache bool) string {
	cpu := g.size("cpuMillis", 0.05, 300)
	out := fmt.Sprintf(`"kneeRps": %g, "cpuMillis": %g, "serviceMillis": %g, "serviceCv2": %g, "idleCpuMilli": %d, "startupSeconds": %g, "memoryMiB": 1`,
		g.size("knee", 0.1, 5000), cpu, cpu*g.size("beside CPU", 1, 20), g.size("cv2", 0.01, 20), g.count("idle", 0, 50), g.size("startup", 0.1, 300))
	if cache {
		out += fmt.Sprintf(`, "cacheHitRatio": %g, "cacheOpsPerRequest": %d`, float64(g.count("hits", 0, 99))/100, g.count("ops", 1, 20))
	}
	if database {
		out += fmt.Sprintf(`, "database": {"holdMillis": %g, "holdCv2": %g, "cpuMillis": %g, "ioPerRequest": %d, "transactionsPerRequest": %d}`,
			g.size("hold", 0.1, 500), g.size("hold cv2", 0.01, 20), g.size("db cpu", 0.01, 50), g.count("io", 0, 20), g.count("transactions", 1, 5))
	}
	return "{" + out + "}"
}

func random(t *rapid.T) (spec.Stack, baseline.Baseline) {
	stack, base := generator{t}.inputs()
	return stack, base
}

// A generator that only made hopeless stacks would prove little.
func TestGeneratorMakesBothKinds(t *testing.T) {
	held, refused := map[string]int{}, map[string]int{}
	gen := rapid.Custom(func(t *rapid.T) [2]any { s, b := random(t); return [2]any{s, b} })
	for seed := range 400 {
		pair := gen.Example(seed)
		in := input{stack: pair[0].(spec.Stack), base: pair[1].(baseline.Baseline)}
		for _, c := range in.assess() {
			if c.OK && len(c.Parts) > 0 {
				held[c.ID]++
			} else if !c.OK {
				refused[c.ID]++
			}
		}
	}
	for _, id := range CheckIDs() {
		if held[id] < 10 && id != EdgeLimits {
			t.Errorf("%s held %d times", id, held[id])
		}
		if refused[id] < 5 && id != EdgeLimits && id != AlertsRouted {
			t.Errorf("%s was violated %d times", id, refused[id])
		}
	}
}
