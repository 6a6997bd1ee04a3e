package spec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/golden"
)

const zone = "0123456789abcdef0123456789abcdef"

// bad inputs: sets are applied to the base, each must give one line, or as many
// as stated.
var bad = map[string]struct {
	reason string
	sets   []string
	lines  int
}{
	"unknown key":             {reason: "a typo must not be ignored", sets: []string{"services.backend.wrokers=3"}},
	"unknown key far off":     {reason: "nothing is near, so all are listed", sets: []string{"traffic.zzzzzzzz=3"}},
	"unknown concern":         {reason: "the same at the top", sets: []string{"datbase.mode=managed"}},
	"wrong case":              {reason: "encoding/json would take it", sets: []string{"services.backend.autoscaling.maxreplicas=9"}},
	"memory without unit":     {reason: "500 bytes or MiB?", sets: []string{`services.backend.resources.requests.memory="500"`}},
	"percent without sign":    {reason: "60 or 0.6?", sets: []string{`services.backend.autoscaling.targetUtilization="60"`}},
	"duration without unit":   {reason: "seconds or milliseconds?", sets: []string{"slo.p99=200"}},
	"negative load":           {reason: "no negative traffic", sets: []string{"services.backend.peakRps=-320"}},
	"zero load":               {reason: "a service without load needs no capacity", sets: []string{"services.backend.peakRps=0"}},
	"absurd load":             {reason: "more than the world sends", sets: []string{"services.backend.peakRps=1e12"}},
	"negative ratio":          {reason: "no negative share", sets: []string{`services.backend.cdnHitRatio="-5%"`}},
	"negative duration":       {reason: "no negative time", sets: []string{"traffic.ramp=-10m"}},
	"negative memory":         {reason: "refused by its form", sets: []string{"services.backend.resources.limits.memory=-1Gi"}},
	"min above max":           {reason: "an autoscaler refuses it", sets: []string{"services.backend.autoscaling.minReplicas=9", "services.backend.autoscaling.maxReplicas=3"}},
	"nodes min above max":     {reason: "a node group refuses it", sets: []string{"nodes.groups[0].minSize=30"}},
	"tolerance before 1.35":   {reason: "the API server would drop it", sets: []string{`services.backend.autoscaling.tolerance="5%"`, `cluster.version="1.34"`}},
	"window over an hour":     {reason: "the API refuses it", sets: []string{`services.backend.autoscaling.scaleDownWindow="2h"`}},
	"no growth at all":        {reason: "the API refuses a policy of 0", sets: []string{"services.backend.autoscaling.scaleUpPercent=0"}},
	"max 0":                   {reason: "an autoscaler refuses it", sets: []string{"services.backend.autoscaling.maxReplicas=0"}},
	"pool 0":                  {reason: "SQLAlchemy reads it as unlimited", sets: []string{"services.backend.pool.size=0"}},
	"overflow -1":             {reason: "SQLAlchemy reads it as unlimited", sets: []string{"services.backend.pool.maxOverflow=-1"}},
	"unknown class":           {reason: "no memory and no price is known for it", sets: []string{"database.instanceClass=db.m7g.lagre"}},
	"unknown class far off":   {reason: "nothing is near", sets: []string{"database.instanceClass=zzzzzzzzzzzzzzzzzzzzzz"}},
	"unknown node type":       {reason: "the same for nodes", sets: []string{"nodes.groups[0].instanceTypes[0]=m7i.xlrage"}},
	"unknown cache type":      {reason: "the same for caches", sets: []string{"cache.nodeType=cache.m7g.lrage"}},
	"unknown enum":            {reason: "a closed set", sets: []string{"database.pooler=pgbounce"}},
	"secret in an object":     {reason: "a committed file holds no secret", sets: []string{"monitoring.receivers[0].name={secure: AAABAL}"}},
	"secret as a concern":     {reason: "nor a whole object", sets: []string{"slo={secure: AAABAL}"}},
	"rule without effect":     {reason: "the last match wins, so a broad rule at the end hides the others", sets: []string{`edge={cloudflare: {zone: a.example, plan: pro, rules: [{name: assets, path: /assets/, class: immutable}, {name: all, path: /, class: private}]}}`}},
	"secret in plain text":    {reason: "Pulumi's own secret, not encrypted; the value is not repeated", sets: []string{"cachePassword=hunter2"}},
	"password in env":         {reason: "by its name; the value is not repeated", sets: []string{"services.backend.env={DB_PASSWORD: hunter2}"}},
	"password in a URL":       {reason: "by its form; the value is not repeated", sets: []string{`services.backend.env={DB: "postgres://app:hunter2@db/app"}`}},
	"text for a number":       {reason: "pulumi config set writes text", sets: []string{`services.backend.workers="3"`}},
	"number for text":         {reason: "1.30 would become 1.3", sets: []string{"cluster.version=1.30"}},
	"number for a bool":       {reason: "1 is not true", sets: []string{"database.multiAz=1"}},
	"text for a bool":         {reason: "nor is yes in quotes", sets: []string{`database.multiAz="yes"`}},
	"part of a worker":        {reason: "a count is whole", sets: []string{"services.backend.workers=1.5"}},
	"count past 32 bits":      {reason: "Kubernetes counts in int32", sets: []string{"services.backend.workers=4294967296"}},
	"hostile key":             {reason: "one line per problem, and none that moves the cursor", sets: []string{`traffic={"a\r\n\e[2Jb": 1}`}},
	"hostile value":           {reason: "the same for a value", sets: []string{`database.pooler="x\r\n\e[2Jb"`}},
	"null":                    {reason: "an empty YAML value", sets: []string{"services.backend.peakRps=null"}},
	"null concern":            {reason: "a key without its indented block", sets: []string{"traffic=null"}},
	"map for a list":          {reason: "a forgotten dash", sets: []string{"nodes.groups={name: web}"}},
	"list for a map":          {reason: "a dash too many", sets: []string{"services=[{port: 1}]"}},
	"text for a map":          {reason: "a forgotten block", sets: []string{"cluster=prod"}},
	"list for a quantity":     {reason: "not a scalar", sets: []string{"slo.p99=[200ms]"}},
	"null in a list":          {reason: "a dash without a value", sets: []string{"nodes.groups[0].instanceTypes=[m7i.xlarge, null]"}},
	"list item of text":       {reason: "an item that should be a map", sets: []string{"services.backend.routes[0]=GET"}},
	"shares below 100":        {reason: "the rest would have no cost", sets: []string{"services.backend.routes[0].share=50%"}},
	"no core route":           {reason: "the promises would bind nothing", sets: []string{"services.backend.routes[0].core=false"}},
	"route twice":             {reason: "which share counts?", sets: []string{`services.backend.routes[1].method=GET`, "services.backend.routes[1].path=/api/items"}},
	"limit below request":     {reason: "Kubernetes refuses it", sets: []string{"services.backend.resources.limits.memory=512Mi"}},
	"no rollout":              {reason: "Kubernetes refuses both at 0", sets: []string{`services.backend.rollout.maxSurge="0%"`}},
	"part of a surge":         {reason: "Kubernetes reads no fractions", sets: []string{`services.backend.rollout.maxSurge="12.5%"`}},
	"part of a pod away":      {reason: "the same for the pods below", sets: []string{`services.backend.rollout.maxUnavailable="0.5%"`}},
	"old pooler":              {reason: "anyone can hang it", sets: []string{"database.pooler=pgbouncer", "database.pgbouncer={image: p:1.26.0, userList: {name: a, key: b}}"}},
	"no service":              {reason: "nothing to plan", sets: []string{"services={}"}},
	"missing concern":         {reason: "required", sets: []string{"budget="}},
	"database without mode":   {reason: "it would be ignored as a whole", sets: []string{"database={instanceClass: db.m7g.large}"}, lines: 2},
	"cache without mode":      {reason: "it would be ignored as a whole", sets: []string{"cache={nodeType: cache.m7g.large}"}},
	"cache of default":        {reason: "the default user is off", sets: []string{"cache.user=default"}},
	"old cache":               {reason: "it has no users", sets: []string{`cache={mode: managed, nodeType: cache.m7g.large, engine: redis, engineVersion: "5.0"}`}},
	"host of a managed one":   {reason: "it tells its own", sets: []string{"cache.mode=managed"}},
	"memory of a node":        {reason: "a node has what it has, whatever is hoped of it", sets: []string{"cache.nodeType=cache.t4g.small", "cache.maxMemory=100Gi"}},
	"cache groups":            {reason: "they would be ignored", sets: []string{"cache.adopt={subnetGroup: a}"}},
	"adopted cache":           {reason: "with which parameter group?", sets: []string{"cache={mode: adopt, id: shop, nodeType: cache.m7g.large}"}},
	"forms of cache ids":      {reason: "before AWS says so", sets: []string{"cache={mode: adopt, id: Shop, nodeType: cache.m7g.large, adopt: {parameterGroup: p, securityGroup: shop, ingressRule: x}}"}, lines: 3},
	"cache client":            {reason: "it waits no longer than a request, and spreads", sets: []string{"cache.client={poolTimeout: 11s, ttl: 1ms, jitter: 60%, stale: 25h}"}, lines: 4},
	"eviction policy":         {reason: "a closed set", sets: []string{"cache.policy=lru"}},
	"window of maintenance":   {reason: "days and times", sets: []string{"cache.maintenanceWindow=sunday"}},
	"pool without database":   {reason: "connections to nothing", sets: []string{"database="}},
	"latest":                  {reason: "an image that changes under the plan", sets: []string{"services.backend.mode=managed", "services.backend.image=app:latest"}},
	"adopt without id":        {reason: "which one, and with which parameter group?", sets: []string{"database.mode=adopt"}, lines: 2},
	"id without adopt":        {reason: "which of the two is meant?", sets: []string{"database.id=shop-db"}},
	"node group's id":         {reason: "the same everywhere", sets: []string{"nodes.groups[0].mode=external", "nodes.groups[0].id=web"}},
	"service without id":      {reason: "which Deployment?", sets: []string{"services.backend.mode=adopt"}},
	"object without space":    {reason: "Pulumi imports by namespace and name", sets: []string{"services.backend.adopt.autoscaler=backend"}},
	"object elsewhere":        {reason: "an autoscaler reaches only its own namespace", sets: []string{"services.backend.adopt.autoscaler=other/backend", "services.backend.adopt.disruptionBudget=other/backend", "services.backend.adopt.settings=other/backend"}, lines: 3},
	"adopted with an image":   {reason: "it would never be used", sets: []string{"services.backend.mode=adopt", "services.backend.id=default/backend", "services.backend.image=app:1", "services.backend.env={A: b}"}, lines: 2},
	"two names":               {reason: "which Deployment?", sets: []string{"services.backend.mode=adopt", "services.backend.id=default/backend", "services.backend.deployment=api"}},
	"selector of ours":        {reason: "the selector of a managed Deployment is fixed", sets: []string{"services.backend.mode=managed", "services.backend.image=app:1", "services.backend.selector={app: x}"}},
	"container of nobody":     {reason: "nothing is set on it", sets: []string{"services.backend.container=app"}},
	"groups without adopt":    {reason: "they would be ignored", sets: []string{"database.adopt={subnetGroup: a}"}},
	"rule without its group":  {reason: "a rule belongs to a group", sets: []string{"database.mode=adopt", "database.id=shop-db", "database.adopt={parameterGroup: shop-pg, ingressRule: sgr-0a}"}},
	"forms of RDS ids":        {reason: "before AWS says so", sets: []string{"database.mode=adopt", "database.id=shop_db", "database.adopt={parameterGroup: shop-pg, securityGroup: shop, subnetGroup: a/b}"}, lines: 3},
	"bouncer without one":     {reason: "nothing to adopt for", sets: []string{"database.pgbouncer={adopt: {service: default/pgbouncer}}"}},
	"bouncer elsewhere":       {reason: "in the stack's namespace", sets: []string{"database.pooler=pgbouncer", "database.pgbouncer={image: p:2.0.0, userList: {name: a, key: b}, adopt: {service: other/pgbouncer}}"}},
	"parameter twice":         {reason: "the budget is proven with one of them", sets: []string{`database.parameters={max_connections: "100"}`}},
	"parameters of others":    {reason: "nobody would set them", sets: []string{"database={mode: external, host: db.example.com, instanceClass: db.m7g.large, parameters: {work_mem: \"1\"}}"}},
	"replace everything":      {reason: "an exception is for one resource", sets: []string{`policy.replacements=[{resource: "*", reason: move, until: "2026-12-31"}]`}},
	"replace for ever":        {reason: "exceptions end", sets: []string{`policy.replacements=[{resource: prod-db, reason: " ", until: some day}]`}, lines: 2},
	"external without limit":  {reason: "nothing to count on", sets: []string{"database={mode: external, host: db.example.com}"}, lines: 2},
	"waiver without reason":   {reason: "an excuse needs one", sets: []string{`waivers=[{check: db-load, reason: " ", until: "2026-12-31"}]`}},
	"waiver without end":      {reason: "exceptions end", sets: []string{`waivers=[{check: db-load, reason: tested, until: soon}]`}},
	"EKS as local":            {reason: "a local stack knows no account", sets: []string{"cluster={version: '1.35', namespace: web, context: 'arn:aws:eks:us-east-1:111122223333:cluster/shop'}", "database={mode: external, host: db.example.com, maxConnections: 900, vcpus: 2}"}},
	"EKS and local":           {reason: "one cluster per stack", sets: []string{"cluster.context=kind-x", "database={mode: external, host: db.example.com, maxConnections: 900, vcpus: 2}"}},
	"too many free IPs":       {reason: "more than the block holds", sets: []string{"cluster.subnets[0].freeIps=2000"}},
	"cached inside private":   {reason: "a private path wins over everything below it", sets: []string{"edge.cloudflare.rules=[{name: files, path: /account/files/, class: immutable}, {name: account, path: /account/, class: private}]"}},
	"frozen page":             {reason: "a year without a way back", sets: []string{"edge.cloudflare.rules=[{name: all, path: /, class: immutable}, {name: worker, path: /sw.js, class: immutable}, {name: home, path: /index.html, class: immutable}]"}, lines: 3},
	"rule twice":              {reason: "the CDN knows a rule by its name", sets: []string{"edge.cloudflare.rules=[{name: a, path: /, class: page}, {name: a, path: /b/, class: page}]"}},
	"reserved name":           {reason: "Headroom adds that rule", sets: []string{"edge.cloudflare.rules=[{name: signed-in, path: /, class: page}]"}},
	"pattern as path":         {reason: "a path is no pattern", sets: []string{`edge.cloudflare.rules=[{name: a, path: "/a*", class: page}]`}},
	"quote in a path":         {reason: "it would end an expression of the zone", sets: []string{`edge.cloudflare.rules=[{name: a, path: '/"', class: page}]`}},
	"host of others":          {reason: "a rule reaches only into its zone", sets: []string{"edge.cloudflare.rules=[{name: a, host: a.other.example, path: /, class: page}]"}},
	"zone without id":         {reason: "which one?", sets: []string{"edge.cloudflare.mode=managed"}},
	"zone id":                 {reason: "as Cloudflare writes it", sets: []string{"edge.cloudflare.mode=managed", "edge.cloudflare.zoneId=example.com"}},
	"phase without id":        {reason: "which one?", sets: []string{"edge.cloudflare.cachePhase.mode=adopt", "edge.cloudflare.zoneId=" + zone}},
	"adopted settings":        {reason: "they have no id", sets: []string{"edge.cloudflare.settings=adopt", "edge.cloudflare.zoneId=" + zone}},
	"negative others":         {reason: "no negative rules", sets: []string{"edge.cloudflare.otherRules=-1", "edge.cloudflare.otherTransforms=-1"}, lines: 2},
	"cache key twice":         {reason: "all parameters or some", sets: []string{"edge.cloudflare.rules=[{name: a, path: /, class: page, ignoreQuery: true, queryKeys: [q]}]"}},
	"private cache key":       {reason: "what is not kept has no key", sets: []string{"edge.cloudflare.rules=[{name: a, path: /, class: private, ignoreQuery: true}]"}},
	"query key":               {reason: "a name", sets: []string{`edge.cloudflare.rules=[{name: a, path: /, class: page, queryKeys: ["a b"]}]`}},
	"cookie name":             {reason: "it stands in expressions", sets: []string{`edge.sessionCookies=['a"b']`}},
	"cloudfront without id":   {reason: "which one?", sets: []string{"edge.cloudfront={mode: adopt, bucket: {name: media}}"}},
	"cloudfront id":           {reason: "as CloudFront writes it", sets: []string{"edge.cloudfront={mode: adopt, id: media, bucket: {name: media}}"}},
	"bucket without name":     {reason: "which one?", sets: []string{"edge.cloudfront={mode: managed, bucket: {mode: external}}"}},
	"bucket with a dot":       {reason: "TLS does not cover it", sets: []string{"edge.cloudfront={mode: managed, bucket: {name: media.example.com}}"}},
	"certificate elsewhere":   {reason: "CloudFront reads them in us-east-1", sets: []string{"edge.cloudfront={mode: managed, aliases: [m.example.com], certificateArn: \"arn:aws:acm:eu-west-1:111122223333:certificate/1\"}"}},
	"nobody validates":        {reason: "a certificate needs records in a zone", sets: []string{"edge.cloudfront={mode: managed, aliases: [m.example.com]}"}},
	"alias outside":           {reason: "nor in another zone", sets: []string{"edge.cloudfront={mode: managed, aliases: [m.other.example]}", "edge.cloudflare.zoneId=" + zone}},
	"records without zone":    {reason: "which one?", sets: []string{"edge.cloudfront={mode: managed, dns: managed}"}},
	"adopted records":         {reason: "made or left", sets: []string{"edge.cloudfront={dns: adopt}"}},
	"host at CloudFront":      {reason: "a distribution is one host", sets: []string{"edge.cloudfront={rules: [{name: a, host: a.example.com, path: /, class: page}]}"}},
	"key at Vercel":           {reason: "Vercel has none to set", sets: []string{"edge.vercel={projects: [{name: docs, rules: [{name: a, path: /, class: page, ignoreQuery: true}]}]}"}},
	"private with a TTL":      {reason: "a private answer on the edge leaks", sets: []string{"edge.cloudflare.rules=[{name: api, path: /api/, class: private, edgeTtl: 60s}]"}},
	"kept for ever":           {reason: "8760 h are a year", lines: 2, sets: []string{"edge.cloudfront={rules: [{name: a, path: /, class: media, edgeTtl: 8761h, staleWhileRevalidate: 8761h}]}"}},
	"too few iops":            {reason: "a striped volume has 12000 at least", sets: []string{"database.storage={gib: 400, iops: 3000}"}},
	"too many iops":           {reason: "RDS sells 64000 at most on gp3", sets: []string{"database.storage={gib: 400, iops: 256000}"}},
	"iops on a small volume":  {reason: "RDS refuses it", sets: []string{"database.storage={gib: 100, iops: 6000}"}},
	"old postgres":            {reason: "not supported", sets: []string{`database.engineVersion="9.6"`}},
	"two architectures":       {reason: "a group has one machine image", sets: []string{"nodes.groups[0].mode=managed", "nodes.groups[0].instanceTypes=[m7i.large, m7g.large]"}},
	"endless budget":          {reason: "no stack costs that", sets: []string{"budget.monthly=1e300"}},
	"endless price":           {reason: "nor does an instance", sets: []string{"budget.prices={m7i.xlarge: 1e300}"}},
	"misspelled region":       {reason: "us-east-1 was meant, whose zones are not judged", sets: []string{"cluster.region=us-est-1"}, lines: 1},
	"zones of another region": {reason: "the subnets are where the cluster is", sets: []string{"cluster.region=eu-west-1"}, lines: 2},
	"zone of no region":       {reason: "a typo would be a zone more", sets: []string{"cluster.subnets[0].zone=banana"}},
	"same subnet twice":       {reason: "its addresses are there once", sets: []string{"cluster.subnets[1].id=subnet-0a"}},
	"future version":          {reason: "nobody knows how its autoscaler decides", sets: []string{`cluster.version="1.99"`}},
	"old version":             {reason: "nor is an old one modeled", sets: []string{`cluster.version="1.20"`}},
	"zone without subnet":     {reason: "nodes lie in a subnet", sets: []string{"nodes.groups[0].mode=managed", "nodes.groups[0].zones=[us-east-1z]"}},
	"fewer nodes than zones":  {reason: "EKS takes no group of at most none", sets: []string{"nodes.groups[0].mode=managed", "nodes.groups[0].minSize=1", "nodes.groups[0].maxSize=1"}},
	"too many types":          {reason: "EKS takes 20", sets: []string{"nodes.groups[0].mode=managed", "nodes.groups[0].instanceTypes=[" + strings.Repeat("m7i.large, ", 21) + "]"}},
	"group with cluster":      {reason: "an id is a name", sets: []string{"nodes.groups[0].mode=adopt", `nodes.groups[0].id="shop:web"`}},
	"two autoscalers":         {reason: "both answer one pending pod", sets: []string{"addons.karpenter=external", "addons.clusterAutoscaler=managed"}},
	"group with Karpenter":    {reason: "nobody would grow it", sets: []string{"addons.karpenter=external", "nodes.groups[0].mode=managed"}},
	"managed Karpenter":       {reason: "it is only counted", sets: []string{"addons.karpenter=managed"}},
	"fixed and types":         {reason: "a node is one or the other", sets: []string{"nodes.groups[0].fixed={cpu: 4, memory: 8Gi, pods: 110}"}},
	"slow metrics":            {reason: "below the floor of metrics-server", sets: []string{"monitoring.metricsResolution=5s"}},
	"half a scrape":           {reason: "the operator writes whole seconds", sets: []string{"monitoring.scrapeInterval=1500ms"}},
	"short memory":            {reason: "a burn rate looks back three days", sets: []string{"monitoring.retentionDays=3"}},
	"no disk":                 {reason: "Prometheus keeps what it scrapes", sets: []string{"monitoring.storageGib=0"}},
	"forms of monitoring":     {reason: "before Helm and the operator say so", sets: []string{"monitoring.namespace=Mon", "monitoring.releaseLabel=A", "monitoring.labels={a b: c}", "monitoring.dashboardLabels={a: 'b c'}", "monitoring.prometheusUrl=prometheus", "monitoring.runbooksUrl=runbooks"}, lines: 6},
	"password of everyone":    {reason: "the chart's own is public", sets: []string{"addons.prometheus=managed"}},
	"label of another":        {reason: "the chart selects its release", sets: []string{"addons.prometheus=managed", "monitoring.grafanaAdmin=grafana", "monitoring.labels={release: other}"}},
	"receivers":               {reason: "each is told where", sets: []string{"monitoring.receivers=[{name: a, kind: fax, secretRef: {name: a, key: b}}, {name: a, kind: slack, secretRef: {name: a, key: b}, severities: [all]}]"}, lines: 3},
	"receivers of our own":    {reason: "the configuration has them already", sets: []string{"monitoring.receivers=[{name: nobody, kind: slack, secretRef: {name: a, key: b}}, {name: dead-mans-switch, kind: slack, secretRef: {name: a, key: b}}]"}, lines: 2},
	"dead man without key":    {reason: "where does it call?", sets: []string{"monitoring.deadMansSwitch={name: alerting}"}},
	"exporter of others":      {reason: "which series are its own?", sets: []string{"monitoring.exporters={redis: {mode: external}}"}},
	"exporter's label":        {reason: "it stands in selectors", sets: []string{"monitoring.exporters={redis: {mode: external, labels: {a-b: c}}}"}},
	"adopted exporter":        {reason: "made or left", sets: []string{"monitoring.exporters={redis: {mode: adopt}}"}},
	"exporter at latest":      {reason: "it changes under the alerts", sets: []string{"monitoring.exporters={redis: {image: \"r:latest\"}}"}},
	"exporter locked out":     {reason: "it cannot log in", sets: []string{"monitoring.exporters={postgres: {}}"}},
	"exporter of our cache":   {reason: "the default user is off", sets: []string{"cache={mode: managed, nodeType: cache.m7g.large}", "monitoring.exporters={redis: {}}"}},
	"exporter of no zone":     {reason: "which one?", sets: []string{"monitoring.exporters={cloudflare: {image: \"c:1\", secretRef: {name: a, key: b}}}"}},
	"nothing to ask for":      {reason: "CloudWatch knows databases by their name", sets: []string{"database={mode: external, host: db.example.com, instanceClass: db.m7g.large}", "monitoring.exporters={cloudwatch: {}}"}},
	"names of metrics":        {reason: "they stand in every query", sets: []string{"services.backend.metrics={requests: a-b, method: c-d, port: 0, path: metrics}"}, lines: 4},
	"ttfb above p99":          {reason: "the first byte cannot come after the last", sets: []string{"slo.ttfb=300ms"}},
	"several":                 {reason: "a person fixes all of them at once", lines: 4, sets: []string{"services.backend.wrokers=3", "slo.p99=200", "nodes.groups[0].minSize=30", "database.pooler=pgbounce"}},
}

