package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

// store is a bucket that a distribution or its logs use.
type store struct {
	// name, arn and domain of the bucket; the domain is the regional one, because a
	// website endpoint takes no signature.
	name, arn, domain pulumi.StringOutput
	// public is the setting that policies wait for; nil for a bucket of others.
	public pulumi.Resource
}

// filesBucket holds the files: created, adopted, or only named.
func (b builder) filesBucket(ctx *pulumi.Context, parent pulumi.Resource) (store, error) {
	m := b.media()
	if m.Bucket.Mode == spec.External {
		return store{
			name: pulumi.String(m.Bucket.Name).ToStringOutput(), arn: pulumi.String("arn:aws:s3:::" + m.Bucket.Name).ToStringOutput(),
			domain: pulumi.Sprintf("%s.s3.%s.amazonaws.com", m.Bucket.Name, b.Cluster.Region),
		}, nil
	}
	out, err := b.bucket(ctx, parent, b.name+"-media", m.Bucket.Name, b.owned(parent, leaf{bucketType, b.name + "-media"}, m.Bucket.Mode, m.Bucket.Name, adopt.Tags...))
	if err != nil || m.Bucket.Mode == spec.Adopt {
		// The policy and the lifecycle of a bucket that runs are whole documents of
		// its owner: they stay as they are.
		return out, err
	}
	return out, b.lifecycle(ctx, parent, b.name+"-media", out, expire{noncurrentDays: 30})
}

// bucket is private, encrypted and versioned, and ignores every grant to the
// public. Each of these is a setting that S3 puts over the one that is there.
func (b builder) bucket(ctx *pulumi.Context, parent pulumi.Resource, name, fixed string, own pulumi.ResourceOption) (store, error) {
	fail := func(err error) (store, error) { return store{}, fmt.Errorf("bucket %s: %w", name, err) }
	args := &s3.BucketV2Args{ForceDestroy: pulumi.Bool(false)}
	if fixed != "" {
		args.Bucket = pulumi.String(fixed)
	}
	made, err := s3.NewBucketV2(ctx, name, args, own)
	if err != nil {
		return fail(err)
	}
	out := store{name: made.Bucket, arn: made.Arn, domain: made.BucketRegionalDomainName}
	if out.public, err = s3.NewBucketPublicAccessBlock(ctx, name, &s3.BucketPublicAccessBlockArgs{
		Bucket: made.Bucket, BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, pulumi.Parent(parent)); err != nil {
		return fail(err)
	}
	if _, err = s3.NewBucketOwnershipControls(ctx, name, &s3.BucketOwnershipControlsArgs{
		Bucket: made.Bucket, Rule: s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, pulumi.Parent(parent)); err != nil {
		return fail(err)
	}
	if _, err = s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: made.Bucket, Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
			s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
					// A key of KMS would need a grant for CloudFront and a call for each file.
					SseAlgorithm: pulumi.String("AES256"),
				},
			},
		},
	}, pulumi.Parent(parent)); err != nil {
		return fail(err)
	}
	if _, err = s3.NewBucketVersioningV2(ctx, name, &s3.BucketVersioningV2Args{
		Bucket: made.Bucket, VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, pulumi.Parent(parent)); err != nil {
		return fail(err)
	}
	return out, nil
}

// expire is when files go: those that another one replaced, and all of them; zero
// for never.
type expire struct{ noncurrentDays, days int }

// lifecycle ends what nobody would miss. Uploads that were never finished cost as
// much as files and are in no listing.
func (b builder) lifecycle(ctx *pulumi.Context, parent pulumi.Resource, name string, s store, e expire) error {
	rule := s3.BucketLifecycleConfigurationV2RuleArgs{
		Id: pulumi.String("headroom"), Status: pulumi.String("Enabled"), Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{DaysAfterInitiation: pulumi.Int(7)},
		NoncurrentVersionExpiration:    s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{NoncurrentDays: pulumi.Int(e.noncurrentDays)},
	}
	if e.days > 0 {
		rule.Expiration = s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(e.days)}
	}
	_, err := s3.NewBucketLifecycleConfigurationV2(ctx, name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: s.name, Rules: s3.BucketLifecycleConfigurationV2RuleArray{rule},
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("lifecycle of bucket %s: %w", name, err)
	}
	return nil
}

// statement is one of a bucket's policy.
func statement(sid, effect string, principal, action, resource pulumi.Input, condition pulumi.Map) pulumi.Map {
	return pulumi.Map{
		"Sid": pulumi.String(sid), "Effect": pulumi.String(effect), "Principal": principal, "Action": action,
		"Resource": resource, "Condition": condition,
	}
}

func service(name string) pulumi.Input { return pulumi.Map{"Service": pulumi.String(name)} }

// onlyTLS refuses everybody who does not encrypt.
func onlyTLS(s store) pulumi.Map {
	return statement("OnlyTLS", "Deny", pulumi.String("*"), pulumi.String("s3:*"),
		pulumi.Array{s.arn, pulumi.Sprintf("%s/*", s.arn)}, pulumi.Map{"Bool": pulumi.Map{"aws:SecureTransport": pulumi.String("false")}})
}

// policy waits for the setting that refuses public policies, so that a mistake
// here is refused and not open for a moment.
func (b builder) policy(ctx *pulumi.Context, parent pulumi.Resource, name string, s store, statements ...pulumi.Map) error {
	list := pulumi.Array{}
	for _, one := range append(statements, onlyTLS(s)) {
		list = append(list, one)
	}
	_, err := s3.NewBucketPolicy(ctx, name, &s3.BucketPolicyArgs{
		Bucket: s.name, Policy: pulumi.JSONMarshal(pulumi.Map{"Version": pulumi.String("2012-10-17"), "Statement": list}),
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{s.public}))
	if err != nil {
		return fmt.Errorf("policy of bucket %s: %w", name, err)
	}
	return nil
}
