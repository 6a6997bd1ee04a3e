package nodes

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// renderTemplate is what every node of a group is launched from: only with signed
// metadata requests, which pods cannot make (one hop), and with an encrypted disk.
func (f fleet) renderTemplate(i int, l live) *ec2.LaunchTemplateArgs {
	g := f.Spec.Groups[i]
	name := f.Stack + "-" + g.Name
	args := &ec2.LaunchTemplateArgs{
		Description: pulumi.String("Nodes of group " + g.Name + " of stack " + f.Stack),
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String("/dev/xvda"),
			Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType: pulumi.String("gp3"), VolumeSize: pulumi.Int(g.DiskGiB), Encrypted: pulumi.String("true"), DeleteOnTermination: pulumi.String("true"),
			},
		}},
		MetadataOptions: ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint: pulumi.String("enabled"), HttpTokens: pulumi.String("required"), HttpPutResponseHopLimit: pulumi.Int(1),
		},
		VpcSecurityGroupIds: pulumi.ToStringArray(f.securityGroups(l)),
		UserData:            pulumi.String(base64.StdEncoding.EncodeToString([]byte(userData(f.Plan.Groups[i].MaxPods)))),
	}
	// EKS hands no tag of a node group on to instances and disks.
	tags := f.discovery()
	maps.Copy(tags, map[string]string{"Name": name, "headroom:stack": f.Stack, "managed-by": "pulumi"})
	var specs ec2.LaunchTemplateTagSpecificationArray
	for _, kind := range []string{"instance", "network-interface", "volume"} {
		specs = append(specs, ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String(kind), Tags: pulumi.ToStringMap(tags)})
	}
	args.TagSpecifications = specs
	return args
}

// securityGroups of the nodes: with a template of one's own EKS adds none, not
// even the cluster's.
func (f fleet) securityGroups(l live) []string {
	ids := []string{l.securityGroup, f.Cluster.NodeSecurityGroupID}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// userData tells the kubelet how many pods the plan counts on a node. EKS merges
// it with what joins the cluster
// (https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html, 2026-11;
// the form is that of nodeadm, https://awslabs.github.io/amazon-eks-ami/nodeadm/).
func userData(maxPods int) string {
	const boundary = "==HEADROOM=="
	lines := []string{
		"MIME-Version: 1.0", fmt.Sprintf("Content-Type: multipart/mixed; boundary=%q", boundary), "",
		"--" + boundary, "Content-Type: application/node.eks.aws", "",
		"apiVersion: node.eks.aws/v1alpha1", "kind: NodeConfig", "spec:", "  kubelet:", "    config:", fmt.Sprintf("      maxPods: %d", maxPods), "",
		"--" + boundary + "--", "",
	}
	return strings.Join(lines, "\n")
}
