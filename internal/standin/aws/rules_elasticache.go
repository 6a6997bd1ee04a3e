package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Sources of the rules, read in September 2026 and, where dated, in November.
const (
	tfReplicationGroup = "terraform-provider-aws internal/service/elasticache/replication_group.go @ 001b6364"
	tfCacheParameters  = "terraform-provider-aws internal/service/elasticache/parameter_group.go @ fd91d1b7"
	tfCacheUser        = "terraform-provider-aws internal/service/elasticache/user.go @ 01f43111"
	cacheCreateAPI     = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html, 2026-11"
	cacheUserAPI       = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUser.html, 2026-11"
	cacheRBAC          = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html, 2026-11"
	cacheEngineParams  = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, 2026-11"
	logGroupAPI        = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, 2026-11"
)

var (
	cacheGroupID  = regexp.MustCompile(`^[a-zA-Z](-?[0-9a-zA-Z]){0,39}$`)
	cacheName     = regexp.MustCompile(`^[a-z](-?[0-9a-z.])*$`)
	cacheUserID   = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*$`)
	cacheFamily   = regexp.MustCompile(`^(redis[2-7](\.[0x])?|redis[2-6]\.\d+|valkey[7-9]|memcached1\.\d)$`)
	cacheVersion  = regexp.MustCompile(`^(\d\.\d+\.\d+|6\.x|6\.[02]|[7-9]\.\d+)$`)
	cacheWeekly   = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d-(mon|tue|wed|thu|fri|sat|sun):\d\d:\d\d$`)
	cacheDaily    = regexp.MustCompile(`^\d\d:\d\d-\d\d:\d\d$`)
	logGroupName  = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	cacheEngines  = []string{"redis", "valkey"}
	evictionRules = []string{"volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "volatile-random", "allkeys-random", "volatile-ttl", "noeviction"}
	logRetentions = []float64{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)

// replicationGroupRules is what ElastiCache and the provider refuse of a group.
func replicationGroupRules() []provider.Rule {
	return []provider.Rule{
		{ID: "elasticache-group-id", Test: matches("replicationGroupId", cacheGroupID, "must begin with a letter and hold at most 40 letters, digits and single hyphens"), Source: tfReplicationGroup + " validateReplicationGroupID"},
		{ID: "elasticache-description", Test: filled("description"), Source: tfReplicationGroup + " StringIsNotEmpty"},
		{ID: "elasticache-engine", Test: cacheEngine, Source: tfReplicationGroup + "; hashicorp/terraform-provider-aws#41210"},
		{ID: "elasticache-failover", Test: failover, Source: tfReplicationGroup + " replicationGroupValidateAutomaticFailoverNumCacheClusters, replicationGroupValidateMultiAZAutomaticFailover"},
		{ID: "elasticache-sizes", Test: cacheSizes, Source: tfReplicationGroup + " ConflictsWith"},
		{ID: "elasticache-login", Test: cacheLogin, Source: tfReplicationGroup + " ConflictsWith; " + cacheCreateAPI + " AuthToken, UserGroupIds"},
		{ID: "elasticache-logs", Test: cacheLogs, Source: tfReplicationGroup + " log_delivery_configuration"},
		{ID: "elasticache-window", Test: matches("maintenanceWindow", cacheWeekly, "must be days and times such as sun:05:00-sun:06:00"), Source: tfReplicationGroup + " ValidOnceAWeekWindowFormat"},
		{ID: "elasticache-snapshot-window", Test: matches("snapshotWindow", cacheDaily, "must be times such as 03:00-04:00"), Source: tfReplicationGroup + " ValidOnceADayWindowFormat"},
		{ID: "elasticache-snapshots", Test: between("snapshotRetentionLimit", 0, 35), Source: tfReplicationGroup + " IntAtMost"},
		{ID: "elasticache-transit-mode", Test: transitMode, Source: cacheCreateAPI + " TransitEncryptionMode"},
		{ID: "elasticache-downgrade", When: provider.OnUpdate, Between: cacheDowngrade, Source: tfReplicationGroup + " customizeDiffEngineVersionForceNewOnDowngrade, customizeDiffEngineForceNewOnDowngrade"},
	}
}

// matches is a rule about the form of a text.
func matches(path string, form *regexp.Regexp, text string) func(_, in provider.Value) []provider.Problem {
	return func(_, in provider.Value) []provider.Problem {
		if v := in.At(path); v.IsText() && !form.MatchString(v.Text()) {
			return problem(path, "%s", text)
		}
		return nil
	}
}

// filled is a rule about a text that must say something.
func filled(path string) func(_, in provider.Value) []provider.Problem {
	return func(_, in provider.Value) []provider.Problem {
		if v := in.At(path); v.IsText() && strings.TrimSpace(v.Text()) == "" {
			return problem(path, "must not be empty")
		}
		return nil
	}
}

func cacheEngine(_, in provider.Value) (found []provider.Problem) {
	engine, version := in.At("engine"), in.At("engineVersion")
	if engine.IsText() && !slices.Contains(cacheEngines, engine.Text()) {
		found = problem("engine", "must be one of %s", strings.Join(cacheEngines, ", "))
	}
	if engine.Text() == "valkey" && !version.Present() {
		found = append(found, problem("engineVersion", "is required for valkey")...)
	}
	if version.IsText() && !cacheVersion.MatchString(version.Text()) {
		found = append(found, problem("engineVersion", "must be major and minor from version 6 on, such as 7.1")...)
	}
	return found
}

func failover(_, in provider.Value) (found []provider.Problem) {
	nodes, known := in.At("numCacheClusters").Number()
	if !known && !in.At("numCacheClusters").Present() {
		nodes, known = 1, true
	}
	auto, sharded := in.At("automaticFailoverEnabled").True(), in.At("numNodeGroups").Present()
	if auto && known && !sharded && nodes < 2 {
		found = problem("numCacheClusters", "must be at least 2 when automaticFailoverEnabled is true")
	}
	if in.At("multiAzEnabled").True() && !auto && !in.At("automaticFailoverEnabled").Unknown() {
		found = append(found, problem("automaticFailoverEnabled", "must be true when multiAzEnabled is true")...)
	}
	return found
}

func cacheSizes(_, in provider.Value) []provider.Problem {
	if in.At("numCacheClusters").Present() && (in.At("numNodeGroups").Present() || in.At("replicasPerNodeGroup").Present()) {
		return problem("numCacheClusters", "conflicts with numNodeGroups and replicasPerNodeGroup")
	}
	return nil
}

func cacheLogin(_, in provider.Value) (found []provider.Problem) {
	token, groups, tls := in.At("authToken"), in.At("userGroupIds"), in.At("transitEncryptionEnabled")
	if token.Present() && groups.Present() {
		found = problem("authToken", "conflicts with userGroupIds")
	}
	if len(groups.List()) > 1 {
		found = append(found, problem("userGroupIds", "must name at most one user group")...)
	}
	if (token.Present() || groups.Present()) && !tls.Unknown() && !tls.True() {
		found = append(found, problem("transitEncryptionEnabled", "must be true: passwords need encryption in transit")...)
	}
	return found
}

func cacheLogs(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, l := range in.At("logDeliveryConfigurations").List() {
		at := fmt.Sprintf("logDeliveryConfigurations[%d]", i)
		oneOf := func(field string, allowed ...string) {
			if v := l.At(field); !v.Unknown() && !slices.Contains(allowed, v.Text()) {
				found = append(found, problem(at+"."+field, "must be one of %s", strings.Join(allowed, ", "))...)
			}
		}
		oneOf("destinationType", "cloudwatch-logs", "kinesis-firehose")
		oneOf("logFormat", "json", "text")
		oneOf("logType", "slow-log", "engine-log")
		if !l.At("destination").Present() {
			found = append(found, problem(at+".destination", "is required")...)
		}
		if kind := l.At("logType").Text(); seen[kind] {
			found = append(found, problem(at+".logType", "stands twice")...)
		}
		seen[l.At("logType").Text()] = true
	}
	return found
}

func transitMode(_, in provider.Value) []provider.Problem {
	mode := in.At("transitEncryptionMode")
	switch {
	case mode.IsText() && !slices.Contains([]string{"preferred", "required"}, mode.Text()):
		return problem("transitEncryptionMode", "must be preferred or required")
	case mode.IsText() && in.At("transitEncryptionEnabled").False():
		return problem("transitEncryptionMode", "needs transitEncryptionEnabled")
	}
	return nil
}

// cacheDowngrade refuses what the provider would only do by another group.
func cacheDowngrade(old, in provider.Value) []provider.Problem {
	if old.At("engine").Text() == "valkey" && in.At("engine").Text() == "redis" {
		return problem("engine", "there is no way back from valkey to redis but a new group")
	}
	from, to := old.At("engineVersion"), in.At("engineVersion")
	if old.At("engine").Text() == in.At("engine").Text() && from.IsText() && to.IsText() && to.Text() < from.Text() {
		return problem("engineVersion", "there is no way back from %s but a new group", from.Text())
	}
	return nil
}

func cacheParameterRules() []provider.Rule {
	return []provider.Rule{
		{ID: "elasticache-parameter-group-name", Test: matches("name", cacheName, "must begin with a letter and hold lower-case letters, digits, periods and single hyphens"), Source: tfCacheParameters},
		{ID: "elasticache-family", Test: matches("family", cacheFamily, "must be a family such as valkey8 or redis7"), Source: cacheEngineParams},
		{ID: "elasticache-parameters", Test: cacheParameterValues, Source: cacheEngineParams},
	}
}

// cacheParameterValues judges the parameters that decide what a full cache does.
func cacheParameterValues(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, p := range in.At("parameters").List() {
		at, name, value := fmt.Sprintf("parameters[%d]", i), p.At("name").Text(), p.At("value")
		if name == "" || !value.Present() {
			found = append(found, problem(at, "name and value are required")...)
		}
		if name == "maxmemory-policy" && value.IsText() && !slices.Contains(evictionRules, value.Text()) {
			found = append(found, problem(at+".value", "must be one of %s", strings.Join(evictionRules, ", "))...)
		}
		if name == "reserved-memory-percent" && value.IsText() && !regexp.MustCompile(`^(100|[1-9]?\d)$`).MatchString(value.Text()) {
			found = append(found, problem(at+".value", "must be a whole number between 0 and 100")...)
		}
		if seen[name] {
			found = append(found, problem(at+".name", "stands twice")...)
		}
		seen[name] = true
	}
	return found
}

func cacheSubnetRules() []provider.Rule {
	return []provider.Rule{{
		ID: "elasticache-subnets", Source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html, 2026-11",
		Test: func(_, in provider.Value) (found []provider.Problem) {
			if ids := in.At("subnetIds"); ids.Present() && !ids.Unknown() && len(ids.List()) == 0 {
				found = problem("subnetIds", "must name a subnet")
			}
			if name := in.At("name").Text(); len(name) > 255 || strings.EqualFold(name, "default") {
				found = append(found, problem("name", "must have at most 255 characters and not be default")...)
			}
			return found
		},
	}}
}

func cacheUserRules() []provider.Rule {
	return []provider.Rule{
		{ID: "elasticache-user-id", Test: matches("userId", cacheUserID, "must begin with a letter and hold letters, digits and hyphens"), Source: cacheUserAPI + " UserId"},
		{ID: "elasticache-access", Test: filled("accessString"), Source: cacheUserAPI + " AccessString"},
		{ID: "elasticache-user-engine", Test: userEngine, Source: tfCacheUser + " StringInSlice"},
		{ID: "elasticache-passwords", Test: cachePasswords, Source: tfCacheUser + " passwords; " + cacheRBAC},
	}
}

func userEngine(_, in provider.Value) []provider.Problem {
	if engine := in.At("engine"); engine.IsText() && !slices.Contains(cacheEngines, strings.ToLower(engine.Text())) {
		return problem("engine", "must be one of %s", strings.Join(cacheEngines, ", "))
	}
	return nil
}

func cachePasswords(_, in provider.Value) (found []provider.Problem) {
	passwords, none := in.At("passwords"), in.At("noPasswordRequired").True()
	switch {
	case none && in.At("engine").Text() == "valkey":
		found = problem("noPasswordRequired", "a user of valkey needs a password")
	case !none && !passwords.Present() && !in.At("authenticationMode").Present():
		found = problem("passwords", "is required unless noPasswordRequired is true")
	}
	if len(passwords.List()) > 2 {
		found = append(found, problem("passwords", "must be two at most")...)
	}
	for i, p := range passwords.List() {
		if n := len(p.Text()); p.IsText() && (n < 16 || n > 128) {
			found = append(found, problem(fmt.Sprintf("passwords[%d]", i), "must have 16 to 128 characters")...)
		}
	}
	return found
}

func cacheUserGroupRules() []provider.Rule {
	return []provider.Rule{
		{ID: "elasticache-user-group-id", Test: matches("userGroupId", cacheUserID, "must begin with a letter and hold letters, digits and hyphens"), Source: cacheRBAC},
		{ID: "elasticache-user-group-engine", Test: userEngine, Source: cacheRBAC},
		{
			ID: "elasticache-user-group-default", Source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html, 2026-11 DefaultUserRequired",
			Test: func(_, in provider.Value) []provider.Problem {
				if users := in.At("userIds"); in.At("engine").Text() == "redis" && !users.Unknown() && len(users.List()) == 0 {
					return problem("userIds", "DefaultUserRequired: a group of redis holds a user named default")
				}
				return nil
			},
		},
	}
}

func logGroupRules() []provider.Rule {
	return []provider.Rule{
		{ID: "logs-group-name", Test: matches("name", logGroupName, "must hold at most 512 letters, digits and . - _ / #"), Source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html, 2026-11"},
		{
			ID: "logs-retention", Source: logGroupAPI,
			Test: func(_, in provider.Value) []provider.Problem {
				if days, ok := in.At("retentionInDays").Number(); ok && !slices.Contains(logRetentions, days) {
					return problem("retentionInDays", "is none of the numbers of days that CloudWatch keeps logs")
				}
				return nil
			},
		},
	}
}
