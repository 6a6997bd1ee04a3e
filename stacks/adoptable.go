package stacks

import (
	"fmt"
	"path"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

const (
	databaseComponent = "headroom:database:Database"
	databaseInstance  = "aws:rds/instance:Instance"
	edgeComponent     = "headroom:edge:Edge"
	cacheComponent    = "headroom:cache:Cache"
	cacheGroup        = "aws:elasticache/replicationGroup:ReplicationGroup"
	distribution      = "aws:cloudfront/distribution:Distribution"
)

// adoptable says where the stack file holds the id of a live object, by the
// component and the type of the leaf, and by a part of the leaf's name where a
// component has several of a type. %s is the component's name. What runs already
// and is not adopted, but left to whom it belongs to, has a mode and no path.
var adoptable = []struct{ component, resource, path, mode, named string }{
	{"headroom:service:Service", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "services.%s.adopt.autoscaler", "", ""},
	{"headroom:service:Service", "kubernetes:policy/v1:PodDisruptionBudget", "services.%s.adopt.disruptionBudget", "", ""},
	{"headroom:service:Service", "kubernetes:core/v1:ConfigMap", "services.%s.adopt.settings", "", ""},
	{"headroom:service:Service", "kubernetes:apps/v1:Deployment", "services.%s.id", "services.%s.mode", ""},
	{databaseComponent, databaseInstance, "database.id", "database.mode", ""},
	{databaseComponent, "aws:rds/parameterGroup:ParameterGroup", "database.adopt.parameterGroup", "database.mode", ""},
	{databaseComponent, "aws:rds/subnetGroup:SubnetGroup", "database.adopt.subnetGroup", "database.mode", ""},
	{databaseComponent, "aws:ec2/securityGroup:SecurityGroup", "database.adopt.securityGroup", "database.mode", ""},
	{databaseComponent, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "database.adopt.ingressRule", "database.mode", ""},
	{databaseComponent, "kubernetes:apps/v1:Deployment", "database.pgbouncer.adopt.deployment", "", ""},
	{databaseComponent, "kubernetes:core/v1:ConfigMap", "database.pgbouncer.adopt.settings", "", ""},
	{databaseComponent, "kubernetes:core/v1:Service", "database.pgbouncer.adopt.service", "", ""},
	{databaseComponent, "kubernetes:policy/v1:PodDisruptionBudget", "database.pgbouncer.adopt.disruptionBudget", "", ""},
	{"headroom:nodes:Nodes", "kubernetes:helm.sh/v3:Release", "", "addons.clusterAutoscaler", "-cluster-autoscaler"},
	{"headroom:nodes:Nodes", "kubernetes:helm.sh/v3:Release", "", "addons.metricsServer", "-metrics-server"},
	{"headroom:nodes:Nodes", "aws:eks/addon:Addon", "", "addons.podIdentityAgent", ""},
	{"headroom:nodes:Nodes", "aws:eks/podIdentityAssociation:PodIdentityAssociation", "", "addons.clusterAutoscaler", ""},
	{"headroom:monitoring:Monitoring", "kubernetes:helm.sh/v3:Release", "", "addons.prometheusAdapter", "prometheus-adapter"},
	{"headroom:monitoring:Monitoring", "kubernetes:helm.sh/v3:Release", "", "addons.prometheus", "kube-prometheus-stack"},
	{cacheComponent, cacheGroup, "cache.id", "cache.mode", ""},
	{cacheComponent, "aws:elasticache/parameterGroup:ParameterGroup", "cache.adopt.parameterGroup", "cache.mode", ""},
	{cacheComponent, "aws:elasticache/subnetGroup:SubnetGroup", "cache.adopt.subnetGroup", "cache.mode", ""},
	{cacheComponent, "aws:ec2/securityGroup:SecurityGroup", "cache.adopt.securityGroup", "cache.mode", ""},
	{cacheComponent, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cache.adopt.ingressRule", "cache.mode", ""},
	{edgeComponent, "cloudflare:index/ruleset:Ruleset", "edge.cloudflare.cachePhase.rulesetId", "edge.cloudflare.cachePhase.mode", "-cachePhase-"},
	{edgeComponent, "cloudflare:index/ruleset:Ruleset", "edge.cloudflare.headerPhase.rulesetId", "edge.cloudflare.headerPhase.mode", "-headerPhase-"},
	{edgeComponent, distribution, "edge.cloudfront.id", "edge.cloudfront.mode", ""},
	{edgeComponent, "aws:s3/bucketV2:BucketV2", "edge.cloudfront.bucket.name", "edge.cloudfront.bucket.mode", "-media"},
	{edgeComponent, "aws:acm/certificate:Certificate", "edge.cloudfront.certificateArn", "", ""},
}

// Adoption are the settings with which the stack file adopts a live object in
// place of a declared one; none for a type that nothing adopts.
func Adoption(urn, parent, id string) []spec.Setting {
	for _, row := range adoptable {
		if typeOf(parent) != row.component || typeOf(urn) != row.resource || !strings.Contains(nameOf(urn), row.named) {
			continue
		}
		if row.resource == "cloudflare:index/ruleset:Ruleset" {
			// Its import names the zone, too, which the stack file knows.
			id = path.Base(id)
		}
		at := func(key string) string {
			if strings.Contains(key, "%s") {
				return fmt.Sprintf(key, nameOf(parent))
			}
			return key
		}
		if row.path == "" {
			return []spec.Setting{{Path: at(row.mode), Value: "external"}}
		}
		settings := []spec.Setting{{Path: at(row.path), Value: id}}
		if row.mode != "" {
			settings = append([]spec.Setting{{Path: at(row.mode), Value: string(spec.Adopt)}}, settings...)
		}
		return settings
	}
	return nil
}

// pointers are the settings by which a resource finds the live object that it is
// for, by component and type. %s is the component's name.
var pointers = map[[2]string]string{
	{"headroom:service:Service", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"}: "services.%s.deployment",
	{"headroom:service:Service", "kubernetes:policy/v1:PodDisruptionBudget"}:          "services.%s.selector",
	{edgeComponent, distribution}: "edge.cloudfront.bucket.name",
}

// Pointer is the setting by which a resource finds the live object that it is for;
// empty for one that needs none.
func Pointer(urn, parent string) string {
	path := pointers[[2]string{typeOf(parent), typeOf(urn)}]
	if path == "" {
		return ""
	}
	return strings.ReplaceAll(path, "%s", nameOf(parent))
}

// deciding are the settings that state an input as it stands, by component, type
// and input. %s is the component's name; an input that ends in "[]" is a list
// whose elements have names, and the name ends the setting.
var deciding = []struct{ component, resource, field, path string }{
	{"headroom:service:Service", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "spec.minReplicas", "services.%s.autoscaling.minReplicas"},
	{"headroom:service:Service", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "spec.maxReplicas", "services.%s.autoscaling.maxReplicas"},
	{"headroom:service:Service", "kubernetes:apps/v1:Deployment", "spec.strategy", "services.%s.rollout"},
	{"headroom:service:Service", "kubernetes:apps/v1:Deployment", "spec.template", "services.%s"},
	{databaseComponent, "aws:rds/parameterGroup:ParameterGroup", "parameters[max_connections]", "database.maxConnections"},
	{databaseComponent, "aws:rds/parameterGroup:ParameterGroup", "parameters[]", "database.parameters"},
	{databaseComponent, "aws:rds/parameterGroup:ParameterGroup", "family", "database.engineVersion"},
	{databaseComponent, databaseInstance, "instanceClass", "database.instanceClass"},
	{databaseComponent, databaseInstance, "engineVersion", "database.engineVersion"},
	{databaseComponent, databaseInstance, "multiAz", "database.multiAz"},
	{databaseComponent, databaseInstance, "allocatedStorage", "database.storage.gib"},
	{databaseComponent, databaseInstance, "maxAllocatedStorage", "database.storage.maxGib"},
	{databaseComponent, databaseInstance, "iops", "database.storage.iops"},
	{databaseComponent, databaseInstance, "backupRetentionPeriod", "database.backupDays"},
	{databaseComponent, databaseInstance, "port", "database.port"},
	{databaseComponent, databaseInstance, "dbName", "database.name"},
	{databaseComponent, databaseInstance, "username", "database.user"},
	{cacheComponent, cacheGroup, "nodeType", "cache.nodeType"},
	{cacheComponent, cacheGroup, "numCacheClusters", "cache.replicas"},
	{cacheComponent, cacheGroup, "automaticFailoverEnabled", "cache.replicas"},
	{cacheComponent, cacheGroup, "multiAzEnabled", "cache.replicas"},
	{cacheComponent, cacheGroup, "snapshotRetentionLimit", "cache.snapshotDays"},
	{cacheComponent, "aws:elasticache/parameterGroup:ParameterGroup", "parameters[maxmemory-policy]", "cache.policy"},
	{cacheComponent, "aws:elasticache/parameterGroup:ParameterGroup", "parameters[reserved-memory-percent]", "cache.reservedMemory"},
	{edgeComponent, distribution, "aliases", "edge.cloudfront.aliases"},
	{edgeComponent, distribution, "priceClass", "edge.cloudfront.priceClass"},
	{edgeComponent, distribution, "viewerCertificate", "edge.cloudfront.certificateArn"},
	{edgeComponent, distribution, "origins", "edge.cloudfront.bucket.name"},
	{edgeComponent, distribution, "defaultCacheBehavior", "edge.cloudfront.rules"},
	{edgeComponent, distribution, "orderedCacheBehaviors", "edge.cloudfront.rules"},
	{databaseComponent, "kubernetes:apps/v1:Deployment", "spec.replicas", "database.pgbouncer.replicas"},
	{databaseComponent, "kubernetes:apps/v1:Deployment", "spec.template", "database.pgbouncer"},
	{databaseComponent, "kubernetes:core/v1:ConfigMap", "data", "database.pgbouncer"},
}

// SettingOf is the path in the stack file that decides an input of a resource;
// empty where the plan or nobody does.
func SettingOf(urn, parent, field string) string {
	for _, row := range deciding {
		if typeOf(parent) != row.component || typeOf(urn) != row.resource {
			continue
		}
		path := strings.ReplaceAll(row.path, "%s", nameOf(parent))
		if list, named := strings.CutSuffix(row.field, "[]"); named {
			if name, ok := strings.CutPrefix(field, list+"["); ok {
				return step(path, strings.TrimSuffix(name, "]"))
			}
		}
		if field == row.field || strings.HasPrefix(field, row.field+".") || strings.HasPrefix(field, row.field+"[") {
			return path
		}
	}
	return ""
}

// step goes one step down a path.
func step(path, name string) string {
	if strings.Contains(name, ".") {
		return path + `["` + name + `"]`
	}
	return path + "." + name
}

// typeOf is the type of a URN without those of its parents.
func typeOf(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return ""
	}
	return parts[2][strings.LastIndex(parts[2], "$")+1:]
}

func nameOf(urn string) string { return urn[strings.LastIndex(urn, "::")+2:] }
