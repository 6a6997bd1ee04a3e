package aws

import (
	"fmt"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Tokens of what makes a cache.
const (
	replicationGroup = "aws:elasticache/replicationGroup:ReplicationGroup"
	cacheParameters  = "aws:elasticache/parameterGroup:ParameterGroup"
	cacheSubnets     = "aws:elasticache/subnetGroup:SubnetGroup"
	cacheUser        = "aws:elasticache/user:User"
	cacheUserGroup   = "aws:elasticache/userGroup:UserGroup"
	logGroup         = "aws:cloudwatch/logGroup:LogGroup"
)

func cacheTypes(a Account) []provider.Type {
	autoname := func(property string, most int) *provider.Autoname {
		return &provider.Autoname{Property: property, Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: most}
	}
	return []provider.Type{
		{
			Token: replicationGroup, Required: []string{"description"},
			Sets:     []string{"logDeliveryConfigurations", "securityGroupIds", "userGroupIds"},
			Defaults: map[string]any{"automaticFailoverEnabled": false, "multiAzEnabled": false},
			Autoname: autoname("replicationGroupId", 40),
			Secrets:  []string{"authToken"},
			Rivals:   rivalCaches,
			Rules:    replicationGroupRules(), Identity: named("replication-group", "replicationGroupId"), Mint: a.mintReplicationGroup,
		},
		{
			Token: cacheParameters, Required: []string{"family"}, Sets: []string{"parameters"},
			Defaults: map[string]any{"description": "Managed by Pulumi"}, Autoname: autoname("name", 255), Rivals: rivalCacheGroups,
			Rules: cacheParameterRules(), Identity: named("cache-parameter-group", "name"), Mint: a.mintCache("parametergroup", "name"),
		},
		{
			Token: cacheSubnets, Required: []string{"subnetIds"}, Sets: []string{"subnetIds"},
			Defaults: map[string]any{"description": "Managed by Pulumi"}, Autoname: autoname("name", 255),
			Rules: cacheSubnetRules(), Identity: named("cache-subnet-group", "name"), Mint: a.mintCache("subnetgroup", "name"),
		},
		{
			Token: cacheUser, Required: []string{"accessString", "engine", "userId", "userName"}, Sets: []string{"passwords"},
			Defaults: map[string]any{"noPasswordRequired": false}, Secrets: []string{"passwords"},
			Rules: cacheUserRules(), Identity: named("cache-user", "userId"), Mint: a.mintCache("user", "userId"),
		},
		{
			Token: cacheUserGroup, Required: []string{"engine", "userGroupId"}, Sets: []string{"userIds"},
			Rules: cacheUserGroupRules(), Identity: named("cache-user-group", "userGroupId"), Mint: a.mintCache("usergroup", "userGroupId"),
		},
		{
			Token: logGroup, Defaults: map[string]any{"skipDestroy": false}, Autoname: autoname("name", 512),
			Rules: logGroupRules(), Identity: named("log-group", "name"), Mint: a.mintNamed("logs", "log-group"),
		},
	}
}

// mintCache makes the outputs of what ElastiCache knows by a name in lower case.
func (a Account) mintCache(kind, property string) func(provider.Minting) (string, map[string]any) {
	return func(m provider.Minting) (string, map[string]any) {
		name := m.Inputs.At(property).Text()
		return name, map[string]any{"arn": a.arn("elasticache", a.region(m.Config), kind+":"+name), "tagsAll": allTags(m.Config, m.Inputs)}
	}
}

func (a Account) mintReplicationGroup(m provider.Minting) (string, map[string]any) {
	id, out := a.mintCache("replicationgroup", "replicationGroupId")(m)
	part, zone := m.Hex(6), a.region(m.Config)
	host := func(kind string) string { return fmt.Sprintf("%s.%s.%s.%s.cache.amazonaws.com", kind, id, part, zone) }
	nodes, _ := m.Inputs.At("numCacheClusters").Number()
	members := []any{}
	for i := range max(1, int(nodes)) {
		members = append(members, fmt.Sprintf("%s-%03d", id, i+1))
	}
	out["primaryEndpointAddress"], out["readerEndpointAddress"], out["configurationEndpointAddress"] = host("master"), host("replica"), ""
	out["clusterEnabled"], out["engineVersionActual"], out["memberClusters"] = false, m.Inputs.At("engineVersion").Text(), members
	return id, out
}

// getReplicationGroup answers a live replication group, by the fields of
// LookupReplicationGroupResult in pulumi-aws 6.83.2: neither its engine nor its
// encryption is among them.
func (a Account) getReplicationGroup(c provider.Call) (map[string]any, error) {
	id := c.Args.At("replicationGroupId").Text()
	found, ok := c.Find(replicationGroup, id)
	if !ok {
		return nil, fmt.Errorf("reading ElastiCache Replication Group (%s): couldn't find resource", id)
	}
	answer := map[string]any{"id": id, "replicationGroupId": id, "authTokenEnabled": found.At("authToken").Present(),
		"logDeliveryConfigurations": []any{}, "memberClusters": texts(found, "memberClusters"),
		"automaticFailoverEnabled": found.At("automaticFailoverEnabled").True(), "multiAzEnabled": found.At("multiAzEnabled").True()}
	for _, field := range []string{"arn", "clusterMode", "configurationEndpointAddress", "description", "nodeType", "primaryEndpointAddress",
		"readerEndpointAddress", "snapshotWindow"} {
		answer[field] = found.At(field).Text()
	}
	for _, field := range []string{"numCacheClusters", "numNodeGroups", "port", "replicasPerNodeGroup", "snapshotRetentionLimit"} {
		answer[field], _ = found.At(field).Number()
	}
	return answer, nil
}
