package aws_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	replicationGroup = "aws:elasticache/replicationGroup:ReplicationGroup"
	cacheParameters  = "aws:elasticache/parameterGroup:ParameterGroup"
	cacheSubnets     = "aws:elasticache/subnetGroup:SubnetGroup"
	cacheUser        = "aws:elasticache/user:User"
	cacheUserGroup   = "aws:elasticache/userGroup:UserGroup"
	logGroup         = "aws:cloudwatch/logGroup:LogGroup"
)

func delivery(kind string) object {
	return object{"destination": "logs", "destinationType": "cloudwatch-logs", "logFormat": "json", "logType": kind}
}

// goodCache are inputs that ElastiCache and CloudWatch accept.
func goodCache(token string) object {
	return map[string]object{
		replicationGroup: {
			"description": "cache", "engine": "valkey", "engineVersion": "8.0", "nodeType": "cache.m7g.large", "numCacheClusters": 2.0,
			"automaticFailoverEnabled": true, "multiAzEnabled": true, "transitEncryptionEnabled": true, "transitEncryptionMode": "required",
			"userGroupIds": []any{"cache"}, "maintenanceWindow": "sun:05:00-sun:06:00", "snapshotWindow": "03:00-04:00", "snapshotRetentionLimit": 1.0,
			"replicationGroupId": "cache", "logDeliveryConfigurations": []any{delivery("slow-log"), delivery("engine-log")},
		},
		cacheParameters: {"family": "valkey8", "name": "cache", "parameters": []any{
			object{"name": "maxmemory-policy", "value": "allkeys-lfu"}, object{"name": "reserved-memory-percent", "value": "25"},
		}},
		cacheSubnets:   {"name": "cache", "subnetIds": []any{"a", "b"}},
		cacheUser:      {"userId": "cache-app", "userName": "app", "engine": "valkey", "accessString": "on ~* +@all", "passwords": []any{"a password of enough characters"}},
		cacheUserGroup: {"userGroupId": "cache", "engine": "valkey", "userIds": []any{"cache-app", "cache-default"}},
		logGroup:       {"name": "/aws/vendedlogs/elasticache/cache", "retentionInDays": 30.0},
	}[token]
}

