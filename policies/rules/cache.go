package rules

import (
	"slices"
	"strings"
)

// cacheEncrypted prevents sessions that anybody in the network can read, and a
// cluster that has to be rebuilt: both can only be chosen at creation.
func cacheEncrypted() Rule {
	return Rule{
		ID: "cache-encrypted", Severity: High, Level: Mandatory, Single: true,
		What:    "caches are encrypted at rest and in transit",
		Why:     "encryption at rest can only be chosen at creation, and without TLS no password protects the cache",
		Fix:     "set atRestEncryptionEnabled and transitEncryptionEnabled: true on the replication group",
		Anchors: []string{"CKV_AWS_29", "CKV_AWS_30", "AWS-0045", "AWS-0051", "nag AEC3"},
		Types:   []string{typeCache},
		Eval: each("whether it is encrypted", func(_ Input, v *verdict, c Resource) {
			v.on(c.at("transitEncryptionEnabled"))
			v.require(func(f *facts) string {
				rest := c.at("atRestEncryptionEnabled")
				// Valkey encrypts by default, Redis does not
				// (pulumi-aws sdk v6.83.2 elasticache/replicationGroup.go).
				if f.flag(rest) || (rest.Absent() && f.textOr(c.at("engine"), "redis") == "valkey") {
					return ""
				}
				return "atRestEncryptionEnabled is " + show(rest)
			})
			v.noneOf(c.at("transitEncryptionMode"), "required", "preferred")
			v.pass("encrypted at rest and in transit")
		}, typeCache),
	}
}

// cacheFailover prevents a cache that takes the site down with one node.
func cacheFailover() Rule {
	return Rule{
		ID: "cache-failover", Severity: High, Level: Mandatory, Single: true,
		What:    "caches fail over to a replica in another zone",
		Why:     "a lost primary would be an empty cache, and every request would reach the database at once",
		Fix:     "set automaticFailoverEnabled and multiAzEnabled: true with at least two nodes (headroom:cache.replicas)",
		Anchors: []string{"CKV2_AWS_50", "nag AEC4", "KICS pulumi 9b18fc19"},
		Types:   []string{typeCache}, Options: []Option{relaxedStacks()},
		Eval: each("whether it fails over", func(in Input, v *verdict, c Resource) {
			if in.relaxed(c) {
				v.notApplicable("stack %s may do without a replica", stackOf(c))
				return
			}
			v.on(c.at("automaticFailoverEnabled"))
			v.on(c.at("multiAzEnabled"))
			if shards := c.at("numNodeGroups"); shards.Absent() {
				v.within(c.at("numCacheClusters"), 1, 2, maxCount, " nodes")
			} else {
				v.readable(shards)
				v.within(c.at("replicasPerNodeGroup"), 0, 1, maxCount, " replicas")
			}
			v.pass("a replica takes over")
		}, typeCache),
	}
}

// cacheAccess prevents a cache that everybody in the network may empty.
func cacheAccess() Rule {
	return Rule{
		ID: "cache-access", Severity: High, Level: Mandatory, Single: true,
		What:    "caches ask for a password, and the user called default can do nothing",
		Why:     "one compromised pod could read every session or flush the cache into the database's arms",
		Fix:     "give the replication group userGroupIds or a secret authToken, and the user default the access string \"off ~* -@all\"",
		Anchors: []string{"CKV_AWS_31", "nag AEC6"},
		Types:   []string{typeCache, typeCacheUser},
		Eval: each("whether everybody may use it", func(_ Input, v *verdict, r Resource) {
			v.pass("asks who is there")
			if r.Type == typeCacheUser {
				v.defaultUser(r)
				return
			}
			token, groups := r.at("authToken"), r.at("userGroupIds")
			switch {
			case token.Known():
				v.fault("authToken is plain text")
			case token.Absent():
				v.require(func(f *facts) string {
					if groups.Unknown() && len(r.References["userGroupIds"]) > 0 || len(f.list(groups)) > 0 {
						return ""
					}
					if r.Options.ignores("authToken") {
						// AWS tells that there is a token, never the token, so an
						// import leaves it empty
						// (docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html, 2026-11).
						f.wait("the live login of %s, which an import cannot read", r.label())
					}
					return "neither authToken nor userGroupIds is set"
				})
			case token.Unknown():
				v.readable(token)
			}
		}, typeCache, typeCacheUser),
	}
}

