package rules

import (
	"slices"
	"strings"
)

// Type tokens, each spelled once: a misspelled one examines nothing and passes
// always.
const (
	typeHPA              = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	typeHPAv1            = "kubernetes:autoscaling/v1:HorizontalPodAutoscaler"
	typeDeployment       = "kubernetes:apps/v1:Deployment"
	typeDeploymentPatch  = "kubernetes:apps/v1:DeploymentPatch"
	typeStatefulSet      = "kubernetes:apps/v1:StatefulSet"
	typeDaemonSet        = "kubernetes:apps/v1:DaemonSet"
	typeJob              = "kubernetes:batch/v1:Job"
	typeCronJob          = "kubernetes:batch/v1:CronJob"
	typeConfigMap        = "kubernetes:core/v1:ConfigMap"
	typePDB              = "kubernetes:policy/v1:PodDisruptionBudget"
	typePriorityClass    = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
	typePrometheusRule   = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
	typeRelease          = "kubernetes:helm.sh/v3:Release"
	typeDatabase         = "headroom:database:Database"
	typeNodeGroup        = "aws:eks/nodeGroup:NodeGroup"
	typeLaunchTemplate   = "aws:ec2/launchTemplate:LaunchTemplate"
	typeSubnet           = "aws:ec2/subnet:Subnet"
	typeRole             = "aws:iam/role:Role"
	typeRolePolicy       = "aws:iam/rolePolicy:RolePolicy"
	typePolicy           = "aws:iam/policy:Policy"
	typeRDSInstance      = "aws:rds/instance:Instance"
	typeParameterGroup   = "aws:rds/parameterGroup:ParameterGroup"
	typeCache            = "aws:elasticache/replicationGroup:ReplicationGroup"
	typeCacheParameters  = "aws:elasticache/parameterGroup:ParameterGroup"
	typeCacheUser        = "aws:elasticache/user:User"
	typeSecurityGroup    = "aws:ec2/securityGroup:SecurityGroup"
	typeSecurityRule     = "aws:ec2/securityGroupRule:SecurityGroupRule"
	typeSecurityRuleOpen = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	typeBucket           = "aws:s3/bucketV2:BucketV2"
	typePublicBlock      = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	typeBucketPolicy     = "aws:s3/bucketPolicy:BucketPolicy"
	typeDistribution     = "aws:cloudfront/distribution:Distribution"
	typeCachePolicy      = "aws:cloudfront/cachePolicy:CachePolicy"
	typeCertificate      = "aws:acm/certificate:Certificate"
	typeMetricAlarm      = "aws:cloudwatch/metricAlarm:MetricAlarm"
	typeRuleset          = "cloudflare:index/ruleset:Ruleset"
	typeZoneSettings     = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
)

var (
	hpaTypes      = []string{typeHPA, typeHPAv1}
	workloadTypes = []string{typeDeployment, typeDeploymentPatch}
	// lastingTypes run pods that do not end by themselves.
	lastingTypes = []string{typeDeployment, typeStatefulSet, typeDaemonSet}
	// wholeTypes state a whole pod, podTypes at least a part of one.
	wholeTypes = append(slices.Clone(lastingTypes), typeJob, typeCronJob)
	podTypes   = []string{typeDeployment, typeDeploymentPatch, typeStatefulSet, typeDaemonSet, typeJob, typeCronJob}
)

// Types are the tokens of every resource that some rule reads.
func Types() []string {
	var all []string
	for _, rule := range All() {
		all = append(all, rule.Types...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// KubernetesType is the type token of a manifest, for sources that have no
// tokens of their own.
func KubernetesType(apiVersion, kind string) string {
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	return "kubernetes:" + apiVersion + ":" + kind
}
