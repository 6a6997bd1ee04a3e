package spec

import "iter"

// Exporters, as monitoring.exporters names them.
const (
	ByPostgres   = "postgres"
	ByPgBouncer  = "pgbouncer"
	ByRedis      = "redis"
	ByCloudWatch = "cloudwatch"
	ByCloudflare = "cloudflare"
	ByBlackbox   = "blackbox"
)

// Each exporter that is stated, by its name.
func (e Exporters) Each() iter.Seq2[string, *Exporter] {
	return func(yield func(string, *Exporter) bool) {
		for _, one := range []struct {
			name     string
			exporter *Exporter
		}{{ByPostgres, e.Postgres}, {ByPgBouncer, e.PgBouncer}, {ByRedis, e.Redis}, {ByCloudWatch, e.CloudWatch}, {ByCloudflare, e.Cloudflare}, {ByBlackbox, e.Blackbox}} {
			if one.exporter != nil && !yield(one.name, one.exporter) {
				return
			}
		}
	}
}

// Watching are the stated exporters that have something to tell of this stack. A
// managed one of PgBouncer runs beside it, so that of an external pooler must be
// external too.
func (s Stack) Watching() Exporters {
	e, db := s.Monitoring.Exporters, s.Database
	when := func(there bool, e *Exporter) *Exporter {
		if there {
			return e
		}
		return nil
	}
	pooler := db.Pooler == PgBouncerPooler || db.Pooler == OtherPooler && e.PgBouncer != nil && e.PgBouncer.Mode == External
	return Exporters{
		Postgres:   when(db.Mode != "", e.Postgres),
		PgBouncer:  when(db.Mode != "" && pooler, e.PgBouncer),
		Redis:      when(s.Cache.Mode != "", e.Redis),
		CloudWatch: when(!s.Local() && (db.InstanceClass != "" || s.Edge.CloudFront != nil), e.CloudWatch),
		Cloudflare: when(s.Edge.Cloudflare != nil, e.Cloudflare),
		Blackbox:   when(len(s.Hosts()) > 0, e.Blackbox),
	}
}

// ExporterContainer is the name of the container of every managed exporter.
const ExporterContainer = "exporter"

// ExporterPods are the Deployment of a managed exporter and the labels of its pods.
// PgBouncer's stands beside it, because every replica has its own pools.
func (s Stack) ExporterPods(name string) (deployment string, labels map[string]string) {
	if name == ByPgBouncer {
		return s.Database.PgBouncer.Target(), s.Database.PgBouncer.Labels()
	}
	deployment = ExporterName(name)
	return deployment, map[string]string{LabelName: deployment}
}

// ExporterSuffix ends the names of an exporter's objects.
const ExporterSuffix = "-exporter"

// ExporterName is that of an exporter's objects.
func ExporterName(name string) string { return name + ExporterSuffix }

// Hosts are the ingress hosts by service.
func (s Stack) Hosts() map[string]string {
	hosts := map[string]string{}
	for name, v := range s.Services {
		if v.Ingress != nil {
			hosts[name] = v.Ingress.Host
		}
	}
	return hosts
}
