package effects

import "slices"

// Sources of the rows of nodes. A commit is of hashicorp/terraform-provider-aws,
// read in November 2026.
const (
	tfNodeGroup      = "terraform-provider-aws internal/service/eks/node_group.go @ 012e0a32 (ForceNew fields; Optional and Computed ones)"
	tfLaunchTemplate = "terraform-provider-aws internal/service/ec2/ec2_launch_template.go, schema in the 5.x series (ForceNew fields)"
	tfRole           = "terraform-provider-aws internal/service/iam/role.go, schema in the 5.x series (ForceNew fields)"
	tfRolePolicy     = "terraform-provider-aws internal/service/iam/role_policy.go, schema in the 5.x series (ForceNew fields)"
	tfRoleAttachment = "terraform-provider-aws internal/service/iam/role_policy_attachment.go, schema in the 5.x series (ForceNew fields)"
	tfPodIdentity    = "terraform-provider-aws internal/service/eks/pod_identity_association.go, schema in the 5.x series (RequiresReplace)"
	tfAddon          = "terraform-provider-aws internal/service/eks/addon.go, schema in the 5.x series (ForceNew fields)"
	tfGroupTag       = "terraform-provider-aws internal/service/autoscaling/group_tag.go, schema in the 5.x series (ForceNew fields)"

	eksUpdate  = "https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html, 2026-11"
	eksScaling = "https://docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html, 2026-11"
	iamRole    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html, 2026-11"
)

// nodeTypes are what nodes and their autoscaler are made of.
var nodeTypes = []Type{
	{
		Token: "aws:eks/nodeGroup:NodeGroup", Source: tfNodeGroup,
		Rows: slices.Concat(on(Replace, "", "amiType", "capacityType", "clusterName", "diskSize", "instanceTypes", "launchTemplate.id",
			"launchTemplate.name", "nodeGroupName", "nodeGroupNamePrefix", "nodeRoleArn", "remoteAccess", "subnetIds"), []Row{
			{Path: "launchTemplate.version", Effect: Restart, Note: "replaces the nodes, a third at a time, and drains them first", Source: eksUpdate},
			{Path: "version", Effect: Restart, Note: "replaces the nodes, a third at a time, and drains them first", Source: eksUpdate},
			{Path: "releaseVersion", Effect: Restart, Note: "replaces the nodes, a third at a time, and drains them first", Source: eksUpdate},
			{Path: "scalingConfig", Effect: Update, Note: "bounds only; the number of nodes is the autoscaler's", Source: eksScaling},
			{Path: "taints", Effect: Update, Note: "new nodes have them; those that run keep theirs", Source: eksUpdate},
		}),
		Keeps: []string{"amiType", "capacityType", "diskSize", "instanceTypes", "nodeGroupName", "nodeGroupNamePrefix", "nodeRepairConfig",
			"releaseVersion", "updateConfig", "version"},
		InUse: "pods run on its nodes",
	},
	{
		Token: "aws:ec2/launchTemplate:LaunchTemplate", Source: tfLaunchTemplate,
		Rows:  on(Replace, "", "name", "namePrefix"),
		Keeps: []string{"name", "namePrefix", "defaultVersion"},
		InUse: "EKS fails a node group whose launch template is gone",
	},
	{
		Token: "aws:iam/role:Role", Source: tfRole,
		Rows:  on(Replace, "", "name", "namePrefix", "path"),
		Keeps: []string{"inlinePolicies", "managedPolicyArns", "name", "namePrefix"},
		InUse: "nodes and pods act by it; " + iamRole,
	},
	{Token: "aws:iam/rolePolicy:RolePolicy", Source: tfRolePolicy, Rows: on(Replace, "", "name", "namePrefix", "role"), Keeps: []string{"name", "namePrefix"}},
	{Token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", Source: tfRoleAttachment, Rows: on(Replace, "", "policyArn", "role")},
	{Token: "aws:eks/podIdentityAssociation:PodIdentityAssociation", Source: tfPodIdentity, Rows: on(Replace, "", "clusterName", "namespace", "serviceAccount")},
	{Token: "aws:eks/addon:Addon", Source: tfAddon, Rows: on(Replace, "", "addonName", "clusterName"), Keeps: []string{"addonVersion", "configurationValues"}},
	{Token: "aws:autoscaling/tag:Tag", Source: tfGroupTag, Rows: on(Replace, "", "autoscalingGroupName", "tag.key")},
}
