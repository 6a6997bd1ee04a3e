package spec

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestDefaults(t *testing.T) {
	service := func(s Stack) Service { return s.Services["backend"] }
	const bare = "services.backend={port: 80, peakRps: 5, resources: {requests: {cpu: 1, memory: 1Gi}}}"
	cases := map[string]struct {
		reason string
		sets   []string
		get    func(s Stack) any
		want   any
	}{
		"namespace":           {"Kubernetes's own", nil, func(s Stack) any { return s.Cluster.Namespace }, "default"},
		"pod addresses":       {"the CNI's own", nil, func(s Stack) any { return s.Cluster.PodIPMode }, SecondaryIP},
		"free addresses":      {"the block less the five of AWS", nil, func(s Stack) any { return *s.Cluster.Subnets[0].FreeIPs }, 1019},
		"free addresses set":  {"a stated number stays", nil, func(s Stack) any { return *s.Cluster.Subnets[1].FreeIPs }, 800},
		"growth":              {"the product's question", []string{"traffic="}, func(s Stack) any { return s.Traffic.Growth }, 5.0},
		"ramp":                {"ten minutes", []string{"traffic="}, func(s Stack) any { return s.Traffic.Ramp.String() }, "10m0s"},
		"amplification":       {"one request per miss", nil, func(s Stack) any { return s.Traffic.MissAmplification }, 1.0},
		"p99":                 {"200 ms", []string{"slo="}, func(s Stack) any { return s.SLO.P99.String() }, "200ms"},
		"ttfb follows p99":    {"no stricter than asked", []string{"slo={p99: 150ms}"}, func(s Stack) any { return s.SLO.TTFB.String() }, "150ms"},
		"trigger":             {"a minute", nil, func(s Stack) any { return s.SLO.Trigger.String() }, "1m0s"},
		"availability":        {"three nines", nil, func(s Stack) any { return s.SLO.Availability.String() }, "99.9%"},
		"addons":              {"nothing is installed unasked", nil, func(s Stack) any { return s.Addons.Prometheus }, External},
		"scrape":              {"the plan's metrics count on it", nil, func(s Stack) any { return s.Monitoring.ScrapeInterval.String() }, "15s"},
		"resolution":          {"the manifests' value, not the binary's 60s", nil, func(s Stack) any { return s.Monitoring.MetricsResolution.String() }, "15s"},
		"service mode":        {"the team's delivery owns it", nil, func(s Stack) any { return service(s).Mode }, External},
		"workers":             {"one process", []string{bare}, func(s Stack) any { return service(s).Workers }, 1},
		"routes":              {"all of the traffic is core", []string{bare}, func(s Stack) any { return service(s).Routes }, []Route{{Method: "GET", Path: "/", Share: 100, Core: true}}},
		"cdn of the traffic":  {"the stack's ratio where the service has none", []string{`traffic.cdnHitRatio="40%"`}, func(s Stack) any { return service(s).CDNHitRatio.String() }, "40%"},
		"cdn of the service":  {"an explicit 0 beats it", []string{`traffic.cdnHitRatio="40%"`, `services.backend.cdnHitRatio="0%"`}, func(s Stack) any { return service(s).CDNHitRatio.String() }, "0%"},
		"probes":              {"paths of the reference backend", nil, func(s Stack) any { return service(s).Probes }, Probes{"/health/ready", "/health/live"}},
		"balancing":           {"what an ALB does", nil, func(s Stack) any { return service(s).Balancing }, RoundRobin},
		"metric":              {"the one that reacts first", nil, func(s Stack) any { return service(s).Autoscaling.Metric }, InFlight},
		"margin":              {"a fifth", nil, func(s Stack) any { return service(s).Autoscaling.Margin.String() }, "20%"},
		"margin 0":            {"an explicit 0 stays", []string{`services.backend.autoscaling.margin="0%"`}, func(s Stack) any { return service(s).Autoscaling.Margin.String() }, "0%"},
		"pool timeout":        {"well below SQLAlchemy's 30 s", nil, func(s Stack) any { return service(s).Pool.Timeout.String() }, "5s"},
		"pool engines":        {"one", nil, func(s Stack) any { return service(s).Pool.Engines }, 1},
		"surge":               {"Kubernetes's own", nil, func(s Stack) any { return service(s).Rollout.MaxSurge.String() }, "25%"},
		"unavailable":         {"none: capacity stays", nil, func(s Stack) any { return service(s).Rollout.MaxUnavailable.String() }, "0%"},
		"preStop":             {"as long as the load balancer sends", nil, func(s Stack) any { return service(s).Rollout.PreStop.String() }, "20s"},
		"preStop alone":       {"5 s without an ingress", []string{bare}, func(s Stack) any { return service(s).Rollout.PreStop.String() }, "5s"},
		"grace":               {"preStop + drain + 5 s", nil, func(s Stack) any { return service(s).Rollout.Grace.String() }, "45s"},
		"grace set":           {"a stated one stays", []string{"services.backend.rollout.grace=90s"}, func(s Stack) any { return service(s).Rollout.Grace.String() }, "1m30s"},
		"deregistration":      {"30 s, below AWS's 300 s", []string{"services.backend.ingress={host: a.example.com}"}, func(s Stack) any { return *service(s).Ingress.DeregistrationSeconds }, 30},
		"multi-AZ":            {"on unless refused", nil, func(s Stack) any { return *s.Database.MultiAZ }, true},
		"single-AZ":           {"an explicit false stays", []string{"database.multiAz=false"}, func(s Stack) any { return *s.Database.MultiAZ }, false},
		"pooler":              {"none", nil, func(s Stack) any { return s.Database.Pooler }, NoPooler},
		"storage":             {"twice as far as it starts", nil, func(s Stack) any { return s.Database.Storage }, Storage{100, 200, 3000}},
		"striped storage":     {"four volumes from 400 GiB", []string{"database.storage={gib: 400}"}, func(s Stack) any { return s.Database.Storage }, Storage{400, 800, 12000}},
		"no backups":          {"an explicit 0 stays", []string{"database.backupDays=0"}, func(s Stack) any { return *s.Database.BackupDays }, 0},
		"pgbouncer":           {"three, so that one may fail", []string{"database.pooler=pgbouncer", "database.pgbouncer={image: p:1.26.1, userList: {name: a, key: b}}"}, func(s Stack) any { return s.Database.PgBouncer.Replicas }, 3},
		"no database":         {"absent stays absent", []string{"database=", "services.backend.pool.size=1", bare}, func(s Stack) any { return s.Database.Port }, 0},
		"cache engine":        {"the open one", nil, func(s Stack) any { return s.Cache.Engine }, Valkey},
		"cache clients":       {"ElastiCache's own", nil, func(s Stack) any { return s.Cache.MaxClients }, 65000},
		"cache reserve":       {"ElastiCache's own", nil, func(s Stack) any { return s.Cache.ReservedMemory.String() }, "25%"},
		"no replicas":         {"an explicit 0 stays", []string{"cache.replicas=0"}, func(s Stack) any { return *s.Cache.Replicas }, 0},
		"zones":               {"those of the subnets, once each", nil, func(s Stack) any { return s.Nodes.Groups[0].Zones }, []string{"us-east-1a", "us-east-1b"}},
		"daemon sets":         {"an estimate, stated", nil, func(s Stack) any { return *s.Nodes.DaemonSets }, PodAmounts{300, 512, 4}},
		"group mode":          {"nothing is created unasked", nil, func(s Stack) any { return s.Nodes.Groups[0].Mode }, External},
		"cloudflare mode":     {"nothing is created unasked", nil, func(s Stack) any { return s.Edge.Cloudflare.Mode }, External},
		"cloudfront price":    {"the cheapest", []string{"edge.cloudfront={aliases: [m.example.com]}"}, func(s Stack) any { return s.Edge.CloudFront.PriceClass }, PriceClass100},
		"session cookies":     {"that of Starlette", nil, func(s Stack) any { return s.Edge.SessionCookies }, []string{"session"}},
		"no session cookies":  {"an explicit [] stays", []string{"edge.sessionCookies=[]"}, func(s Stack) any { return s.Edge.SessionCookies }, []string{}},
		"phases":              {"as the zone", []string{"edge.cloudflare.mode=managed", "edge.cloudflare.zoneId=" + zone}, phases, []Mode{Managed, Managed, Managed}},
		"one phase":           {"as it says", []string{"edge.cloudflare.headerPhase.mode=managed", "edge.cloudflare.zoneId=" + zone}, phases, []Mode{External, Managed, External}},
		"adopted zone":        {"settings have no id to adopt", []string{"edge.cloudflare={mode: adopt, zone: example.com, zoneId: " + zone + ", plan: pro, cachePhase: {rulesetId: a}, headerPhase: {rulesetId: b}}"}, phases, []Mode{Adopt, Adopt, External}},
		"tiered cache":        {"where settings are ours", []string{"edge.cloudflare.settings=managed", "edge.cloudflare.zoneId=" + zone}, func(s Stack) any { return s.Edge.Cloudflare.TieredCache }, TieredSmart},
		"no tiered cache":     {"settings of others stay", nil, func(s Stack) any { return s.Edge.Cloudflare.TieredCache }, TieredCache("")},
		"bucket mode":         {"as the distribution", []string{"edge.cloudfront={mode: managed}"}, func(s Stack) any { return s.Edge.CloudFront.Bucket.Mode }, Managed},
		"origin shield":       {"on", []string{"edge.cloudfront={mode: managed}"}, func(s Stack) any { return *s.Edge.CloudFront.OriginShield }, true},
		"records of others":   {"untouched", []string{"edge.cloudfront={mode: managed}"}, func(s Stack) any { return s.Edge.CloudFront.DNS }, External},
		"zone hosts":          {"those of the ingresses", nil, func(s Stack) any { return s.ZoneHosts() }, []string{"api.example.com"}},
		"zone without hosts":  {"its own name", []string{"edge.cloudflare.zone=other.example"}, func(s Stack) any { return s.ZoneHosts() }, []string{"other.example"}},
		"hosts without zone":  {"none", []string{"edge={}"}, func(s Stack) any { return s.ZoneHosts() }, []string(nil)},
		"external processes":  {"one core", []string{"database.pooler=external", "database.externalPooler={maxClients: 9, serverConnections: 9}"}, func(s Stack) any { return s.Database.ExternalPooler.Processes }, 1},
		"zones of pods":       {"those of the groups", nil, func(s Stack) any { return s.PodZones() }, []string{"us-east-1a", "us-east-1b"}},
		"zones of some pods":  {"where the groups are", []string{"nodes.groups[0].zones=[us-east-1b]"}, func(s Stack) any { return s.PodZones() }, []string{"us-east-1b"}},
		"a route's key":       {"as in the baseline", nil, func(s Stack) any { return service(s).Routes[0].Key() }, "GET /api/items"},
		"an EKS stack":        {"is not local", nil, func(s Stack) any { return s.Local() }, false},
		"preStop moves grace": {"the derived one follows", nil, func(s Stack) any { return service(s).Rollout.WithPreStop(Duration(40 * time.Second)).Grace.String() }, "1m5s"},
		"a stated grace stays": {"when preStop moves", []string{"services.backend.rollout.grace=90s"},
			func(s Stack) any { return service(s).Rollout.WithPreStop(Duration(40 * time.Second)).Grace.String() }, "1m30s"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.get(decode(t, tc.sets...))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// phases are the modes of a zone's parts.
func phases(s Stack) any {
	c := s.Edge.Cloudflare
	return []Mode{c.CachePhase.Mode, c.HeaderPhase.Mode, c.Settings}
}

// same compares stacks by what the stack file says.
var same = cmp.Options{cmpopts.IgnoreUnexported(Rollout{}), cmpopts.EquateEmpty()}

func TestDefaultsAreIdempotent(t *testing.T) {
	for _, s := range []Stack{decode(t), {}, decode(t, "services.backend.rollout.preStop=40s")} {
		once := s.withDefaults()
		if diff := cmp.Diff(once, once.withDefaults(), same); diff != "" {
			t.Errorf("defaults of defaults (-once +twice):\n%s", diff)
		}
	}
}

// The caller's value must not change: plan asks "what if" of one stack many times.
func TestDefaultsShareNothing(t *testing.T) {
	s := decode(t)
	s.Services["backend"] = func(v Service) Service { v.Pool.Timeout = 0; v.Ingress.DeregistrationSeconds = nil; return v }(s.Services["backend"])
	s.Nodes.Groups[0].Zones = nil
	before := fmt.Sprintf("%+v %+v %v", s.Services["backend"].Pool, s.Services["backend"].Ingress, s.Nodes.Groups)
	_ = s.withDefaults()
	if diff := cmp.Diff(before, fmt.Sprintf("%+v %+v %v", s.Services["backend"].Pool, s.Services["backend"].Ingress, s.Nodes.Groups)); diff != "" {
		t.Errorf("withDefaults changed what it was given (-before +after):\n%s", diff)
	}
}
