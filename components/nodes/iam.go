package nodes

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// document is a policy document of IAM.
type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

func (d document) json() (pulumi.String, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("writing a policy document: %w", err)
	}
	return pulumi.String(text), nil
}

// trusts lets a service of AWS act by a role.
func trusts(service string, actions ...string) document {
	return document{Version: "2012-10-17", Statement: []statement{{Effect: "Allow", Principal: map[string]string{"Service": service}, Action: actions}}}
}

// partition of AWS that a region belongs to
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, 2026-11).
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// nodeRights are what every EKS node needs: to join, to give pods addresses, and
// to pull images
// (https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html, 2026-11).
var nodeRights = []string{"AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"}

func (f fleet) nodeRole(ctx *pulumi.Context, parent pulumi.Resource) (nodeRole, error) {
	trust, err := trusts("ec2.amazonaws.com", "sts:AssumeRole").json()
	if err != nil {
		return nodeRole{}, err
	}
	role, err := iam.NewRole(ctx, f.name, &iam.RoleArgs{
		AssumeRolePolicy: trust, Description: pulumi.String("Nodes of stack " + f.Stack),
	}, pulumi.Parent(parent))
	if err != nil {
		return nodeRole{}, err
	}
	out := nodeRole{Role: role}
	for _, right := range nodeRights {
		attached, err := iam.NewRolePolicyAttachment(ctx, f.name+"-"+right, &iam.RolePolicyAttachmentArgs{
			Role: role.Name, PolicyArn: pulumi.String("arn:" + partition(f.Cluster.Region) + ":iam::aws:policy/" + right),
		}, pulumi.Parent(role))
		if err != nil {
			return nodeRole{}, err
		}
		out.rights = append(out.rights, attached)
	}
	return out, nil
}

// autoscalerRights are the least that Cluster Autoscaler works with: it may see
// everything, and change only groups that carry both discovery tags
// (github.com/kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/README.md, 2026-11).
func (f fleet) autoscalerRights() document {
	owned := map[string]string{}
	for key, value := range f.discovery() {
		owned["aws:ResourceTag/"+key] = value
	}
	return document{Version: "2012-10-17", Statement: []statement{
		{Sid: "See", Effect: "Allow", Resource: []string{"*"}, Action: []string{
			"autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeLaunchConfigurations",
			"autoscaling:DescribeScalingActivities", "ec2:DescribeImages", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions",
			"ec2:GetInstanceTypesFromInstanceRequirements", "eks:DescribeNodegroup",
		}},
		{Sid: "Scale", Effect: "Allow",
			Action: []string{"autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"},
			Resource: []string{fmt.Sprintf("arn:%s:autoscaling:%s:%s:autoScalingGroup:*:autoScalingGroupName/*",
				partition(f.Cluster.Region), f.Cluster.Region, f.Cluster.Account)},
			Condition: map[string]map[string]string{"StringEquals": owned}},
	}}
}
