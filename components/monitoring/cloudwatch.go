package monitoring

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/exporters"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/components/internal/kube"
)

const cloudWatchFile = "cloudwatch.yml"

// cloudWatch knows the instance and the distribution only once they exist.
func (w watcher) cloudWatch() exporter {
	region := w.Spec.Cluster.Region
	_, burstable := w.Plan.Limit(plan.CeilingDatabaseCredits, "")
	write := func(database, distribution string) (string, error) {
		text, err := yaml.Marshal(exporters.NewCloudWatchFile(region, database, burstable, distribution))
		return string(text), err
	}
	file := pulumix.Apply2Err(known(w.DatabaseID), known(w.DistributionID), write)
	// What is known before a deployment: a managed database and distribution get
	// their ids by it, and these change only with what they name.
	now, _ := write(w.Spec.Database.ID, w.distribution())
	return exporter{name: plan.CloudWatchExporter, image: w.Spec.Monitoring.Exporters.CloudWatch.Image, port: 5000,
		args: exporters.CloudWatchArgs(configDir + "/" + cloudWatchFile), env: map[string]string{"AWS_REGION": region}, account: plan.CloudWatchExporter,
		files: map[string]pulumi.StringInput{cloudWatchFile: pulumix.Cast[pulumi.StringOutput](file)}, checksum: kube.Checksum(now)}
}

// known is an id, or nothing.
func known(id pulumi.StringInput) pulumi.StringOutput {
	if id == nil {
		return pulumi.String("").ToStringOutput()
	}
	return id.ToStringOutput()
}

// distribution is the id of one that exists already.
func (w watcher) distribution() string {
	if c := w.Spec.Edge.CloudFront; c != nil {
		return c.ID
	}
	return ""
}

// cloudWatchRight is what the exporter asks by for metrics that are named: only
// what it searches for it reads by GetMetricData
// (github.com/prometheus-community/yet-another-cloudwatch-exporter pkg/job/static.go, v0.67.0).
const cloudWatchRight = "cloudwatch:GetMetricStatistics"

// readCloudWatch gives the exporter a role that may read metrics and nothing else.
// CloudWatch knows no resources, so the right cannot be bound to one
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html, 2026-11).
func (w watcher) readCloudWatch(ctx *pulumi.Context, parent pulumi.Resource) error {
	const name = plan.CloudWatchExporter
	account, err := corev1.NewServiceAccount(ctx, name, &corev1.ServiceAccountArgs{Metadata: w.meta(name), AutomountServiceAccountToken: pulumi.Bool(false)}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("account of %s: %w", name, err)
	}
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		AssumeRolePolicy: pulumi.String(statement("Allow", []string{"sts:AssumeRole", "sts:TagSession"}, map[string]any{"Principal": map[string]string{"Service": "pods.eks.amazonaws.com"}})),
		Description:      pulumi.String("Lets the CloudWatch exporter of " + w.Plan.Stack + " read metrics"),
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("role of %s: %w", name, err)
	}
	_, err = iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{Role: role.Name,
		Policy: pulumi.String(statement("Allow", []string{cloudWatchRight}, map[string]any{"Resource": "*"}))}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("rights of %s: %w", name, err)
	}
	_, err = eks.NewPodIdentityAssociation(ctx, name, &eks.PodIdentityAssociationArgs{
		ClusterName: pulumi.String(w.Spec.Cluster.Name), Namespace: pulumi.String(w.Spec.Cluster.Namespace), ServiceAccount: pulumi.String(name), RoleArn: role.Arn,
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{account}))
	if err != nil {
		return fmt.Errorf("identity of %s: %w", name, err)
	}
	return nil
}

// statement is a policy document of one statement.
func statement(effect string, actions []string, more map[string]any) string {
	one := map[string]any{"Effect": effect, "Action": actions}
	for key, value := range more {
		one[key] = value
	}
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{one}}) // plain values can be written
	return string(text)
}
