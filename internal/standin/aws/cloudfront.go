package aws

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Tokens of the edge's resource types.
const (
	distribution    = "aws:cloudfront/distribution:Distribution"
	cachePolicy     = "aws:cloudfront/cachePolicy:CachePolicy"
	headersPolicy   = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	accessControl   = "aws:cloudfront/originAccessControl:OriginAccessControl"
	certificate     = "aws:acm/certificate:Certificate"
	validation      = "aws:acm/certificateValidation:CertificateValidation"
	logSource       = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	logDestination  = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	logDelivery     = "aws:cloudwatch/logDelivery:LogDelivery"
	cloudFrontZone  = "Z2FDTNDATAQYW2" // of every distribution: https://docs.aws.amazon.com/general/latest/gr/cf_region.html, 2026-11
	globalRegion    = "us-east-1"
	validatedDomain = "acm-validations.aws"
)

func edgeTypes(a Account) []provider.Type {
	return append(a.cloudFrontTypes(), append(a.certificateTypes(), a.logTypes()...)...)
}

func autonamed(longest int) *provider.Autoname {
	return &provider.Autoname{Property: "name", Separator: "-", Random: 7, Max: longest}
}

func (a Account) cloudFrontTypes() []provider.Type {
	return []provider.Type{
		{
			Token: distribution, Required: []string{"defaultCacheBehavior", "enabled", "origins", "restrictions", "viewerCertificate"},
			Sets: []string{"aliases", "customErrorResponses", "origins"},
			Defaults: map[string]any{
				"httpVersion": "http2", "isIpv6Enabled": false, "priceClass": "PriceClass_All", "retainOnDelete": false,
				"staging": false, "waitForDeployment": true,
			},
			Rules: distributionRules(), Mint: a.mintDistribution, Rivals: rivalOrigins,
			// CNAMEAlreadyExists: a name belongs to one distribution of all accounts.
			Identity: func(in provider.Value) string {
				if names := in.At("aliases").List(); len(names) > 0 && names[0].IsText() {
					return "alias:" + names[0].Text()
				}
				return ""
			},
		},
		{
			Token: cachePolicy, Required: []string{"parametersInCacheKeyAndForwardedToOrigin"}, Autoname: autonamed(128),
			Defaults: map[string]any{"defaultTtl": 86400.0, "maxTtl": 31536000.0},
			Rules:    cachePolicyRules(), Identity: named("cache-policy", "name"), Mint: a.mintPolicy("cache-policy"),
		},
		{
			Token: headersPolicy, Autoname: autonamed(128), Rules: headersPolicyRules(),
			Identity: named("response-headers-policy", "name"), Mint: a.mintPolicy("response-headers-policy"),
		},
		{
			Token: accessControl, Required: []string{"originAccessControlOriginType", "signingBehavior", "signingProtocol"}, Autoname: autonamed(64),
			Defaults: map[string]any{"description": "Managed by Pulumi"},
			Rules:    accessControlRules(), Identity: named("origin-access-control", "name"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				id := "E" + strings.ToUpper(m.Hex(13))
				return id, map[string]any{"arn": a.global("cloudfront", "origin-access-control/"+id), "etag": "E" + strings.ToUpper(m.Hex(12))}
			},
		},
	}
}

func (a Account) global(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s::%s:%s", service, a.ID, resource)
}

func (a Account) mintDistribution(m provider.Minting) (string, map[string]any) {
	id := "E" + strings.ToUpper(m.Hex(13))
	return id, map[string]any{
		"arn": a.global("cloudfront", "distribution/"+id), "domainName": "d" + m.Hex(13) + ".cloudfront.net",
		"callerReference": m.Hex(26), "etag": "E" + strings.ToUpper(m.Hex(12)), "hostedZoneId": cloudFrontZone,
		"inProgressValidationBatches": 0.0, "lastModifiedTime": "2026-01-01 00:00:00 +0000 UTC", "status": "Deployed",
		"trustedKeyGroups": []any{}, "trustedSigners": []any{}, "continuousDeploymentPolicyId": "",
		"tagsAll": allTags(m.Config, m.Inputs),
	}
}

