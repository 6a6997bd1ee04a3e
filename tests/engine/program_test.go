package engine_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// sample is a program that declares every type the stand-ins know, with the
// knobs the tests turn.
type sample struct {
	maxReplicas   int
	maxConns      string
	applyMethod   string
	family        string
	account       string
	poolSize      string
	secondName    string
	protect       bool
	stabilization int
}

func base() sample {
	return sample{
		maxReplicas: 10, maxConns: "200", applyMethod: "pending-reboot", family: "postgres16",
		account: "210987654321", poolSize: "5", secondName: "other", stabilization: 300,
	}
}

func (s sample) run(ctx *pulumi.Context) error {
	if err := readsItsProject(ctx); err != nil {
		return err
	}
	cloud, err := aws.NewProvider(ctx, "aws", &aws.ProviderArgs{
		Region: pulumi.String("eu-central-1"), AllowedAccountIds: pulumi.ToStringArray([]string{s.account}),
	})
	if err != nil {
		return err
	}
	if err := s.database(ctx, pulumi.Provider(cloud)); err != nil {
		return err
	}
	cluster, err := eks.LookupCluster(ctx, &eks.LookupClusterArgs{Name: "test"}, pulumi.Provider(cloud))
	if err != nil {
		return err
	}
	kube, err := kubernetes.NewProvider(ctx, "cluster", &kubernetes.ProviderArgs{
		Kubeconfig: pulumi.String(kubeconfig(cluster)), Namespace: pulumi.String("web"),
		EnableServerSideApply: pulumi.Bool(true),
	})
	if err != nil {
		return err
	}
	return s.objects(ctx, pulumi.Provider(kube))
}

// readsItsProject fails unless the program sees its project, its secrets and
// its stack file as under `pulumi up`.
func readsItsProject(ctx *pulumi.Context) error {
	baseline := filepath.Join(ctx.RootDirectory(), "baselines", ctx.Stack()+".json")
	if _, err := os.Stat(baseline); err != nil {
		return fmt.Errorf("the program cannot read its baseline: %w", err)
	}
	for _, key := range []string{"cachePassword", "localPassword"} {
		if _, err := config.New(ctx, "headroom").TrySecret(key); err != nil {
			return fmt.Errorf("the program cannot read its secret: %w", err)
		}
	}
	return nil
}

func kubeconfig(c *eks.LookupClusterResult) string {
	file, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": c.Name,
		"clusters": []any{map[string]any{"name": c.Name, "cluster": map[string]any{
			"server": c.Endpoint, "certificate-authority-data": c.CertificateAuthorities[0].Data,
		}}},
		"contexts": []any{map[string]any{"name": c.Name, "context": map[string]any{"cluster": c.Name, "user": "aws"}}},
		"users":    []any{map[string]any{"name": "aws", "user": map[string]any{}}},
	})
	if err != nil {
		return ""
	}
	return string(file)
}

func (s sample) database(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
	subnets, err := rds.NewSubnetGroup(ctx, "db", &rds.SubnetGroupArgs{
		SubnetIds: pulumi.ToStringArray([]string{"subnet-b", "subnet-a"}),
	}, opts...)
	if err != nil {
		return err
	}
	group, err := ec2.NewSecurityGroup(ctx, "db", &ec2.SecurityGroupArgs{VpcId: pulumi.String("vpc-1")}, opts...)
	if err != nil {
		return err
	}
	_, err = vpc.NewSecurityGroupIngressRule(ctx, "db", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(), ReferencedSecurityGroupId: pulumi.String("sg-nodes"),
		IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(5432), ToPort: pulumi.Int(5432),
	}, opts...)
	if err != nil {
		return err
	}
	_, err = vpc.NewSecurityGroupEgressRule(ctx, "db", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: group.ID(), CidrIpv4: pulumi.String("0.0.0.0/0"), IpProtocol: pulumi.String("-1"),
	}, opts...)
	if err != nil {
		return err
	}
	parameters, err := rds.NewParameterGroup(ctx, "db", &rds.ParameterGroupArgs{
		Family: pulumi.String(s.family),
		Parameters: rds.ParameterGroupParameterArray{
			&rds.ParameterGroupParameterArgs{
				Name: pulumi.String("max_connections"), Value: pulumi.String(s.maxConns),
				ApplyMethod: pulumi.String(s.applyMethod),
			},
			&rds.ParameterGroupParameterArgs{Name: pulumi.String("log_lock_waits"), Value: pulumi.String("1")},
		},
	}, opts...)
	if err != nil {
		return err
	}
	db, err := rds.NewInstance(ctx, "db", &rds.InstanceArgs{
		Engine: pulumi.String("postgres"), EngineVersion: pulumi.String("16"), InstanceClass: pulumi.String("db.m7g.large"),
		AllocatedStorage: pulumi.Int(100), StorageType: pulumi.String("gp3"), Username: pulumi.String("app"),
		ManageMasterUserPassword: pulumi.Bool(true), DbSubnetGroupName: subnets.Name,
		ParameterGroupName: parameters.Name, VpcSecurityGroupIds: pulumi.StringArray{group.ID()},
		FinalSnapshotIdentifier: pulumi.String("db-final"), DeletionProtection: pulumi.Bool(s.protect),
	}, append(opts, pulumi.Protect(s.protect))...)
	if err != nil {
		return err
	}
	ctx.Export("endpoint", db.Endpoint)
	return nil
}