var cacheCases = map[string]struct {
	reason string
	token  string
	change map[string]any
	want   []string
}{
	"GroupID":          {"hyphens stand alone", replicationGroup, object{"replicationGroupId": "a--b"}, []string{"elasticache-group-id"}},
	"GroupIDLong":      {"40 characters", replicationGroup, object{"replicationGroupId": strings.Repeat("a", 41)}, []string{"elasticache-group-id"}},
	"NoDescription":    {"it must say something", replicationGroup, object{"description": " "}, []string{"elasticache-description"}},
	"OddEngine":        {"two engines replicate", replicationGroup, object{"engine": "memcached"}, []string{"elasticache-engine"}},
	"ValkeyNoVersion":  {"Valkey has no default", replicationGroup, object{"engineVersion": nil}, []string{"elasticache-engine"}},
	"RedisNoVersion":   {"Redis has one", replicationGroup, object{"engine": "redis", "engineVersion": nil}, nil},
	"VersionForm":      {"no patch from 6 on", replicationGroup, object{"engineVersion": "8"}, []string{"elasticache-engine"}},
	"FailoverAlone":    {"nobody could take over", replicationGroup, object{"numCacheClusters": 1.0}, []string{"elasticache-failover"}},
	"FailoverNoCount":  {"one is the default", replicationGroup, object{"numCacheClusters": nil}, []string{"elasticache-failover"}},
	"FailoverUnknown":  {"a number not known yet may be enough", replicationGroup, object{"numCacheClusters": unknown}, nil},
	"ZonesNoFailover":  {"several zones fail over", replicationGroup, object{"automaticFailoverEnabled": false}, []string{"elasticache-failover"}},
	"TwoSizes":         {"sharded or not", replicationGroup, object{"numNodeGroups": 2.0}, []string{"elasticache-sizes"}},
	"TokenAndUsers":    {"one way to log in", replicationGroup, object{"authToken": "x"}, []string{"elasticache-login"}},
	"TwoUserGroups":    {"one", replicationGroup, object{"userGroupIds": []any{"a", "b"}}, []string{"elasticache-login"}},
	"UsersInTheClear":  {"passwords need TLS", replicationGroup, object{"transitEncryptionEnabled": nil, "transitEncryptionMode": nil}, []string{"elasticache-login"}},
	"LogTwice":         {"one of each", replicationGroup, object{"logDeliveryConfigurations": []any{delivery("slow-log"), delivery("slow-log")}}, []string{"elasticache-logs"}},
	"OddLog":           {"two kinds", replicationGroup, object{"logDeliveryConfigurations": []any{delivery("audit-log")}}, []string{"elasticache-logs"}},
	"Window":           {"days and times", replicationGroup, object{"maintenanceWindow": "Sunday 5am"}, []string{"elasticache-window"}},
	"SnapshotWindow":   {"times", replicationGroup, object{"snapshotWindow": "sun:03:00-sun:04:00"}, []string{"elasticache-snapshot-window"}},
	"Snapshots":        {"35 days", replicationGroup, object{"snapshotRetentionLimit": 36.0}, []string{"elasticache-snapshots"}},
	"TransitMode":      {"two modes", replicationGroup, object{"transitEncryptionMode": "always"}, []string{"elasticache-transit-mode"}},
	"ParameterName":    {"lower case", cacheParameters, object{"name": "Cache"}, []string{"elasticache-parameter-group-name"}},
	"Family":           {"a family with its number", cacheParameters, object{"family": "valkey"}, []string{"elasticache-family"}},
	"Policy":           {"a closed set", cacheParameters, object{"parameters": []any{object{"name": "maxmemory-policy", "value": "lru"}}}, []string{"elasticache-parameters"}},
	"Reserved":         {"a percentage", cacheParameters, object{"parameters": []any{object{"name": "reserved-memory-percent", "value": "25%"}}}, []string{"elasticache-parameters"}},
	"ParameterTwice":   {"one value", cacheParameters, object{"parameters": []any{object{"name": "timeout", "value": "1"}, object{"name": "timeout", "value": "2"}}}, []string{"elasticache-parameters"}},
	"NoSubnet":         {"nowhere to be", cacheSubnets, object{"subnetIds": []any{}}, []string{"elasticache-subnets"}},
	"OneSubnet":        {"one zone may be enough", cacheSubnets, object{"subnetIds": []any{"a"}}, nil},
	"DefaultSubnets":   {"ElastiCache's own", cacheSubnets, object{"name": "default"}, []string{"elasticache-subnets"}},
	"UserID":           {"letters, digits, hyphens", cacheUser, object{"userId": "a_b"}, []string{"elasticache-user-id"}},
	"NoAccess":         {"what may it do?", cacheUser, object{"accessString": ""}, []string{"elasticache-access"}},
	"UserEngine":       {"two engines", cacheUser, object{"engine": "keydb"}, []string{"elasticache-user-engine"}},
	"ShortPassword":    {"16 characters", cacheUser, object{"passwords": []any{"short"}}, []string{"elasticache-passwords"}},
	"ThreePasswords":   {"two while one rotates", cacheUser, object{"passwords": []any{strings.Repeat("a", 16), strings.Repeat("b", 16), strings.Repeat("c", 16)}}, []string{"elasticache-passwords"}},
	"NoPassword":       {"Valkey asks for one", cacheUser, object{"passwords": nil, "noPasswordRequired": true}, []string{"elasticache-passwords"}},
	"NoLogin":          {"a password, or none", cacheUser, object{"passwords": nil}, []string{"elasticache-passwords"}},
	"PasswordNotKnown": {"a secret still to be made", cacheUser, object{"passwords": []any{unknown}}, nil},
	"UserGroupID":      {"letters, digits, hyphens", cacheUserGroup, object{"userGroupId": "1a"}, []string{"elasticache-user-group-id"}},
	"UserGroupEngine":  {"two engines", cacheUserGroup, object{"engine": "keydb"}, []string{"elasticache-user-group-engine"}},
	"NoDefaultUser":    {"Redis insists on it", cacheUserGroup, object{"engine": "redis", "userIds": []any{}}, []string{"elasticache-user-group-default"}},
	"LogName":          {"no spaces", logGroup, object{"name": "a b"}, []string{"logs-group-name"}},
	"Retention":        {"a closed set", logGroup, object{"retentionInDays": 31.0}, []string{"logs-retention"}},
}

func TestCacheRules(t *testing.T) {
	for name, tc := range cacheCases {
		t.Run(name, func(t *testing.T) {
			if _, got := check(t, tc.token, with(tc.token, tc.change)); !cmp.Equal(tc.want, got) {
				t.Errorf("%s: Check(%s, %v) breaks %v, want exactly %v", tc.reason, tc.token, tc.change, got, tc.want)
			}
		})
	}
}