func TestDecodeRefuses(t *testing.T) {
	var out strings.Builder
	names := sortedKeys(bad)
	for _, name := range names {
		tc := bad[name]
		got := linesOf(t, tc.sets)
		if want := max(1, tc.lines); len(got) != want {
			t.Errorf("%s: %s\nDecode(%v): %d lines, want %d:\n%s", name, tc.reason, tc.sets, len(got), want, strings.Join(got, "\n"))
		}
		if !slices.IsSorted(got) {
			t.Errorf("%s: lines are not sorted:\n%s", name, strings.Join(got, "\n"))
		}
		fmt.Fprintf(&out, "# %s: %s\n%s\n\n", name, strings.Join(tc.sets, " "), strings.Join(got, "\n"))
	}
	golden.Text(t, "testdata/problems.golden", out.String())
}

func linesOf(t *testing.T, sets []string) []string {
	t.Helper()
	_, err := Decode("base", with(t, sets...))
	return lines(t, err)
}

// Every line names the path and what is wrong with it, and never a secret.
func TestProblemLines(t *testing.T) {
	for name, tc := range bad {
		_, err := Decode("base", with(t, tc.sets...))
		var ps Problems
		if !errors.As(err, &ps) {
			t.Errorf("%s: error is %T, want Problems", name, err)
		}
		for _, p := range ps {
			if p.Path == "" || p.Rule == "" {
				t.Errorf("%s: problem without path or rule: %+v", name, p)
			}
			if text := p.String(); strings.Contains(text, "hunter2") || strings.Contains(text, "AAABAL") || strings.Contains(text, "\n") {
				t.Errorf("%s: the line repeats a secret, or is more than one: %s", name, text)
			}
		}
	}
}

