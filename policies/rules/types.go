package rules

import "strings"

// Type tokens, each spelled once: a misspelled one examines nothing and passes
// always.
const (
	typeHPA              = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	typeHPAv1            = "kubernetes:autoscaling/v1:HorizontalPodAutoscaler"
	typeDeployment       = "kubernetes:apps/v1:Deployment"
	typeDeploymentPatch  = "kubernetes:apps/v1:DeploymentPatch"
	typeStatefulSet      = "kubernetes:apps/v1:StatefulSet"
	typeDaemonSet        = "kubernetes:apps/v1:DaemonSet"
	typeConfigMap        = "kubernetes:core/v1:ConfigMap"
	typePDB              = "kubernetes:policy/v1:PodDisruptionBudget"
	typeDatabase         = "headroom:database:Database"
	typeNodeGroup        = "aws:eks/nodeGroup:NodeGroup"
	typeRDSInstance      = "aws:rds/instance:Instance"
	typeParameterGroup   = "aws:rds/parameterGroup:ParameterGroup"
	typeSecurityGroup    = "aws:ec2/securityGroup:SecurityGroup"
	typeSecurityRule     = "aws:ec2/securityGroupRule:SecurityGroupRule"
	typeSecurityRuleOpen = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

var (
	hpaTypes      = []string{typeHPA, typeHPAv1}
	workloadTypes = []string{typeDeployment, typeDeploymentPatch}
	podTypes      = []string{typeDeployment, typeDeploymentPatch, typeStatefulSet, typeDaemonSet}
)

// Types are the tokens of every resource that some rule reads.
func Types() []string {
	return []string{
		typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeStatefulSet, typeDaemonSet, typeConfigMap,
		typePDB, typeDatabase, typeNodeGroup, typeRDSInstance, typeParameterGroup, typeSecurityGroup, typeSecurityRule, typeSecurityRuleOpen,
	}
}

// KubernetesType is the type token of a manifest, for sources that have no
// tokens of their own.
func KubernetesType(apiVersion, kind string) string {
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	return "kubernetes:" + apiVersion + ":" + kind
}
