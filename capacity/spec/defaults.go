package spec

import (
	"net/netip"
	"time"
)

// Defaults that more than one place needs.
const (
	defaultDeregistration = 30
	minPreStop            = Duration(5 * time.Second)
	graceSlack            = Duration(5 * time.Second)
)

// withDefaults fills every field that has a default. It returns a new value
// and shares nothing that it changes with the old one.
func (s Stack) withDefaults() Stack {
	s.Cluster = s.Cluster.withDefaults()
	s.Traffic = s.Traffic.withDefaults()
	s.SLO = s.SLO.withDefaults()
	s.Addons = s.Addons.withDefaults()
	s.Monitoring = s.Monitoring.withDefaults(s.Cluster.Namespace)
	s.Database = s.Database.withDefaults(s.Local())
	s.Cache = s.Cache.withDefaults(s.Local())
	s.Nodes = s.Nodes.withDefaults(s.Cluster)
	s.Edge = s.Edge.withDefaults()
	services := make(map[string]Service, len(s.Services))
	for name, service := range s.Services {
		services[name] = service.withDefaults(s.Traffic)
	}
	s.Services = services
	return s
}

// orElse cannot tell a stated zero from an absent key. A number with such a
// default is tagged nonzero, so that the walker refuses a stated zero.
func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func pointer[T any](value *T, fallback T) *T {
	if value == nil {
		return &fallback
	}
	return value
}

func (c Cluster) withDefaults() Cluster {
	c.Namespace = orElse(c.Namespace, "default")
	c.PodIPMode = orElse(c.PodIPMode, SecondaryIP)
	subnets := make([]Subnet, len(c.Subnets))
	for i, n := range c.Subnets {
		n.FreeIPs = pointer(n.FreeIPs, usableIPs(n.CIDR))
		subnets[i] = n
	}
	c.Subnets = subnets
	return c
}

// usableIPs are the addresses of an IPv4 block less the five that AWS reserves
// in every subnet (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html, 2026-11).
func usableIPs(cidr string) int {
	const reserved = 5
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil || !prefix.Addr().Is4() {
		return 0
	}
	return max(0, 1<<(32-prefix.Bits())-reserved)
}

func (t Traffic) withDefaults() Traffic {
	t.Growth = orElse(t.Growth, 5)
	t.Ramp = orElse(t.Ramp, Duration(10*time.Minute))
	t.MissAmplification = orElse(t.MissAmplification, 1)
	return t
}

func (o SLO) withDefaults() SLO {
	o.P99 = orElse(o.P99, Duration(200*time.Millisecond))
	o.TTFB = orElse(o.TTFB, o.P99)
	o.Trigger = orElse(o.Trigger, Duration(time.Minute))
	o.Availability = orElse(o.Availability, 99.9)
	return o
}

func (a Addons) withDefaults() Addons {
	for _, mode := range []*Mode{&a.MetricsServer, &a.ClusterAutoscaler, &a.Prometheus, &a.PrometheusAdapter, &a.PodIdentityAgent} {
		*mode = orElse(*mode, External)
	}
	return a
}

func (d Database) withDefaults(local bool) Database {
	if d.Mode == "" {
		return d
	}
	d.MultiAZ = pointer(d.MultiAZ, true)
	d.Pooler = orElse(d.Pooler, NoPooler)
	d.Port = orElse(d.Port, 5432)
	d.Name = orElse(d.Name, "app")
	d.User = orElse(d.User, "headroom")
	d.BackupDays = pointer(d.BackupDays, 7)
	if local && d.Mode == Managed {
		d.Resources.CPU, d.Resources.Memory = orElse(d.Resources.CPU, 250), orElse(d.Resources.Memory, 512)
		d.Storage.GiB = orElse(d.Storage.GiB, 20)
	}
	d.Storage.GiB = orElse(d.Storage.GiB, 100)
	d.Storage.MaxGiB = orElse(d.Storage.MaxGiB, 2*d.Storage.GiB)
	d.Storage.IOPS = orElse(d.Storage.IOPS, IncludedIOPS(d.Storage.GiB))
	if d.Pooler == PgBouncerPooler {
		d.PgBouncer.Replicas = orElse(d.PgBouncer.Replicas, 3)
		d.PgBouncer.Resources.CPU = orElse(d.PgBouncer.Resources.CPU, 1000)
		d.PgBouncer.Resources.Memory = orElse(d.PgBouncer.Resources.Memory, 256)
	}
	if d.ExternalPooler != nil {
		external := *d.ExternalPooler
		external.Processes = orElse(external.Processes, 1)
		d.ExternalPooler = &external
	}
	return d
}