func TestDecodeFileRefuses(t *testing.T) {
	base := string(baseText(t))
	cases := map[string]struct {
		reason, in, want string
	}{
		"Empty":        {"an empty file", " \n", "the stack file is empty; start from Pulumi.prod.yaml"},
		"Comment":      {"nothing but a comment", "# nothing\n", "config: must be a map of settings; put every headroom: key under config:"},
		"Large":        {"1 MB is no stack file", strings.Repeat("#", 1<<20), "the stack file has 1048576 bytes, more than 262144; check that this is a Pulumi stack file"},
		"NotYAML":      {"a tab", "config:\n\tx: 1\n", "the stack file is not valid YAML; yaml: line 2: found character that cannot start any token"},
		"Duplicate":    {"the second would win", base + "  headroom:budget: { monthly: 9 }\n", `the stack file is not valid YAML; yaml: unmarshal errors: line 46: key "headroom:budget" already set in map`},
		"InnerTwice":   {"at any depth", strings.Replace(base, "workers: 2", "workers: 2\n      workers: 3", 1), `the stack file is not valid YAML; yaml: unmarshal errors: line 20: key "workers" already set in map`},
		"OtherProject": {"a stack file of something else", "config:\n  aws:region: us-east-1\n", "config: has no headroom: key; start from Pulumi.prod.yaml"},
		"ConfigList":   {"config is a map", "config: [1]\n", "config: must be a map of settings; put every headroom: key under config:"},
		"Infinite":     {"YAML knows infinity, JSON does not", strings.Replace(base, "peakRps: 320", "peakRps: .inf", 1), "the stack file is not valid YAML; json: unsupported value: +Inf"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := DecodeFile("base", []byte(tc.in))
			if diff := cmp.Diff(tc.want, strings.Join(lines(t, err), "\n")); diff != "" {
				t.Errorf("%s\nDecodeFile (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDecodeTakesSecretsBesideObjects(t *testing.T) {
	raw := base(t)
	for _, key := range SecretKeys {
		raw[key] = []byte(`{"secure":"AAABAL"}`)
	}
	if _, err := Decode("base", raw); err != nil {
		t.Errorf("Decode with secrets beside the objects: %v", err)
	}
}

func TestCommittedStacksDecode(t *testing.T) {
	files, err := filepath.Glob("../../Pulumi.*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("found %v, %v; want at least three committed stacks", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeFile("x", text); err != nil {
			t.Errorf("%s:\n%v", file, err)
		}
		if !strings.HasPrefix(string(text), "# yaml-language-server: $schema=./schema/stack.schema.json\n") {
			t.Errorf("%s: the first line must lead editors to the schema", file)
		}
	}
}
