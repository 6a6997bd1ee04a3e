package spec

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWatching(t *testing.T) {
	const all = "monitoring.exporters={postgres: {secretRef: {name: a, key: b}}, pgbouncer: {secretRef: {name: a, key: b}}, redis: {secretRef: {name: a, key: b}}, cloudwatch: {}, " +
		"cloudflare: {mode: external, labels: {job: c}}, blackbox: {}}"
	external := []string{"database.pooler=external", "database.externalPooler={maxClients: 2000, serverConnections: 50}"}
	cases := map[string]struct {
		reason string
		sets   []string
		want   []string
	}{
		"Nothing":  {"none is stated", nil, nil},
		"Database": {"what the base has: a database, and services with hosts", []string{all, "cache=", "edge="}, []string{ByPostgres, ByCloudWatch, ByBlackbox}},
		"Cache":    {"a cache more", []string{all, "edge=", "cache={mode: external, host: c, maxMemory: 1Gi}"}, []string{ByPostgres, ByRedis, ByCloudWatch, ByBlackbox}},
		"Zone":     {"a zone more", []string{all, "cache=", "edge={cloudflare: {zone: example.com, plan: pro}}"}, []string{ByPostgres, ByCloudWatch, ByCloudflare, ByBlackbox}},
		"Pooler":   {"nothing runs beside an external pooler", append([]string{all, "cache=", "edge="}, external...), []string{ByPostgres, ByCloudWatch, ByBlackbox}},
		"TheirPooler": {"but its owner may", append([]string{"cache=", "monitoring.exporters={pgbouncer: {mode: external, labels: {job: p}}}"}, external...),
			[]string{ByPgBouncer}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for exporter := range decode(t, c.sets...).Watching().Each() {
				got = append(got, exporter)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
	for exporter := range decode(t, all).Watching().Each() {
		if exporter != ByPostgres {
			t.Errorf("the first exporter is %s", exporter)
		}
		break
	}
}

func TestPromises(t *testing.T) {
	o := SLO{P99: Duration(300 * time.Millisecond), TTFB: Duration(200 * time.Millisecond)}
	ms := func(n int) *Duration { return new(Duration(time.Duration(n) * time.Millisecond)) }
	for name, c := range map[string]struct {
		route     Route
		p99, ttfb int
	}{
		"of all":             {Route{}, 300, 200},
		"a longer answer":    {Route{P99: ms(900)}, 900, 200},
		"a shorter answer":   {Route{P99: ms(100)}, 100, 100},
		"a first byte":       {Route{TTFB: ms(50)}, 300, 50},
		"both of the route":  {Route{P99: ms(900), TTFB: ms(800)}, 900, 800},
		"no later than that": {Route{P99: ms(150)}, 150, 150},
	} {
		p99, ttfb := o.Promises(c.route)
		if p99 != *ms(c.p99) || ttfb != *ms(c.ttfb) {
			t.Errorf("%s: promises %s and %s, want %d and %d ms", name, p99, ttfb, c.p99, c.ttfb)
		}
	}
}
