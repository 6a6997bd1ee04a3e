package spec

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
)

var postgresMajor = regexp.MustCompile(`^1[4-8]$`)

// known reports a name that the catalog has no row for.
func (ps *Problems) known(ok bool, path, name, what string, names []string) {
	if ok {
		return
	}
	fix := catalog.Meant(name, names)
	if fix == "" {
		fix = "known: " + strings.Join(names, ", ") + ";"
	}
	fix = strings.TrimSuffix(fix+" "+unlisted[what], "; ")
	ps.add(path, name, "is not "+what+" of the catalog", fix)
}

// The kinds of names that the catalog has rows for.
const (
	rdsClass  = "an RDS class"
	cacheNode = "a cache node"
)

// unlisted is the way out where a name is right and the catalog lacks it.
var unlisted = map[string]string{
	rdsClass:  "one that the catalog lacks is stated as mode external, by host, vcpus and maxConnections",
	cacheNode: "one that the catalog lacks is stated as mode external, by host and maxMemory",
}

func (d Database) validate(ps *Problems, namespace string, local bool) {
	if d.Mode == "" {
		ps.require(reflect.ValueOf(d).IsZero(), "database.mode", nil, "must be set", "one of "+strings.Join(Mode("").Values(), ", "))
		return
	}
	oneOf(ps, "database.mode", d.Mode)
	oneOf(ps, "database.pooler", d.Pooler)
	ps.adopted("database.id", d.Mode, d.ID)
	ps.require(d.ID == "" || identifierForm.MatchString(d.ID), "database.id", d.ID, "must be the identifier of an RDS instance", "")
	d.Adopt.validate(ps, d.Mode)
	d.validateParameters(ps)
	d.validateClass(ps, local)
	ps.require(d.EngineVersion == "" && (d.Mode == External || local) || postgresMajor.MatchString(d.EngineVersion), "database.engineVersion",
		d.EngineVersion, `must be a PostgreSQL major version from "14" to "18" in quotes`, "")
	ps.require(d.MaxConnections == nil || *d.MaxConnections >= 20 && *d.MaxConnections <= 262143, "database.maxConnections",
		deref(d.MaxConnections), "must be between 20 and 262143", "")
	ps.between("database.port", float64(d.Port), 1, 65535, "")
	ps.between("database.backupDays", float64(*d.BackupDays), 0, 35, "")
	ps.require(d.Mode != External || hostName.MatchString(d.Host), "database.host", d.Host, "must be the host of the external database", "")
	d.Storage.validate(ps)
	for i, c := range d.OtherClients {
		at := fmt.Sprintf("database.otherClients[%d]", i)
		ps.require(c.Name != "", at+".name", nil, "must have a name", "")
		ps.require(c.Connections >= 1, at+".connections", c.Connections, "must be at least 1", "")
	}
	d.validatePooler(ps, namespace)
}

// validateParameters refuses what would stand twice, or without any effect.
func (d Database) validateParameters(ps *Problems) {
	ps.require(len(d.Parameters) == 0 || d.Mode != External, "database.parameters", nil, "has no effect on an external database", "remove it")
	for _, name := range sortedKeys(d.Parameters) {
		ps.require(name != "max_connections", "database.parameters."+name, d.Parameters[name], "is stated by database.maxConnections", "set that")
		ps.require(d.Parameters[name] != "", "database.parameters."+name, nil, "must have a value", "")
	}
}

func (d Database) validateClass(ps *Problems, local bool) {
	inCluster := local && d.Mode == Managed
	ps.require(inCluster || d.Image == "" && d.Resources == Amounts{}, "database.image", d.Image, "is for the PostgreSQL of a local stack", "remove image and resources")
	if inCluster {
		ps.require(pinned(d.Image), "database.image", d.Image, "must be an image with a tag or digest other than latest", "such as postgres:17.7")
		ps.require(d.InstanceClass == "", "database.instanceClass", d.InstanceClass, "is an RDS class, and a local stack has none", "state vcpus and maxConnections")
	}
	if (d.Mode == External || inCluster) && d.InstanceClass == "" {
		ps.require(d.MaxConnections != nil, "database.maxConnections", nil,
			"must be stated for a database without an instanceClass", "SHOW max_connections tells it")
		ps.require(d.VCPUs != nil && *d.VCPUs >= 1, "database.vcpus", deref(d.VCPUs),
			"must be stated for a database without an instanceClass", "")
		return
	}
	class, ok := catalog.Database(d.InstanceClass)
	if ok && d.MaxConnections != nil {
		ps.require(*d.MaxConnections <= class.MaxConnectionsBound, "database.maxConnections", *d.MaxConnections,
			fmt.Sprintf("is above %d, what the memory of %s carries by the formula of RDS", class.MaxConnectionsBound, class.Class),
			"with too many the instance does not start; choose a larger class or lower it")
	}
	ps.known(ok, "database.instanceClass", d.InstanceClass, rdsClass, catalog.Databases())
	ps.require(d.VCPUs == nil, "database.vcpus", deref(d.VCPUs), "must not stand beside instanceClass", "the class has its own")
}