func meta(name string) metav1.ObjectMetaPtrInput {
	if name == "" {
		return nil
	}
	return &metav1.ObjectMetaArgs{Name: pulumi.String(name), Labels: pulumi.StringMap{"app": pulumi.String("backend")}}
}

func (s sample) objects(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
	labels := pulumi.StringMap{"app": pulumi.String("backend")}
	selector := &metav1.LabelSelectorArgs{MatchLabels: labels}
	settings, err := corev1.NewConfigMap(ctx, "settings", &corev1.ConfigMapArgs{
		Metadata: meta("backend-headroom"), Data: pulumi.StringMap{"DB_POOL_SIZE": pulumi.String(s.poolSize)},
	}, opts...)
	if err != nil {
		return err
	}
	if _, err = corev1.NewConfigMap(ctx, "unnamed", &corev1.ConfigMapArgs{Data: pulumi.StringMap{"A": pulumi.String("1")}}, opts...); err != nil {
		return err
	}
	if _, err = corev1.NewConfigMap(ctx, "second", &corev1.ConfigMapArgs{Metadata: meta(s.secondName)}, opts...); err != nil {
		return err
	}
	password := config.New(ctx, "headroom").RequireSecret("localPassword")
	if _, err = corev1.NewSecret(ctx, "credentials", &corev1.SecretArgs{
		Metadata: meta("credentials"), StringData: pulumi.StringMap{"password": password},
	}, opts...); err != nil {
		return err
	}
	if _, err = corev1.NewServiceAccount(ctx, "backend", &corev1.ServiceAccountArgs{Metadata: meta("backend")}, opts...); err != nil {
		return err
	}
	service, err := corev1.NewService(ctx, "backend", &corev1.ServiceArgs{
		Metadata: meta("backend"),
		Spec:     &corev1.ServiceSpecArgs{Selector: labels, Ports: corev1.ServicePortArray{&corev1.ServicePortArgs{Port: pulumi.Int(80)}}},
	}, opts...)
	if err != nil {
		return err
	}
	ctx.Export("clusterIP", service.Spec.ClusterIP())
	deployment, err := appsv1.NewDeployment(ctx, "backend", &appsv1.DeploymentArgs{
		Metadata: meta("backend"),
		Spec: &appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(2), Selector: selector,
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: labels},
				Spec: &corev1.PodSpecArgs{Containers: corev1.ContainerArray{&corev1.ContainerArgs{
					Name: pulumi.String("app"), Image: pulumi.String("registry.test/app:1"),
					EnvFrom: corev1.EnvFromSourceArray{&corev1.EnvFromSourceArgs{ConfigMapRef: &corev1.ConfigMapEnvSourceArgs{
						Name: settings.Metadata.Name(),
					}}},
				}}},
			},
		},
	}, append(opts, pulumi.IgnoreChanges([]string{"spec.replicas"}))...)
	if err != nil {
		return err
	}
	if _, err = appsv1.NewDeploymentPatch(ctx, "frontend", &appsv1.DeploymentPatchArgs{
		Metadata: &metav1.ObjectMetaPatchArgs{Name: pulumi.String("frontend")},
		Spec:     &appsv1.DeploymentSpecPatchArgs{MinReadySeconds: pulumi.Int(10)},
	}, opts...); err != nil {
		return err
	}
	if _, err = autoscalingv2.NewHorizontalPodAutoscaler(ctx, "backend", &autoscalingv2.HorizontalPodAutoscalerArgs{
		Metadata: meta("backend"),
		Spec: &autoscalingv2.HorizontalPodAutoscalerSpecArgs{
			MinReplicas: pulumi.Int(2), MaxReplicas: pulumi.Int(s.maxReplicas),
			ScaleTargetRef: &autoscalingv2.CrossVersionObjectReferenceArgs{
				ApiVersion: pulumi.String("apps/v1"), Kind: pulumi.String("Deployment"),
				Name: deployment.Metadata.Name().Elem(),
			},
			Behavior: &autoscalingv2.HorizontalPodAutoscalerBehaviorArgs{
				ScaleDown: &autoscalingv2.HPAScalingRulesArgs{StabilizationWindowSeconds: pulumi.Int(s.stabilization)},
			},
		},
	}, opts...); err != nil {
		return err
	}
	if _, err = policyv1.NewPodDisruptionBudget(ctx, "backend", &policyv1.PodDisruptionBudgetArgs{
		Metadata: meta("backend"),
		Spec:     &policyv1.PodDisruptionBudgetSpecArgs{MaxUnavailable: pulumi.String("25%"), Selector: selector},
	}, opts...); err != nil {
		return err
	}
	_, err = networkingv1.NewNetworkPolicy(ctx, "backend", &networkingv1.NetworkPolicyArgs{
		Metadata: meta("backend"),
		Spec:     &networkingv1.NetworkPolicySpecArgs{PodSelector: selector, PolicyTypes: pulumi.ToStringArray([]string{"Ingress"})},
	}, opts...)
	return err
}
