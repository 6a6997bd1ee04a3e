package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/edge"
)

// providers are the only ones of the program, each bound to the stack's own
// target: no component falls back to what the shell points at.
type providers struct {
	// all hands them to components.
	all pulumi.ResourceOption
	// global is AWS in us-east-1, nil where nothing is made there.
	global pulumi.ProviderResource
}

func newProviders(ctx *pulumi.Context, s spec.Stack) (providers, error) {
	if s.Local() {
		cluster, err := newKubernetes(ctx, &kubernetes.ProviderArgs{
			Context: pulumi.String(s.Cluster.Context), ClusterIdentifier: pulumi.String(s.Cluster.Context),
		})
		return providers{all: pulumi.Providers(cluster)}, err
	}
	account, err := newAWS(ctx, s, "aws", s.Cluster.Region)
	if err != nil {
		return providers{}, err
	}
	config, err := clusterConfig(ctx, s.Cluster, account)
	if err != nil {
		return providers{}, err
	}
	cluster, err := newKubernetes(ctx, &kubernetes.ProviderArgs{
		Kubeconfig: pulumi.String(config),
		// Without it, a changed endpoint or certificate would look like another
		// cluster, and everything in it would be replaced.
		ClusterIdentifier: pulumi.String(s.Cluster.Account + "/" + s.Cluster.Region + "/" + s.Cluster.Name),
	})
	if err != nil {
		return providers{}, err
	}
	out, all := providers{}, []pulumi.ProviderResource{account, cluster}
	if s.Edge.ChangesCloudflare() {
		zone, err := newCloudflare(ctx)
		if err != nil {
			return providers{}, err
		}
		all = append(all, zone)
	}
	if s.Edge.ChangesCloudFront() {
		if out.global, err = newAWS(ctx, s, "aws-global", "us-east-1"); err != nil {
			return providers{}, err
		}
	}
	out.all = pulumi.Providers(all...)
	return out, nil
}

// newCloudflare takes the token from the stack's secrets, never from the shell.
func newCloudflare(ctx *pulumi.Context) (pulumi.ProviderResource, error) {
	token, err := secret(ctx, "cloudflareToken", "an API token with Zone Read, Cache Rules Edit, Transform Rules Edit, Zone Settings Edit and DNS Edit for the zone")
	if err != nil {
		return nil, err
	}
	return edge.Provider(ctx, token)
}

// newAWS refuses every account but the stack's.
func newAWS(ctx *pulumi.Context, s spec.Stack, name, region string) (*aws.Provider, error) {
	provider, err := aws.NewProvider(ctx, name, &aws.ProviderArgs{
		Region:            pulumi.String(region),
		AllowedAccountIds: pulumi.ToStringArray([]string{s.Cluster.Account}),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(map[string]string{
			"headroom:stack": s.Name, "managed-by": "pulumi",
		})},
	})
	if err != nil {
		return nil, fmt.Errorf("provider for AWS account %s: %w", s.Cluster.Account, err)
	}
	return provider, nil
}

// clusterConfig asks the stack's own account for the cluster, so that a cluster
// of the same name elsewhere cannot be meant.
func clusterConfig(ctx *pulumi.Context, c spec.Cluster, account *aws.Provider) (string, error) {
	found, err := eks.LookupCluster(ctx, &eks.LookupClusterArgs{Name: c.Name}, pulumi.Provider(account))
	if err != nil {
		return "", fmt.Errorf("cluster %s in %s of account %s: %w", c.Name, c.Region, c.Account, err)
	}
	if len(found.CertificateAuthorities) == 0 {
		return "", fmt.Errorf("cluster %s in %s of account %s has no certificate authority yet; wait until it is active", c.Name, c.Region, c.Account)
	}
	return kubeconfig(endpoint{name: c.Name, region: c.Region, url: found.Endpoint, authority: found.CertificateAuthorities[0].Data})
}

// newKubernetes applies on the server, so that Pulumi owns single fields, and
// changes ConfigMaps in place, because workloads name them.
func newKubernetes(ctx *pulumi.Context, args *kubernetes.ProviderArgs) (*kubernetes.Provider, error) {
	args.EnableServerSideApply = pulumi.Bool(true)
	args.EnableConfigMapMutable = pulumi.Bool(true)
	provider, err := kubernetes.NewProvider(ctx, "kubernetes", args)
	if err != nil {
		return nil, fmt.Errorf("provider for the cluster: %w", err)
	}
	return provider, nil
}