func (t Storage) validate(ps *Problems) {
	ps.between("database.storage.gib", float64(t.GiB), 20, 65536, "")
	ps.require(float64(t.MaxGiB) >= 1.1*float64(t.GiB) && t.MaxGiB <= 65536, "database.storage.maxGib", t.MaxGiB,
		fmt.Sprintf("must be at least 10%% above gib (%d) and at most 65536", t.GiB), "")
	included := IncludedIOPS(t.GiB)
	if t.GiB >= GP3StripeGiB {
		ps.between("database.storage.iops", float64(t.IOPS), float64(included), mostIOPS, "")
		return
	}
	ps.require(t.IOPS == included, "database.storage.iops", t.IOPS,
		fmt.Sprintf("can be set only from %d GiB on gp3", GP3StripeGiB), fmt.Sprintf("remove it or raise storage.gib to %d", GP3StripeGiB))
}

func (d Database) validatePooler(ps *Problems, namespace string) {
	ps.require(d.Pooler == PgBouncerPooler || d.PgBouncer.Adopt == AdoptPgBouncer{}, "database.pgbouncer.adopt", nil,
		"needs database.pooler: pgbouncer", "")
	switch d.Pooler {
	case OtherPooler:
		if d.ExternalPooler == nil {
			ps.add("database.externalPooler", nil, "must state maxClients and serverConnections when the pooler is external", "")
			return
		}
		ps.require(d.ExternalPooler.MaxClients >= 1, "database.externalPooler.maxClients", d.ExternalPooler.MaxClients, "must be at least 1", "")
		ps.require(d.ExternalPooler.ServerConnections >= 1, "database.externalPooler.serverConnections",
			d.ExternalPooler.ServerConnections, "must be at least 1", "")
	case PgBouncerPooler:
		d.PgBouncer.validate(ps, namespace)
	}
}

func (b PgBouncer) validate(ps *Problems, namespace string) {
	const at = "database.pgbouncer"
	b.Adopt.validate(ps, namespace)
	ps.require(imageTag.MatchString(b.Image) && !strings.HasSuffix(b.Image, ":latest"), at+".image", b.Image,
		"must be an image with a tag or digest other than latest, PgBouncer "+MinPgBouncer+" or later", "")
	validateBouncerVersion(ps, at+".image", b.Image)
	ps.between(at+".replicas", float64(b.Replicas), 2, 50, "")
	ps.require(b.PoolSize == nil || *b.PoolSize >= 1, at+".poolSize", deref(b.PoolSize), "must be at least 1", "")
	ps.require(b.ReservePool >= 0, at+".reservePool", b.ReservePool, "must not be negative", "")
	ps.require(b.MaxClientConn == nil || *b.MaxClientConn >= 1 && *b.MaxClientConn <= 60000, at+".maxClientConn",
		deref(b.MaxClientConn), "must be between 1 and 60000", "")
	ps.secretRef(at+".userList", b.UserList)
}

func (n Nodes) validate(ps *Problems) {
	ps.require(len(n.Groups) > 0, "nodes.groups", nil, "must list at least one node group", "")
	names := map[string]bool{}
	for i, g := range n.Groups {
		at := fmt.Sprintf("nodes.groups[%d]", i)
		ps.require(!names[g.Name], at+".name", g.Name, "stands twice", "")
		names[g.Name] = true
		g.validate(ps, at)
	}
	for name, a := range map[string]*PodAmounts{"nodes.daemonSets": n.DaemonSets, "nodes.system": n.System} {
		ps.require(a.CPU >= 0 && a.Memory >= 0 && a.Pods >= 0, name, nil, "must not be negative", "")
	}
}

func (g NodeGroup) validate(ps *Problems, at string) {
	ps.require(dnsLabel.MatchString(g.Name), at+".name", g.Name, "must be a lower-case name", "")
	oneOf(ps, at+".mode", g.Mode)
	oneOf(ps, at+".capacityType", g.CapacityType)
	ps.adopted(at+".id", g.Mode, g.ID)
	g.validateTypes(ps, at)
	for name, size := range map[string]*int{".minSize": g.MinSize, ".maxSize": g.MaxSize} {
		ps.require(size != nil || g.Mode == Managed, at+name, nil, "must be stated for a group that Headroom does not manage", "")
		ps.require(size == nil || *size >= 0 && *size <= 450, at+name, deref(size), "must be between 0 and 450", "")
	}
	if g.MinSize != nil && g.MaxSize != nil {
		ps.require(*g.MinSize <= *g.MaxSize, at+".minSize", *g.MinSize, fmt.Sprintf("must be at most maxSize (%d)", *g.MaxSize), "")
	}
	ps.between(at+".diskGib", float64(g.DiskGiB), 10, 16384, "")
}

func (g NodeGroup) validateTypes(ps *Problems, at string) {
	if g.Fixed != nil {
		ps.require(len(g.InstanceTypes) == 0, at+".fixed", nil, "must not stand beside instanceTypes", "")
		ps.require(g.Fixed.CPU > 0 && g.Fixed.Memory > 0 && g.Fixed.Pods > 0, at+".fixed", nil,
			"must state cpu, memory and pods", "")
		return
	}
	ps.require(len(g.InstanceTypes) > 0, at+".instanceTypes", nil, "must list at least one EC2 instance type", "")
	for i, name := range g.InstanceTypes {
		_, ok := catalog.Node(name)
		ps.known(ok, fmt.Sprintf("%s.instanceTypes[%d]", at, i), name, "an EC2 type", catalog.Nodes())
	}
}
