package edge

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
)

// certificate covers every alias: the one that is named, or one that DNS records
// validate. Its ARN is the validation's, because CloudFront refuses a certificate
// that is not issued yet. Nil without an alias.
func (b builder) certificate(ctx *pulumi.Context, parent pulumi.Resource) (pulumi.StringInput, error) {
	m := b.media()
	switch {
	case m.CertificateARN != "":
		return pulumi.String(m.CertificateARN), nil
	case len(m.Aliases) == 0:
		return nil, nil
	}
	args := &acm.CertificateArgs{DomainName: pulumi.String(m.Aliases[0]), ValidationMethod: pulumi.String("DNS")}
	if len(m.Aliases) > 1 {
		args.SubjectAlternativeNames = pulumi.ToStringArray(m.Aliases[1:])
	}
	requested, err := acm.NewCertificate(ctx, b.name+"-media", args, pulumi.Parent(parent), pulumi.Provider(b.Global))
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", b.name, err)
	}
	var proofs pulumi.StringArray
	for i := range m.Aliases {
		proof, err := b.proof(ctx, parent, i, requested)
		if err != nil {
			return nil, err
		}
		proofs = append(proofs, proof.Hostname)
	}
	issued, err := acm.NewCertificateValidation(ctx, b.name+"-media", &acm.CertificateValidationArgs{
		CertificateArn: requested.Arn, ValidationRecordFqdns: proofs,
	}, pulumi.Parent(parent), pulumi.Provider(b.Global))
	if err != nil {
		return nil, fmt.Errorf("validation of the certificate of %s: %w", b.name, err)
	}
	return issued.CertificateArn, nil
}

// proof is the record that shows one name of a certificate to be ours. ACM looks
// it up for as long as it renews.
func (b builder) proof(ctx *pulumi.Context, parent pulumi.Resource, i int, c *acm.Certificate) (*cloudflare.Record, error) {
	zone, option := b.Spec.Cloudflare, c.DomainValidationOptions.Index(pulumi.Int(i))
	record, err := b.record(ctx, parent, b.name+"-proof-"+b.media().Aliases[i], 60,
		option.ResourceRecordName().Elem().ApplyT(func(name string) string { return label(name, zone.Zone) }).(pulumi.StringOutput),
		option.ResourceRecordValue().Elem().ApplyT(withoutDot).(pulumi.StringOutput))
	if err != nil {
		return nil, fmt.Errorf("validation record of %s: %w", b.media().Aliases[i], err)
	}
	return record, nil
}

// aliasRecords point the aliases at the distribution, not through Cloudflare: two
// caches in a row keep twice and purge once.
func (b builder) aliasRecords(ctx *pulumi.Context, parent pulumi.Resource, d *cloudfront.Distribution) error {
	m := b.media()
	if m.DNS != spec.Managed {
		return nil
	}
	for _, alias := range m.Aliases {
		name := pulumi.String(label(alias, b.Spec.Cloudflare.Zone)).ToStringOutput()
		if _, err := b.record(ctx, parent, b.name+"-alias-"+alias, 300, name, d.DomainName); err != nil {
			return fmt.Errorf("record of %s: %w", alias, err)
		}
	}
	return nil
}

// record is a CNAME that only answers, with its time to live in seconds.
func (b builder) record(ctx *pulumi.Context, parent pulumi.Resource, resource string, ttl int, name, content pulumi.StringOutput) (*cloudflare.Record, error) {
	return cloudflare.NewRecord(ctx, resource, &cloudflare.RecordArgs{
		ZoneId: pulumi.String(b.Spec.Cloudflare.ZoneID), Type: pulumi.String("CNAME"), Name: name, Content: content,
		Proxied: pulumi.Bool(false), Ttl: pulumi.Int(ttl), Comment: pulumi.String("Headroom: media of " + b.Stack),
	}, pulumi.Parent(parent))
}

// label is a name as Cloudflare keeps it, short and in lower case: a full one would
// match no record that is there (cloudflare/terraform-provider-cloudflare#2407, #1247).
func label(name, zone string) string {
	name = strings.ToLower(withoutDot(name))
	if name == zone {
		return "@"
	}
	return strings.TrimSuffix(name, "."+zone)
}

// withoutDot drops what ACM writes and Cloudflare does not keep.
func withoutDot(name string) string { return strings.TrimSuffix(name, ".") }