func TestEveryCacheRuleRefusesSomething(t *testing.T) {
	broken := map[string]bool{"elasticache-downgrade": true} // TestNoWayBackInACache breaks it
	for _, tc := range cacheCases {
		for _, id := range tc.want {
			broken[id] = true
		}
	}
	for _, row := range aws.Definition(aws.Account{}).Types {
		for _, rule := range row.Rules {
			if goodCache(row.Token) != nil && !broken[rule.ID] {
				t.Errorf("%s: no case breaks %s", row.Token, rule.ID)
			}
		}
	}
}

func TestNoWayBackInACache(t *testing.T) {
	cases := map[string]struct {
		change object
		want   string
	}{
		"Upgrade":    {object{"engineVersion": "8.1"}, ""},
		"Downgrade":  {object{"engineVersion": "7.2"}, "no way back from 8.0"},
		"ToRedis":    {object{"engine": "redis", "engineVersion": "7.1"}, "from valkey to redis"},
		"LargerNode": {object{"nodeType": "cache.m7g.xlarge"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := liveCache(t)
			_, err := p.Update(t.Context(), plugin.UpdateRequest{Type: tokens.Type(replicationGroup), ID: "cache", NewInputs: props(with(replicationGroup, c.change))})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Update = %v, want %q", err, c.want)
			}
		})
	}
}

func liveCache(t *testing.T) *provider.Provider {
	t.Helper()
	p := aws.New(aws.Account{})
	if err := p.Seed(provider.Seed{Token: replicationGroup, ID: "cache", Inputs: good(replicationGroup)}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCacheReplacements(t *testing.T) {
	cases := map[string]struct {
		token  string
		change object
		want   []string
	}{
		"NodeType":      {replicationGroup, object{"nodeType": "cache.m7g.xlarge"}, nil},
		"Replicas":      {replicationGroup, object{"numCacheClusters": 3.0}, nil},
		"Version":       {replicationGroup, object{"engineVersion": "8.1"}, nil},
		"Description":   {replicationGroup, object{"description": "other"}, nil},
		"AtRest":        {replicationGroup, object{"atRestEncryptionEnabled": true}, []string{"atRestEncryptionEnabled"}},
		"Rename":        {replicationGroup, object{"replicationGroupId": "other"}, []string{"replicationGroupId"}},
		"Subnets":       {replicationGroup, object{"subnetGroupName": "other"}, []string{"subnetGroupName"}},
		"Policy":        {cacheParameters, object{"parameters": []any{object{"name": "maxmemory-policy", "value": "noeviction"}}}, nil},
		"Family":        {cacheParameters, object{"family": "valkey9"}, []string{"family"}},
		"Password":      {cacheUser, object{"passwords": []any{"another password of enough characters"}}, nil},
		"UserName":      {cacheUser, object{"userName": "web"}, []string{"userName"}},
		"Members":       {cacheUserGroup, object{"userIds": []any{"cache-app"}}, nil},
		"UserGroupName": {cacheUserGroup, object{"userGroupId": "other"}, []string{"userGroupId"}},
		"Retention":     {logGroup, object{"retentionInDays": 60.0}, nil},
		"LogName":       {logGroup, object{"name": "other"}, []string{"name"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := aws.New(aws.Account{}).Diff(t.Context(), plugin.DiffRequest{
				Type: tokens.Type(tc.token), OldInputs: props(good(tc.token)), NewInputs: props(with(tc.token, tc.change)),
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range r.ReplaceKeys {
				got = append(got, string(k))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || r.Changes != plugin.DiffSome {
				t.Errorf("Diff(%s, %v) replaces (-want +got):\n%s; changes %v, want some", tc.token, tc.change, diff, r.Changes)
			}
		})
	}
}

func TestLookupOfALiveCache(t *testing.T) {
	call := func(id string) (resource.PropertyMap, error) {
		r, err := liveCache(t).Invoke(t.Context(), plugin.InvokeRequest{Tok: "aws:elasticache/getReplicationGroup:getReplicationGroup",
			Args: props(object{"replicationGroupId": id})})
		return r.Properties, err
	}
	got, err := call("cache")
	if err != nil || got["nodeType"].StringValue() != "cache.m7g.large" || got["numCacheClusters"].NumberValue() != 2 || !got["multiAzEnabled"].BoolValue() {
		t.Errorf("getReplicationGroup = %v, %v", got, err)
	}
	if _, err := call("nowhere"); err == nil {
		t.Error("getReplicationGroup finds a group that is not there")
	}
}