func (a Account) mintPolicy(kind string) func(provider.Minting) (string, map[string]any) {
	return func(m provider.Minting) (string, map[string]any) {
		id := uuid(m)
		return id, map[string]any{"arn": a.global("cloudfront", kind+"/"+id), "etag": "E" + strings.ToUpper(m.Hex(12))}
	}
}

func uuid(m provider.Minting) string {
	return fmt.Sprintf("%s-%s-%s-%s-%s", m.Hex(8), m.Hex(4), m.Hex(4), m.Hex(4), m.Hex(12))
}

func (a Account) certificateTypes() []provider.Type {
	return []provider.Type{
		{
			Token: certificate, Sets: []string{"subjectAlternativeNames"}, Rules: certificateRules(), Mint: a.mintCertificate,
		},
		{
			Token: validation, Required: []string{"certificateArn"}, Sets: []string{"validationRecordFqdns"}, Rules: validationRules(),
			Mint: func(provider.Minting) (string, map[string]any) {
				return "2026-01-01 00:00:00 +0000 UTC", map[string]any{}
			},
		},
	}
}

func (a Account) mintCertificate(m provider.Minting) (string, map[string]any) {
	arn := a.arn("acm", a.region(m.Config), "certificate/"+uuid(m))
	domains := []string{m.Inputs.At("domainName").Text()}
	for _, v := range m.Inputs.At("subjectAlternativeNames").List() {
		domains = append(domains, v.Text())
	}
	var options []any
	for _, d := range domains {
		// The trailing dots are ACM's.
		options = append(options, map[string]any{
			"domainName": d, "resourceRecordType": "CNAME",
			"resourceRecordName":  "_" + m.Hex(32) + "." + strings.TrimPrefix(d, "*.") + ".",
			"resourceRecordValue": "_" + m.Hex(32) + "." + m.Hex(10) + "." + validatedDomain + ".",
		})
	}
	return arn, map[string]any{
		"arn": arn, "domainValidationOptions": options, "status": "PENDING_VALIDATION", "type": "AMAZON_ISSUED", "keyAlgorithm": "RSA_2048",
		"notAfter": "", "notBefore": "", "pendingRenewal": false, "renewalEligibility": "INELIGIBLE", "renewalSummaries": []any{},
		"validationEmails": []any{}, "tagsAll": allTags(m.Config, m.Inputs),
	}
}

func (a Account) logTypes() []provider.Type {
	arn := func(kind string) func(provider.Minting) (string, map[string]any) {
		return func(m provider.Minting) (string, map[string]any) {
			name := m.Inputs.At("name").Text()
			return name, map[string]any{
				"arn": a.arn("logs", a.region(m.Config), kind+":"+name), "service": "cloudfront", "deliveryDestinationType": "S3",
				"tagsAll": allTags(m.Config, m.Inputs),
			}
		}
	}
	return []provider.Type{
		{
			Token: logSource, Required: []string{"logType", "resourceArn"}, Autoname: autonamed(60), Rules: a.logSourceRules(),
			Identity: named("delivery-source", "name"), Mint: arn("delivery-source"),
		},
		{
			Token: logDestination, Required: []string{"deliveryDestinationConfiguration"}, Autoname: autonamed(60), Rules: logDestinationRules(),
			Identity: named("delivery-destination", "name"), Mint: arn("delivery-destination"),
		},
		{
			Token: logDelivery, Required: []string{"deliveryDestinationArn", "deliverySourceName"}, Rules: logDeliveryRules(),
			Mint: func(m provider.Minting) (string, map[string]any) {
				id := m.Hex(16)
				return id, map[string]any{"arn": a.arn("logs", a.region(m.Config), "delivery:"+id), "tagsAll": allTags(m.Config, m.Inputs)}
			},
		},
	}
}
