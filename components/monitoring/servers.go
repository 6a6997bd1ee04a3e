package monitoring

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/agencyos/headroom/capacity/exporters"
	"github.com/agencyos/headroom/capacity/monitors"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// address makes a server's address of its host.
func address(host pulumi.StringInput, at func(string) string) pulumi.StringInput {
	return pulumix.Cast[pulumi.StringOutput](pulumix.Apply(host.ToStringOutput(), at))
}

// postgres reads the database itself: through a pooler it would see the pooler's
// connections.
func (w watcher) postgres() exporter {
	e := *w.Spec.Monitoring.Exporters.Postgres
	database := w.Spec.Database
	mode := "require"
	if w.Spec.Local() {
		mode = "disable"
	}
	at := func(host string) string {
		return fmt.Sprintf("%s:%d/%s?sslmode=%s", host, database.Port, database.Name, mode)
	}
	return exporter{name: plan.PostgresExporter, image: e.Image, port: 9187, args: exporters.PostgresArgs(),
		addresses: map[string]pulumi.StringInput{"DATA_SOURCE_URI": address(w.DatabaseHost, at)}, checksum: kube.Checksum(at(database.Host)),
		env: map[string]string{"DATA_SOURCE_USER": e.User}, secrets: map[string]spec.SecretRef{"DATA_SOURCE_PASS": *e.Secret}}
}

func (w watcher) redis() exporter {
	e := *w.Spec.Monitoring.Exporters.Redis
	// ElastiCache speaks TLS; a cache of which no node type is known does not, nor
	// one in a local cluster.
	scheme := "redis"
	if w.Spec.Cache.NodeType != "" && !w.Spec.Local() {
		scheme = "rediss"
	}
	at := func(host string) string { return fmt.Sprintf("%s://%s:%d", scheme, host, w.Spec.Cache.Port) }
	out := exporter{name: plan.RedisExporter, image: e.Image, port: 9121, args: exporters.RedisArgs(),
		addresses: map[string]pulumi.StringInput{"REDIS_ADDR": address(w.CacheHost, at)}, checksum: kube.Checksum(at(w.Spec.Cache.Host)),
		env: map[string]string{}, secrets: map[string]spec.SecretRef{}}
	// Headroom's own users are off by default but the services', who may read INFO.
	user := e.User
	if user == "" && w.Spec.Cache.Mode == spec.Managed {
		user = w.Spec.Cache.User
	}
	if user != "" {
		out.env["REDIS_USER"] = user
	}
	if e.Secret != nil {
		out.secrets["REDIS_PASSWORD"] = *e.Secret
	}
	return out
}

// cloudflare reads the analytics of one zone
// (https://github.com/lablabs/cloudflare-exporter main.go, 2026-11).
func (w watcher) cloudflare() exporter {
	e, zone := *w.Spec.Monitoring.Exporters.Cloudflare, w.Spec.Edge.Cloudflare
	env := map[string]string{"CF_ZONES": zone.ZoneID, "LISTEN": ":8080"}
	if zone.Plan == spec.PlanFree {
		env["FREE_TIER"] = "true"
	}
	return exporter{name: plan.CloudflareExporter, image: e.Image, port: 8080, env: env, secrets: map[string]spec.SecretRef{"CF_API_TOKEN": *e.Secret}}
}

const blackboxFile = "blackbox.yml"

func (w watcher) blackbox() exporter {
	return exporter{name: plan.BlackboxExporter, image: w.Spec.Monitoring.Exporters.Blackbox.Image, port: monitors.BlackboxPort,
		args: exporters.BlackboxArgs(configDir + "/" + blackboxFile), files: map[string]pulumi.StringInput{blackboxFile: pulumi.String(exporters.BlackboxFile)}, checksum: kube.Checksum(exporters.BlackboxFile)}
}
