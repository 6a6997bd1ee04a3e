package edge

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/plan/plantest"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

const (
	typeSettings     = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
	typeTiered       = "cloudflare:index/tieredCache:TieredCache"
	typeRecord       = "cloudflare:index/record:Record"
	typeCachePolicy  = "aws:cloudfront/cachePolicy:CachePolicy"
	typeHeaders      = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	typeAccess       = "aws:cloudfront/originAccessControl:OriginAccessControl"
	typeCertificate  = "aws:acm/certificate:Certificate"
	typeValidation   = "aws:acm/certificateValidation:CertificateValidation"
	typeBucketPolicy = "aws:s3/bucketPolicy:BucketPolicy"
	typePublic       = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	typeOwnership    = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	typeEncryption   = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	typeVersioning   = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	typeLifecycle    = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	typeLogSource    = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	typeLogTarget    = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	typeLogDelivery  = "aws:cloudwatch/logDelivery:LogDelivery"

	zoneID = "0123456789abcdef0123456789abcdef"
)

// base is a managed zone and a managed distribution; tests change one thing.
const base = `config:
  headroom:cluster: { name: c, account: "111122223333", version: "1.35", region: eu-north-1, vpcId: vpc-a, nodeSecurityGroupId: sg-a, subnets: [{ id: subnet-a, zone: eu-north-1a, cidr: 10.0.0.0/24 }] }
  headroom:services:
    app: { port: 80, peakRps: 1, resources: { requests: { cpu: 1, memory: 1Gi } }, ingress: { host: app.example.com } }
  headroom:nodes: { groups: [{ name: a, instanceTypes: [m7i.large], minSize: 1, maxSize: 1 }] }
  headroom:budget: { monthly: 1000 }
  headroom:edge:
    cloudflare:
      mode: managed
      zone: example.com
      zoneId: ` + zoneID + `
      plan: business
      rules:
        - { name: pages, path: /, class: page }
        - { name: assets, path: /assets/, class: immutable }
        - { name: account, path: /account/, class: private }
    cloudfront:
      mode: managed
      aliases: [media.example.com]
      dns: managed
      rules:
        - { name: images, path: /, class: media }
        - { name: fonts, path: /fonts/, class: immutable }
        - { name: reports, path: /reports/, class: private }
`

// declared is a stack with sets such as "edge.cloudflare.plan=free".
func declared(t *testing.T, sets ...string) spec.Stack {
	t.Helper()
	return plantest.Parse(t, "test", []byte(base), sets...)
}

// argsOf are a component's arguments for a stack.
func argsOf(s spec.Stack) Args {
	args := Args{Stack: s.Name, Cluster: s.Cluster, Spec: s.Edge}
	if s.Edge.Cloudflare != nil {
		args.Plan.Cloudflare = new(cdn.NewZone(s))
	}
	if s.Edge.CloudFront != nil {
		args.Plan.CloudFront = new(cdn.NewDistribution(s.Edge.CloudFront.Rules))
	}
	return args
}

// live is what stands in the zone.
type live struct {
	name, plan string
	// rulesets as they are looked up, and one as it is read.
	rulesets []resource.PropertyValue
	ruleset  resource.PropertyMap
	// distribution that is adopted, as it is read.
	distribution map[string]any
}

func property(v any) resource.PropertyValue { return resource.NewPropertyValue(v) }

// ruleset is a live one, as it can be looked up.
func ruleset(id, phase string, rules ...any) resource.PropertyValue {
	return property(map[string]any{"id": id, "phase": phase, "kind": "zone", "name": "default", "version": "1", "rules": rules})
}

func rule1(ref, description string) any {
	return map[string]any{"ref": ref, "description": description, "id": ref, "expression": "true", "version": "1"}
}

func recorder(l live) *componenttest.Recorder {
	option := func(name string) any {
		return map[string]any{
			"domainName": name, "resourceRecordName": "_Proof." + name + ".", "resourceRecordType": "CNAME", "resourceRecordValue": "_x.acm-validations.aws.",
		}
	}
	named := resource.NewPropertyMapFromMap
	return &componenttest.Recorder{
		Calls: map[string]resource.PropertyMap{
			"cloudflare:index/getZone:getZone":         named(map[string]any{"id": zoneID, "zoneId": zoneID, "name": l.name, "plan": l.plan, "status": "active", "paused": false}),
			"cloudflare:index/getRulesets:getRulesets": {"id": property("x"), "rulesets": property(l.rulesets)},
		},
		Outputs: map[string]resource.PropertyMap{
			bucketType:       named(map[string]any{"bucket": "the-bucket", "arn": "arn:aws:s3:::the-bucket", "bucketRegionalDomainName": "the-bucket.s3.eu-north-1.amazonaws.com"}),
			distributionType: named(map[string]any{"arn": "arn:aws:cloudfront::111122223333:distribution/E1", "domainName": "d1.cloudfront.net"}),
			typeCertificate: named(map[string]any{
				"arn":                     "arn:aws:acm:us-east-1:111122223333:certificate/requested",
				"domainValidationOptions": []any{option("media.example.com"), option("static.example.com")},
			}),
			typeValidation: named(map[string]any{"certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/issued"}),
			typeRecord:     named(map[string]any{"hostname": "the.record"}),
			typeLogSource:  named(map[string]any{"name": "the-source"}),
			typeLogTarget:  named(map[string]any{"arn": "the-destination"}),
		},
	}
}

// run declares an edge in a zone and answers what was registered.
func run(t *testing.T, args Args, l live) (*componenttest.Recorder, error) {
	t.Helper()
	r := recorder(l)
	if l.ruleset != nil {
		r.Outputs[rulesetType] = l.ruleset
	}
	maps.Copy(r.Outputs[distributionType], resource.NewPropertyMapFromMap(l.distribution))
	err := r.Run("test", func(ctx *pulumi.Context) error {
		if args.Spec.CloudFront != nil && args.Global == nil {
			global, err := aws.NewProvider(ctx, "global", &aws.ProviderArgs{Region: pulumi.String("us-east-1")})
			if err != nil {
				return err
			}
			args.Global = global
		}
		_, err := New(ctx, "test-edge", args)
		return err
	})
	return r, err
}

// empty is the stack's zone without any rules.
func empty() live { return live{name: "example.com", plan: "Business Website"} }

func declare(t *testing.T, sets ...string) *componenttest.Recorder {
	t.Helper()
	r, err := run(t, argsOf(declared(t, sets...)), empty())
	if err != nil {
		t.Fatalf("New(test-edge): %v", err)
	}
	return r
}

// named is the resource of a type and name.
func named(t *testing.T, r *componenttest.Recorder, token, name string) componenttest.Resource {
	t.Helper()
	for _, one := range r.Resources() {
		if one.Type == token && one.Name == name {
			return one
		}
	}
	t.Fatalf("no %s %s among %v", token, name, r.Types())
	return componenttest.Resource{}
}