// defaultUser is who a client is that gives no name.
func (v *verdict) defaultUser(u Resource) {
	own := &facts{}
	name := own.textOr(u.at("userName"), "")
	if own.complete() && name != "default" {
		v.notApplicable("user %s has a name that clients must know", legible(name))
		return
	}
	v.require(func(f *facts) string {
		f.waits = append(f.waits, own.waits...)
		if access := f.textOr(u.at("accessString"), ""); slices.Contains(strings.Fields(access), "on") {
			return "the user default is on: " + access
		}
		return ""
	})
}

// cacheEviction prevents a cache that answers errors when it is full: ElastiCache
// evicts only keys with a TTL unless told otherwise.
func cacheEviction() Rule {
	return Rule{
		ID: "cache-eviction", Severity: High, Level: Mandatory,
		What:    "a full cache evicts keys instead of refusing writes",
		Why:     "volatile-lru, the default, never evicts a key without TTL; noeviction evicts none: writes fail at the peak",
		Fix:     "set maxmemory-policy to allkeys-lfu or allkeys-lru in the cache's parameter group",
		Anchors: []string{"S15"},
		Types:   []string{typeCache, typeCacheParameters},
		Eval: each("what it does when it is full", func(in Input, v *verdict, c Resource) {
			v.require(func(f *facts) string {
				group := in.parameterGroup(f, c, typeCacheParameters)
				policy := defaultEviction
				if group != nil {
					if value, stated := f.parameter(*group, "maxmemory-policy"); stated {
						policy = value
					}
				}
				if policy == "allkeys-lfu" || policy == "allkeys-lru" || policy == "allkeys-random" {
					v.pass("evicts by %s", policy)
					return ""
				}
				return "maxmemory-policy is " + legible(policy)
			})
		}, typeCache),
	}
}

// defaultEviction of ElastiCache
// (docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, 2026-11).
const defaultEviction = "volatile-lru"

// cacheMaxClients is what ElastiCache admits per node and nobody can change
// (docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, 2026-11).
const cacheMaxClients = 65_000

// cacheClients prevents refused connections to the cache at the ceiling.
func cacheClients() Rule {
	return Rule{
		ID: "cache-clients", Severity: High, Level: Mandatory,
		What:    "every autoscaler at its ceiling fits the clients that a cache node admits",
		Why:     "redis-py opens connections without bound unless REDIS_MAX_CONNECTIONS bounds it, and a node refuses the 65,001st",
		Fix:     "set REDIS_MAX_CONNECTIONS by headroom:cache.maxConnections, or lower autoscaling.maxReplicas",
		Anchors: []string{"S15"},
		Types:   []string{typeCache, typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeConfigMap},
		Options: []Option{{Name: "maxClients", What: "clients that a node admits", Default: cacheMaxClients, Low: 1, High: maxCount}},
		Eval: func(in Input) []Finding {
			services := in.services()
			var all []Finding
			for _, c := range in.of(typeCache) {
				v := &verdict{}
				in.judgeClients(v, services)
				all = append(all, v.finding(c, "whether its clients fit"))
			}
			return all
		},
	}
}

func (in Input) judgeClients(v *verdict, services []service) {
	clients, users := 0, 0
	for _, s := range services {
		n, uses := in.cacheConnections(&v.facts, s)
		clients += n
		if uses {
			users++
		}
	}
	limit := in.whole("maxClients")
	if users == 0 {
		v.notApplicable("no service here sets %s", envRedis)
		return
	}
	v.pass("%d clients of %d services at their ceilings ≤ %d", clients, users, limit)
	if clients > limit {
		v.fault("%d clients of %d services at their ceilings > %d", clients, users, limit)
	}
}

// cacheConnections are what a service may open: at its ceiling with surge, per
// process of a pod.
func (m Model) cacheConnections(f *facts, s service) (int, bool) {
	total, uses := 0, false
	for _, e := range m.environments(&s) {
		perProcess, _ := e.lookup(f, envRedis)
		if perProcess.Absent() {
			continue
		}
		uses = true
		each := f.count(perProcess, 1, 0)
		processes, _ := e.lookup(f, envWorkers)
		most := f.required(s.hpa.at("spec.maxReplicas"), 1)
		roll := rolloutOf(s)
		f.waits = append(f.waits, roll.more.waits...)
		total += (most + roll.added(most)) * max(1, f.count(processes, 1, 1)) * min(each, maxPool)
	}
	for _, wait := range s.facts.waits {
		f.wait("%s", wait)
	}
	return total, uses
}
