// Package aws is the stand-in for the AWS provider: tables of what
// terraform-provider-aws and the AWS APIs do with the resource types Headroom
// declares. It creates nothing and asks for no credentials.
package aws

import (
	"fmt"
	"slices"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Version is the version of the pulumi-aws SDK in go.mod.
const Version = "6.83.2"

// Tokens of the resource types.
const (
	instance       = "aws:rds/instance:Instance"
	parameterGroup = "aws:rds/parameterGroup:ParameterGroup"
	subnetGroup    = "aws:rds/subnetGroup:SubnetGroup"
	securityGroup  = "aws:ec2/securityGroup:SecurityGroup"
	ingressRule    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressRule     = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// Account is the made-up account the stand-in credentials belong to.
type Account struct {
	// ID is the twelve-digit account number.
	ID string
	// Region is used where the program's provider names none.
	Region string
	// KubernetesVersion is what an EKS cluster answers.
	KubernetesVersion string
}

// withDefaults fills an account nobody owns and a current EKS version.
func (a Account) withDefaults() Account {
	if a.ID == "" {
		a.ID = "123456789012"
	}
	if a.Region == "" {
		a.Region = "us-east-1"
	}
	if a.KubernetesVersion == "" {
		a.KubernetesVersion = "1.36"
	}
	return a
}

// New makes the provider for an account.
func New(a Account) *provider.Provider {
	return provider.New(Definition(a))
}

// Definition is the whole table.
func Definition(a Account) provider.Definition {
	a = a.withDefaults()
	types := slices.Concat(rdsTypes(a), networkTypes(a), nodeTypes(a), bucketTypes(a), edgeTypes(a), cacheTypes(a), watchTypes(a))
	for i, t := range types {
		types[i] = provider.Known(t)
	}
	return provider.Definition{
		Name:        "aws",
		Version:     Version,
		Types:       types,
		Functions:   functions(a),
		ConfigRules: configRules(a),
		Prepare:     provider.Fill,
		Autonamed: func(in provider.Value) bool {
			return provider.Filled(in, "name") || provider.Filled(in, "identifier") || provider.Filled(in, "bucket") ||
				provider.Filled(in, "nodeGroupName")
		},
	}
}

func (a Account) region(config provider.Value) string {
	if r := config.At("region").Text(); r != "" {
		return r
	}
	return a.Region
}

func (a Account) arn(service, region, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, region, a.ID, resource)
}

// allTags is the tags of a resource with those the provider adds by default.
func allTags(config, inputs provider.Value) map[string]any {
	tags := map[string]any{}
	for _, source := range []provider.Value{config.At("defaultTags.tags"), inputs.At("tags")} {
		for k, v := range source.Map() {
			tags[k] = v.Text()
		}
	}
	return tags
}
