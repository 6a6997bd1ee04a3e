package spec

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/catalog"
)

// Cache is the Redis or Valkey that the services share: an ElastiCache
// replication group, or on a local stack a Redis in the cluster.
type Cache struct {
	// Mode of the cache; empty means the stack has no cache.
	Mode Mode `json:"mode,omitempty"`
	// ID is the live replication group; required when adopted.
	ID string `json:"id,omitempty"`
	// Adopt are the live parts around an adopted replication group.
	Adopt AdoptCache `json:"adopt,omitzero"`
	// Engine. Default: valkey.
	Engine CacheEngine `json:"engine,omitempty"`
	// EngineVersion as major and minor. Default: "8.0" for valkey, "7.1" for redis.
	EngineVersion string `json:"engineVersion,omitempty"`
	// NodeType such as "cache.m7g.large".
	NodeType string `json:"nodeType,omitempty"`
	// Replicas beside the primary. Default: 1, and none on a local stack.
	Replicas *int `json:"replicas,omitempty"`
	// MaxConnections per worker process (REDIS_MAX_CONNECTIONS); derived when absent.
	MaxConnections *int `json:"maxConnections,omitempty"`
	// MaxClients that one node accepts. Default: 65000.
	MaxClients int `json:"maxClients,omitempty" nonzero:"true"`
	// MaxMemory of an external cache without a nodeType, and of the pod on a local
	// stack.
	MaxMemory MiB `json:"maxMemory,omitempty"`
	// ReservedMemory is reserved-memory-percent. Default: 25%.
	ReservedMemory *Percent `json:"reservedMemory,omitempty"`
	// Policy is maxmemory-policy. Default: allkeys-lfu. The engine's own default,
	// volatile-lru, evicts no key without a time to live, and a full cache then
	// refuses every write.
	Policy EvictionPolicy `json:"policy,omitempty"`
	// User that the services log in as. Default: "app".
	User string `json:"user,omitempty"`
	// Port. Default: 6379.
	Port int `json:"port,omitempty" nonzero:"true"`
	// SnapshotDays that snapshots are kept; 0 takes none. Default: 1. A snapshot
	// forks the process, which is what reserved memory is for.
	SnapshotDays *int `json:"snapshotDays,omitempty"`
	// MaintenanceWindow in UTC, an hour at least. Default: "sun:05:00-sun:06:00".
	MaintenanceWindow string `json:"maintenanceWindow,omitempty"`
	// Image of the Redis on a local stack, with its version.
	Image string `json:"image,omitempty"`
	// Client is how a service's process uses the cache.
	Client CacheClient `json:"client,omitzero"`
	// Host of an external cache.
	Host string `json:"host,omitempty"`
}

// CacheEngine is the engine of the cache.
type CacheEngine string

// The engines.
const (
	Valkey CacheEngine = "valkey"
	Redis  CacheEngine = "redis"
)

// Values are the allowed engines.
func (CacheEngine) Values() []string { return []string{string(Valkey), string(Redis)} }

// EvictionPolicy is maxmemory-policy: what goes when the memory is full.
type EvictionPolicy string

// AllKeysLFU evicts whichever key is used least often.
const AllKeysLFU EvictionPolicy = "allkeys-lfu"

// Values are those of the engines
// (https://valkey.io/topics/lru-cache/, 2026-11).
func (EvictionPolicy) Values() []string {
	return []string{string(AllKeysLFU), "allkeys-lru", "allkeys-random", "noeviction", "volatile-lfu", "volatile-lru", "volatile-random", "volatile-ttl"}
}

// CacheClient is how a service's process uses the cache. Durations that are
// absent are derived from the promised latency.
type CacheClient struct {
	// PoolTimeout that a request waits for a connection of a full pool before it
	// goes on without the cache. Default: a quarter of slo.p99.
	PoolTimeout Duration `json:"poolTimeout,omitempty" nonzero:"true"`
	// SocketTimeout of one operation. Default: a quarter of slo.p99.
	SocketTimeout Duration `json:"socketTimeout,omitempty" nonzero:"true"`
	// ConnectTimeout of a new connection with its TLS handshake. Default: slo.p99.
	ConnectTimeout Duration `json:"connectTimeout,omitempty" nonzero:"true"`
	// TTL of an entry. Default: 5m.
	TTL Duration `json:"ttl,omitempty" nonzero:"true"`
	// Jitter spreads the TTL evenly, up and down: entries that were written
	// together do not expire together. Default: 10%.
	Jitter *Percent `json:"jitter,omitempty"`
	// Stale is how long past its TTL an entry is still served while one process
	// recomputes it; 0s for never. Default: 30s.
	Stale *Duration `json:"stale,omitempty"`
}

