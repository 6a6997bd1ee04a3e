package spec

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A stated zero must not turn into a default behind a person's back.
func TestStatedZeroIsRefused(t *testing.T) {
	const pgbouncer, be = "database.pgbouncer={image: p:2.0.0, userList: {name: a, key: b}, ", "services.backend."
	cases := map[string]struct {
		sets []string
		path string
	}{
		"growth":         {[]string{"traffic.growth=0"}, "traffic.growth = 0"},
		"ramp":           {[]string{"traffic.ramp=0s"}, "traffic.ramp = 0s"},
		"amplification":  {[]string{"traffic.missAmplification=0"}, "traffic.missAmplification = 0"},
		"p99":            {[]string{"slo.p99=0ms"}, "slo.p99 = 0ms"},
		"ttfb":           {[]string{"slo.ttfb=0s"}, "slo.ttfb = 0s"},
		"trigger":        {[]string{"slo.trigger=0s"}, "slo.trigger = 0s"},
		"availability":   {[]string{`slo.availability="0%"`}, "slo.availability = 0%"},
		"scrape":         {[]string{"monitoring.scrapeInterval=0s"}, "monitoring.scrapeInterval = 0s"},
		"resolution":     {[]string{"monitoring.metricsResolution=0s"}, "monitoring.metricsResolution = 0s"},
		"workers":        {[]string{be + "workers=0"}, be + "workers = 0"},
		"engines":        {[]string{be + "pool.engines=0"}, be + "pool.engines = 0"},
		"timeout":        {[]string{be + "pool.timeout=0s"}, be + "pool.timeout = 0s"},
		"recycle":        {[]string{be + "pool.recycle=0s"}, be + "pool.recycle = 0s"},
		"preStop":        {[]string{be + "rollout.preStop=0s"}, be + "rollout.preStop = 0s"},
		"drain":          {[]string{be + "rollout.drain=0s"}, be + "rollout.drain = 0s"},
		"grace":          {[]string{be + "rollout.grace=0s"}, be + "rollout.grace = 0s"},
		"port":           {[]string{"database.port=0"}, "database.port = 0"},
		"gib":            {[]string{"database.storage={gib: 0}"}, "database.storage.gib = 0"},
		"maxGib":         {[]string{"database.storage={maxGib: 0}"}, "database.storage.maxGib = 0"},
		"iops":           {[]string{"database.storage={iops: 0}"}, "database.storage.iops = 0"},
		"bouncers":       {[]string{"database.pooler=pgbouncer", pgbouncer + "replicas: 0}"}, "database.pgbouncer.replicas = 0"},
		"bouncer CPU":    {[]string{"database.pooler=pgbouncer", pgbouncer + "resources: {cpu: 0m}}"}, "database.pgbouncer.resources.cpu = 0m"},
		"bouncer memory": {[]string{"database.pooler=pgbouncer", pgbouncer + "resources: {memory: 0Mi}}"}, "database.pgbouncer.resources.memory = 0Mi"},
		"processes": {[]string{"database.pooler=external", "database.externalPooler={maxClients: 9, serverConnections: 9, processes: 0}"},
			"database.externalPooler.processes = 0"},
		"clients": {[]string{"cache.maxClients=0"}, "cache.maxClients = 0"},
		"disk":    {[]string{"nodes.groups[0].diskGib=0"}, "nodes.groups[0].diskGib = 0"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := []string{tc.path + ": must be more than 0; remove the key for the default"}
			if diff := cmp.Diff(want, linesOf(t, tc.sets)); diff != "" {
				t.Errorf("Decode(%v) (-want +got):\n%s", tc.sets, diff)
			}
		})
	}
}

// A zero that means something stays one.
func TestMeaningfulZeroStays(t *testing.T) {
	s := decode(t, `services.backend.rollout.maxUnavailable="0%"`, `traffic.cdnHitRatio="0%"`, "database.backupDays=0",
		"services.backend.resources.limits.cpu=0m", "services.backend.pool.maxOverflow=0")
	backend := s.Services["backend"]
	got := []float64{float64(backend.Rollout.MaxUnavailable), float64(s.Traffic.CDNHitRatio), float64(*s.Database.BackupDays),
		float64(backend.Resources.Limits.CPU), float64(*backend.Pool.MaxOverflow)}
	if diff := cmp.Diff(make([]float64, 5), got); diff != "" {
		t.Errorf("stated zeros (-want +got):\n%s", diff)
	}
}

// A default that is added needs the tag.
func TestEveryNumberWithADefaultIsTagged(t *testing.T) {
	empty := Stack{
		Cluster:  Cluster{Subnets: []Subnet{{}}},
		Services: map[string]Service{"a": {Routes: []Route{{}}, Pool: &Pool{}, Ingress: &Ingress{}}},
		Database: Database{Mode: Managed, Pooler: PgBouncerPooler, ExternalPooler: &ExternalPooler{}},
		Cache:    Cache{Mode: Managed},
		Nodes:    Nodes{DaemonSets: &PodAmounts{}, System: &PodAmounts{}, Groups: []NodeGroup{{}}},
		Edge:     Edge{Cloudflare: &Cloudflare{}, CloudFront: &CloudFront{}},
	}
	checkTags(t, "", reflect.ValueOf(empty.withDefaults()))
}

// checkTags reports the numbers that a default filled without saying so.
func checkTags(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Struct {
			checkTags(t, path, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkTags(t, path, v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			checkTags(t, path, v.MapIndex(key))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && field.Tag.Get(nonzero) == "" {
				checkTags(t, strings.TrimPrefix(path+"."+field.Name, "."), v.Field(i))
			}
		}
	case reflect.Int, reflect.Int64, reflect.Float64:
		if !v.IsZero() {
			t.Errorf("%s has the default %v but no tag nonzero: a stated 0 would become it", path, v)
		}
	}
}
