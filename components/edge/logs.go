package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// logDays are how long access logs stay. A planning choice: a quarter, to compare.
const logDays = 90

// logs delivers what the distribution answered into a bucket. This is the second
// way of CloudFront; the first one writes by ACLs, which the bucket refuses
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html, 2026-11).
func (b builder) logs(ctx *pulumi.Context, parent pulumi.Resource, d *cloudfront.Distribution) error {
	name := b.name + "-logs"
	logs, err := b.bucket(ctx, parent, name, "", pulumi.Composite(pulumi.Parent(parent), b.protection(leaf{bucketType, name})))
	if err != nil {
		return err
	}
	if err := b.lifecycle(ctx, parent, name, logs, expire{noncurrentDays: 7, days: logDays}); err != nil {
		return err
	}
	if err := b.policy(ctx, parent, name, logs, b.written(logs)); err != nil {
		return err
	}
	global := pulumi.Composite(pulumi.Parent(parent), pulumi.Provider(b.Global))
	source, err := cloudwatch.NewLogDeliverySource(ctx, name, &cloudwatch.LogDeliverySourceArgs{
		LogType: pulumi.String("ACCESS_LOGS"), ResourceArn: d.Arn,
	}, global)
	if err != nil {
		return fmt.Errorf("log source of %s: %w", b.name, err)
	}
	destination, err := cloudwatch.NewLogDeliveryDestination(ctx, name, &cloudwatch.LogDeliveryDestinationArgs{
		OutputFormat: pulumi.String("json"),
		DeliveryDestinationConfiguration: cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs{
			DestinationResourceArn: logs.arn,
		},
	}, global)
	if err != nil {
		return fmt.Errorf("log destination of %s: %w", b.name, err)
	}
	_, err = cloudwatch.NewLogDelivery(ctx, name, &cloudwatch.LogDeliveryArgs{
		DeliverySourceName: source.Name, DeliveryDestinationArn: destination.Arn,
	}, global)
	if err != nil {
		return fmt.Errorf("log delivery of %s: %w", b.name, err)
	}
	return nil
}

// written lets log deliveries of this account write, and nobody else
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html, 2026-11).
func (b builder) written(logs store) pulumi.Map {
	account := pulumi.String(b.Cluster.Account)
	return statement("WrittenByDelivery", "Allow", service("delivery.logs.amazonaws.com"), pulumi.String("s3:PutObject"),
		pulumi.Sprintf("%s/*", logs.arn), pulumi.Map{
			"StringEquals": pulumi.Map{"aws:SourceAccount": account, "s3:x-amz-acl": pulumi.String("bucket-owner-full-control")},
			"ArnLike":      pulumi.Map{"aws:SourceArn": pulumi.String("arn:aws:logs:us-east-1:" + b.Cluster.Account + ":delivery-source:*")},
		})
}