// AdoptCache are live parts of an adopted replication group. What is not named
// stays with the group and outside of Pulumi: its users, its log delivery, its
// network.
type AdoptCache struct {
	// ParameterGroup that the group uses; required. One that ElastiCache made, such
	// as default.valkey8, cannot be changed: Headroom then makes one of its own.
	ParameterGroup string `json:"parameterGroup,omitempty"`
	// SubnetGroup that the nodes lie in.
	SubnetGroup string `json:"subnetGroup,omitempty"`
	// SecurityGroup of the group that admits the nodes, such as "sg-0a1b2c3d".
	SecurityGroup string `json:"securityGroup,omitempty"`
	// IngressRule of that group that admits the nodes' security group, such as
	// "sgr-0a1b2c3d". Without it one is made.
	IngressRule string `json:"ingressRule,omitempty"`
}

// cachePodCPU is requested for the one thread of a Redis in a cluster; it may use more.
const cachePodCPU = MilliCPU(100)

// CachePod is what the Redis in the cluster of a local stack requests; nothing
// where there is none.
func (s Stack) CachePod() Amounts {
	if !s.Local() || s.Cache.Mode != Managed {
		return Amounts{}
	}
	return s.Cache.Pod()
}

// Pod is what the cache requests in a cluster.
func (c Cache) Pod() Amounts { return Amounts{CPU: cachePodCPU, Memory: c.MaxMemory} }

// DatabasePod is what the PostgreSQL in the cluster of a local stack requests;
// nothing where there is none.
func (s Stack) DatabasePod() Amounts {
	if !s.Local() || s.Database.Mode != Managed {
		return Amounts{}
	}
	return s.Database.Resources
}

// DefaultGroup tells whether ElastiCache made the parameter group itself.
func (a AdoptCache) DefaultGroup() bool { return strings.HasPrefix(a.ParameterGroup, "default.") }

func (c Cache) withDefaults(local bool) Cache {
	if c.Mode == "" {
		return c
	}
	c.Engine = orElse(c.Engine, Valkey)
	c.EngineVersion = orElse(c.EngineVersion, map[CacheEngine]string{Valkey: "8.0", Redis: "7.1"}[c.Engine])
	replicas := 1
	if local && c.Mode == Managed {
		replicas = 0
	}
	c.Replicas = pointer(c.Replicas, replicas)
	c.MaxClients = orElse(c.MaxClients, 65000)
	c.ReservedMemory = pointer(c.ReservedMemory, 25)
	c.Policy = orElse(c.Policy, AllKeysLFU)
	c.User = orElse(c.User, "app")
	c.Port = orElse(c.Port, 6379)
	c.SnapshotDays = pointer(c.SnapshotDays, 1)
	c.MaintenanceWindow = orElse(c.MaintenanceWindow, "sun:05:00-sun:06:00")
	c.Client.TTL = orElse(c.Client.TTL, Duration(5*time.Minute))
	c.Client.Jitter = pointer(c.Client.Jitter, 10)
	c.Client.Stale = pointer(c.Client.Stale, Duration(30*time.Second))
	return c
}

var (
	cacheVersions = map[CacheEngine]*regexp.Regexp{
		// RBAC begins with Redis 6 and ends with 7.1, the last Redis of ElastiCache;
		// Valkey has it from its first version on
		// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html, 2026-11).
		Valkey: regexp.MustCompile(`^(7\.2|[89]\.\d)$`),
		Redis:  regexp.MustCompile(`^(6\.2|7\.[01])$`),
	}
	cacheIDForm   = regexp.MustCompile(`^[a-z](-?[a-z0-9]){0,39}$`)
	cacheUserForm = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9]*$`)
	windowForm    = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$`)
)

func (c Cache) validate(ps *Problems, local bool) {
	if c.Mode == "" {
		ps.require(reflect.ValueOf(c).IsZero(), "cache.mode", nil, "must be set", "one of "+strings.Join(Mode("").Values(), ", "))
		return
	}
	oneOf(ps, "cache.mode", c.Mode)
	oneOf(ps, "cache.engine", c.Engine)
	oneOf(ps, "cache.policy", c.Policy)
	ps.adopted("cache.id", c.Mode, c.ID)
	ps.require(c.ID == "" || cacheIDForm.MatchString(c.ID), "cache.id", c.ID, "must be the id of a replication group", "")
	c.Adopt.validate(ps, c.Mode)
	c.validateNode(ps, local)
	ps.between("cache.replicas", float64(*c.Replicas), 0, 5, "")
	ps.between("cache.reservedMemory", float64(*c.ReservedMemory), 0, 90, "%")
	ps.between("cache.maxClients", float64(c.MaxClients), 1, 65000, "")
	ps.between("cache.port", float64(c.Port), 1, 65535, "")
	ps.between("cache.snapshotDays", float64(*c.SnapshotDays), 0, 35, "")
	ps.require(c.MaxConnections == nil || *c.MaxConnections >= 1, "cache.maxConnections", deref(c.MaxConnections), "must be at least 1", "")
	ps.require(c.Mode != External || hostName.MatchString(c.Host), "cache.host", c.Host, "must be the host of the external cache", "")
	ps.require(c.Mode == External || c.Host == "", "cache.host", c.Host, "is for an external cache", "remove it: the cache tells its own")
	ps.require(windowForm.MatchString(c.MaintenanceWindow), "cache.maintenanceWindow", c.MaintenanceWindow,
		`must be days and times in UTC such as "sun:05:00-sun:06:00"`, "")
	ps.require(cacheUserForm.MatchString(c.User) && c.User != "default", "cache.user", c.User,
		"must be a name of letters, digits and hyphens other than default", "the default user is switched off")
	c.Client.validate(ps)
}