// IncludedIOPS are the I/O operations per second that a gp3 volume for
// PostgreSQL has without paying for more; from 400 GiB RDS stripes four volumes
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html, 2026-11).
func IncludedIOPS(gib int) int {
	if gib >= GP3StripeGiB {
		return 12000
	}
	return 3000
}

// GP3StripeGiB is the size from which a PostgreSQL gp3 volume is striped and
// its IOPS may be set (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html, 2026-11).
const GP3StripeGiB = 400

// mostIOPS of a striped volume for PostgreSQL, by the same page.
const mostIOPS = 64000

func (n Nodes) withDefaults(c Cluster) Nodes {
	n.DaemonSets = pointer(n.DaemonSets, PodAmounts{CPU: 300, Memory: 512, Pods: 4})
	n.System = pointer(n.System, PodAmounts{CPU: 1500, Memory: 3072, Pods: 12})
	groups := make([]NodeGroup, len(n.Groups))
	for i, g := range n.Groups {
		g.Mode = orElse(g.Mode, External)
		g.CapacityType = orElse(g.CapacityType, OnDemand)
		g.DiskGiB = orElse(g.DiskGiB, 50)
		if len(g.Zones) == 0 {
			g.Zones = c.zones()
		}
		groups[i] = g
	}
	n.Groups = groups
	return n
}

func (c Cluster) zones() []string {
	var zones []string
	seen := map[string]bool{}
	for _, n := range c.Subnets {
		if n.Zone != "" && !seen[n.Zone] {
			seen[n.Zone] = true
			zones = append(zones, n.Zone)
		}
	}
	return zones
}

func (v Service) withDefaults(t Traffic) Service {
	v.Mode = orElse(v.Mode, External)
	v.Workers = orElse(v.Workers, 1)
	v.CDNHitRatio = pointer(v.CDNHitRatio, t.CDNHitRatio)
	v.Probes.Readiness = orElse(v.Probes.Readiness, "/health/ready")
	v.Probes.Liveness = orElse(v.Probes.Liveness, "/health/live")
	v.Balancing = orElse(v.Balancing, RoundRobin)
	v.Metrics.Requests = orElse(v.Metrics.Requests, "http_requests_total")
	v.Metrics.InProgress = orElse(v.Metrics.InProgress, "http_requests_in_progress")
	v.Metrics.Duration = orElse(v.Metrics.Duration, "http_request_duration_seconds")
	v.Metrics.Method = orElse(v.Metrics.Method, "method")
	v.Metrics.Route = orElse(v.Metrics.Route, "handler")
	v.Metrics.Status = orElse(v.Metrics.Status, "status")
	v.Metrics.Port = orElse(v.Metrics.Port, v.Port)
	v.Metrics.Path = orElse(v.Metrics.Path, "/metrics")
	v.Autoscaling.Metric = orElse(v.Autoscaling.Metric, InFlight)
	v.Autoscaling.Margin = pointer(v.Autoscaling.Margin, 20)
	if len(v.Routes) == 0 {
		v.Routes = []Route{{Method: "GET", Path: "/", Share: 100, Core: true}}
	}
	if v.Ingress != nil {
		ingress := *v.Ingress
		ingress.ProbePath = orElse(ingress.ProbePath, v.Probes.Readiness)
		ingress.DeregistrationSeconds = pointer(ingress.DeregistrationSeconds, defaultDeregistration)
		v.Ingress = &ingress
	}
	if v.Pool != nil {
		pool := v.Pool.withDefaults()
		v.Pool = &pool
	}
	v.Rollout = v.Rollout.withDefaults(v.Ingress)
	return v
}

// withDefaults fills what a pool override leaves open.
func (p Pool) withDefaults() Pool {
	p.Engines = orElse(p.Engines, 1)
	p.Timeout = orElse(p.Timeout, Duration(5*time.Second))
	p.Recycle = orElse(p.Recycle, Duration(30*time.Minute))
	return p
}

// DefaultPool is the pool of a service that uses the database and overrides nothing.
func DefaultPool() Pool { return Pool{}.withDefaults() }

func (r Rollout) withDefaults(ingress *Ingress) Rollout {
	r.MaxSurge = pointer(r.MaxSurge, 25)
	if ingress != nil {
		r.PreStop = orElse(r.PreStop, Duration(time.Duration(*ingress.DeregistrationSeconds)*time.Second))
	}
	r.PreStop = orElse(r.PreStop, minPreStop)
	r.Drain = orElse(r.Drain, Duration(20*time.Second))
	r.graceDerived = r.graceDerived || r.Grace == 0
	return r.WithPreStop(r.PreStop)
}
