package adopt

// What stays of an adopted subnet group, security group and ingress rule: what
// replaces them, and what others decide.
var (
	Subnets       = append([]string{"description", "subnetIds"}, Tags...)
	SecurityGroup = append([]string{"description", "egress", "ingress", "name", "namePrefix", "revokeRulesOnDelete", "vpcId"}, Tags...)
	IngressRule   = append([]string{"description"}, Tags...)
)