// validateNode checks what the cache runs on.
func (c Cache) validateNode(ps *Problems, local bool) {
	inCluster := local && c.Mode == Managed
	ps.require(inCluster || c.Image == "", "cache.image", c.Image, "is for the Redis of a local stack", "remove it")
	if inCluster {
		ps.require(pinned(c.Image), "cache.image", c.Image, "must be an image with a tag or digest other than latest", "such as redis:7.4.7")
		ps.require(c.MaxMemory > 0, "cache.maxMemory", c.MaxMemory, "must be the memory of the pod", "such as 256Mi")
		ps.require(c.NodeType == "", "cache.nodeType", c.NodeType, "is an ElastiCache node, and a local stack has none", "state maxMemory")
		ps.require(*c.Replicas == 0, "cache.replicas", *c.Replicas, "must be 0 on a local stack", "remove it")
		return
	}
	if c.Mode == External && c.NodeType == "" {
		ps.require(c.MaxMemory > 0, "cache.maxMemory", c.MaxMemory, "must be stated for an external cache without a nodeType", "")
		return
	}
	_, ok := catalog.Cache(c.NodeType)
	ps.known(ok, "cache.nodeType", c.NodeType, cacheNode, catalog.Caches())
	ps.require(!ok || c.MaxMemory == 0, "cache.maxMemory", c.MaxMemory, "must not stand beside nodeType", "remove it: the node has its own, less reservedMemory")
	ps.require(c.Mode != Managed || cacheVersions[c.Engine] == nil || cacheVersions[c.Engine].MatchString(c.EngineVersion),
		"cache.engineVersion", c.EngineVersion, fmt.Sprintf("must be a version of %s with users", c.Engine),
		`valkey "7.2" or "8.0" and later, redis "6.2", "7.0" or "7.1", in quotes`)
}

func (c CacheClient) validate(ps *Problems) {
	const at = "cache.client"
	for name, d := range map[string]Duration{".poolTimeout": c.PoolTimeout, ".socketTimeout": c.SocketTimeout, ".connectTimeout": c.ConnectTimeout} {
		ps.require(d == 0 || d >= Duration(time.Millisecond) && d <= Duration(10*time.Second), at+name, d, "must be between 1ms and 10s",
			"a request that waits longer is better off without the cache")
	}
	ps.require(c.TTL >= Duration(time.Second) && c.TTL <= Duration(30*24*time.Hour), at+".ttl", c.TTL, "must be between 1s and 720h", "")
	ps.between(at+".jitter", float64(*c.Jitter), 0, 50, "%")
	ps.require(*c.Stale >= 0 && *c.Stale <= Duration(24*time.Hour), at+".stale", *c.Stale, "must be between 0s and 24h", "")
}

func (a AdoptCache) validate(ps *Problems, mode Mode) {
	const at = "cache.adopt"
	if mode != Adopt {
		ps.require(a == AdoptCache{}, at, nil, "needs mode adopt", "set cache.mode to adopt, or remove the block")
		return
	}
	ps.require(a.ParameterGroup != "", at+".parameterGroup", nil, "must name the parameter group that the replication group uses",
		"aws elasticache describe-cache-clusters tells it under CacheParameterGroup")
	forms := []struct {
		key, value, like string
		form             *regexp.Regexp
	}{
		{"parameterGroup", a.ParameterGroup, "the name of a parameter group", groupForm},
		{"subnetGroup", a.SubnetGroup, "the name of a subnet group", groupForm},
		{"securityGroup", a.SecurityGroup, `a security group id such as "sg-0a1b2c3d"`, securityForm},
		{"ingressRule", a.IngressRule, `a security group rule id such as "sgr-0a1b2c3d"`, ruleForm},
	}
	for _, f := range forms {
		ps.require(f.value == "" || f.form.MatchString(f.value), at+"."+f.key, f.value, "must be "+f.like, "")
	}
	ps.require(a.IngressRule == "" || a.SecurityGroup != "", at+".ingressRule", a.IngressRule, "needs securityGroup beside it",
		"a rule belongs to a group")
}

// pinned tells whether an image names its version.
func pinned(image string) bool {
	return imageTag.MatchString(image) && !strings.HasSuffix(image, ":latest")
}
