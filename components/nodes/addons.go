package nodes

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	helmv3 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/helm/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
)

// systemNamespace is that of the cluster's own programs.
const systemNamespace = "kube-system"

// chart is an official Helm chart at one version.
type chart struct {
	name, repository, version string
	values                    any
}

// addons installs what is managed of the programs that autoscaling relies on.
func (f fleet) addons(ctx *pulumi.Context, parent pulumi.Resource, groups []*eks.NodeGroup) error {
	var after []pulumi.Resource
	for _, g := range groups {
		after = append(after, g)
	}
	if f.Addons.PodIdentityAgent == spec.Managed {
		agent, err := eks.NewAddon(ctx, f.name+"-pod-identity", &eks.AddonArgs{
			ClusterName: pulumi.String(f.Cluster.Name), AddonName: pulumi.String("eks-pod-identity-agent"),
			ResolveConflictsOnCreate: pulumi.String("OVERWRITE"), ResolveConflictsOnUpdate: pulumi.String("PRESERVE"),
		}, pulumi.Parent(parent), pulumi.DependsOn(after))
		if err != nil {
			return fmt.Errorf("EKS Pod Identity agent of %s: %w", f.name, err)
		}
		after = append(after, agent)
	}
	if f.Addons.MetricsServer == spec.Managed {
		if err := f.install(ctx, parent, f.metricsServer(), after); err != nil {
			return err
		}
	}
	if f.Addons.ClusterAutoscaler != spec.Managed {
		return nil
	}
	identity, err := f.autoscalerIdentity(ctx, parent)
	if err != nil {
		return fmt.Errorf("rights of Cluster Autoscaler of %s: %w", f.name, err)
	}
	return f.install(ctx, parent, f.autoscaler(), append(after, identity...))
}

func (f fleet) install(ctx *pulumi.Context, parent pulumi.Resource, c chart, after []pulumi.Resource) error {
	values, err := kube.Untyped(c.values)
	if err != nil {
		return fmt.Errorf("values of chart %s: %w", c.name, err)
	}
	_, err = helmv3.NewRelease(ctx, f.name+"-"+c.name, &helmv3.ReleaseArgs{
		Name: pulumi.String(c.name), Namespace: pulumi.String(systemNamespace), Chart: pulumi.String(c.name), Version: pulumi.String(c.version),
		RepositoryOpts: helmv3.RepositoryOptsArgs{Repo: pulumi.String(c.repository)}, Values: values,
		// A failed upgrade goes back to the release that worked.
		Atomic: pulumi.Bool(true),
	}, pulumi.Parent(parent), pulumi.DependsOn(after))
	if err != nil {
		return fmt.Errorf("chart %s: %w", c.name, err)
	}
	return nil
}

// autoscalerIdentity gives Cluster Autoscaler its rights by EKS Pod Identity: one
// trust policy for any cluster, and no key anywhere.
func (f fleet) autoscalerIdentity(ctx *pulumi.Context, parent pulumi.Resource) ([]pulumi.Resource, error) {
	trust, err := trusts("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession").json()
	if err != nil {
		return nil, err
	}
	rights, err := f.autoscalerRights().json()
	if err != nil {
		return nil, err
	}
	name := f.name + "-" + autoscalerName
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		AssumeRolePolicy: trust, Description: pulumi.String("Cluster Autoscaler of " + f.Cluster.Name),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, err
	}
	policy, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{Role: role.Name, Policy: rights}, pulumi.Parent(role))
	if err != nil {
		return nil, err
	}
	// A pod gets its identity when it starts, so it must be there before.
	association, err := eks.NewPodIdentityAssociation(ctx, name, &eks.PodIdentityAssociationArgs{
		ClusterName: pulumi.String(f.Cluster.Name), Namespace: pulumi.String(systemNamespace), ServiceAccount: pulumi.String(autoscalerName),
		RoleArn: role.Arn,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, err
	}
	return []pulumi.Resource{policy, association}, nil
}
