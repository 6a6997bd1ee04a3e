package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Tokens of a bucket and its settings.
const (
	bucket           = "aws:s3/bucketV2:BucketV2"
	bucketPolicy     = "aws:s3/bucketPolicy:BucketPolicy"
	bucketOwnership  = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	bucketPublic     = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	bucketLifecycle  = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	bucketEncryption = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	bucketVersioning = "aws:s3/bucketVersioningV2:BucketVersioningV2"
)

func bucketTypes(a Account) []provider.Type {
	part := func(token string, required []string, rules []provider.Rule, defaults map[string]any) provider.Type {
		return provider.Type{
			Token: token, Required: append([]string{"bucket"}, required...), Rules: rules, Defaults: defaults,
			// S3 puts a setting over one that is there; it refuses nothing.
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Inputs.At("bucket").Text(), map[string]any{}
			},
		}
	}
	return []provider.Type{
		{
			Token: bucket, Rules: bucketRules(), Identity: named("bucket", "bucket"), Mint: a.mintBucket,
			Autoname: &provider.Autoname{Property: "bucket", Unless: []string{"bucketPrefix"}, Separator: "-", Random: 7, Max: 63},
			Defaults: map[string]any{"forceDestroy": false},
		},
		part(bucketPolicy, []string{"policy"}, []provider.Rule{{ID: "s3-policy", Source: s3Policy, Test: policyDocument}}, nil),
		part(bucketOwnership, []string{"rule"}, []provider.Rule{{ID: "s3-ownership", Source: s3API + "API_OwnershipControlsRule.html, 2026-11", Test: ownership}}, nil),
		part(bucketPublic, nil, nil, map[string]any{"blockPublicAcls": false, "blockPublicPolicy": false, "ignorePublicAcls": false, "restrictPublicBuckets": false}),
		part(bucketLifecycle, []string{"rules"}, []provider.Rule{{ID: "s3-lifecycle", Source: s3Lifecycle, Test: lifecycle}},
			map[string]any{"transitionDefaultMinimumObjectSize": "all_storage_classes_128K"}),
		part(bucketEncryption, []string{"rules"}, []provider.Rule{{ID: "s3-encryption", Source: s3API + "API_ServerSideEncryptionByDefault.html, 2026-11", Test: encryption}}, nil),
		part(bucketVersioning, []string{"versioningConfiguration"}, []provider.Rule{{ID: "s3-versioning", Source: s3API + "API_VersioningConfiguration.html, 2026-11", Test: versioning}}, nil),
	}
}

const (
	s3API       = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
	s3Names     = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, 2026-11"
	s3Policy    = s3API + "API_PutBucketPolicy.html MalformedPolicy, 2026-11"
	s3Lifecycle = "terraform-provider-aws internal/service/s3/bucket_lifecycle_configuration.go, 5.86 and later: exactly one of filter and prefix; " + s3API + "API_LifecycleRule.html, 2026-11"
)

func (a Account) mintBucket(m provider.Minting) (string, map[string]any) {
	name, region := m.Inputs.At("bucket").Text(), a.region(m.Config)
	if name == "" {
		name = m.Inputs.At("bucketPrefix").Text() + m.Hex(26)
	}
	return name, map[string]any{
		"bucket": name, "arn": "arn:aws:s3:::" + name, "region": region, "hostedZoneId": "Z" + strings.ToUpper(m.Hex(13)),
		"bucketDomainName": name + ".s3.amazonaws.com", "bucketRegionalDomainName": fmt.Sprintf("%s.s3.%s.amazonaws.com", name, region),
		"requestPayer": "BucketOwner", "websiteDomain": "", "websiteEndpoint": "", "tagsAll": allTags(m.Config, m.Inputs),
	}
}

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	address    = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
)

func bucketRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "s3-bucket-name", Source: s3Names,
			Test: func(_, in provider.Value) []provider.Problem {
				name := in.At("bucket")
				bad := !bucketName.MatchString(name.Text()) || strings.Contains(name.Text(), "..") || address.MatchString(name.Text()) ||
					strings.HasPrefix(name.Text(), "xn--") || strings.HasSuffix(name.Text(), "-s3alias")
				if name.IsText() && bad {
					return problem("bucket", "InvalidBucketName: must hold 3 to 63 lower-case letters, digits, dots and hyphens")
				}
				return nil
			},
		},
		{
			ID: "s3-bucket-prefix", Source: "terraform-provider-aws internal/service/s3/bucket.go ConflictsWith and StringLenBetween(0, 37)",
			Test: func(_, in provider.Value) []provider.Problem {
				switch prefix := in.At("bucketPrefix"); {
				case prefix.Present() && in.At("bucket").Present():
					return problem("bucketPrefix", "conflicts with bucket; set one of them")
				case len(prefix.Text()) > 37:
					return problem("bucketPrefix", "must not exceed 37 characters")
				}
				return nil
			},
		},
		{
			ID: "s3-bucket-inline", Source: "pulumi-aws sdk 6.83.2 s3/bucketV2.go: deprecated arguments make the provider warn",
			Test: func(_, in provider.Value) (found []provider.Problem) {
				for _, name := range []string{"accelerationStatus", "acl", "corsRules", "grants", "lifecycleRules", "loggings", "policy",
					"replicationConfigurations", "requestPayer", "serverSideEncryptionConfigurations", "versionings", "websites"} {
					if in.At(name).Present() {
						found = append(found, problem(name, "is deprecated; use the resource for it")...)
					}
				}
				return found
			},
		},
	}
}

func policyDocument(_, in provider.Value) []provider.Problem {
	text := in.At("policy")
	if !text.IsText() {
		return nil
	}
	var document struct {
		Version   string
		Statement []struct {
			Effect                      string
			Principal, Action, Resource any
		}
	}
	switch err := json.Unmarshal([]byte(text.Text()), &document); {
	case err != nil:
		return problem("policy", "MalformedPolicy: policies must be valid JSON and the first byte must be '{'")
	case len(text.Text()) > 20480:
		return problem("policy", "PolicyTooLarge: must not exceed 20 KB")
	case document.Version != "2012-10-17" && document.Version != "2008-10-17", len(document.Statement) == 0:
		return problem("policy", "MalformedPolicy: needs a version and a statement")
	}
	for _, s := range document.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" || s.Principal == nil || s.Action == nil || s.Resource == nil {
			return problem("policy", "MalformedPolicy: each statement needs Effect, Principal, Action and Resource")
		}
	}
	return nil
}

func ownership(_, in provider.Value) []provider.Problem {
	return within("rule.objectOwnership", in, "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
}

func versioning(_, in provider.Value) []provider.Problem {
	return within("versioningConfiguration.status", in, "Enabled", "Suspended", "Disabled")
}

func encryption(_, in provider.Value) (found []provider.Problem) {
	for i := range in.At("rules").List() {
		at := fmt.Sprintf("rules[%d].applyServerSideEncryptionByDefault", i)
		found = append(found, within(at+".sseAlgorithm", in, "AES256", "aws:kms", "aws:kms:dsse")...)
		if in.At(at+".kmsMasterKeyId").Present() && in.At(at+".sseAlgorithm").Text() == "AES256" {
			found = append(found, problem(at+".kmsMasterKeyId", "needs aws:kms")...)
		}
	}
	return found
}

var lifecycleActions = []string{"abortIncompleteMultipartUpload", "expiration", "noncurrentVersionExpiration", "noncurrentVersionTransitions", "transitions"}

func lifecycle(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, r := range in.At("rules").List() {
		at, id := fmt.Sprintf("rules[%d]", i), r.At("id").Text()
		acts := slices.ContainsFunc(lifecycleActions, func(name string) bool { return r.At(name).Present() })
		switch {
		case id == "" || len(id) > 255 || seen[id]:
			found = append(found, problem(at+".id", "must be unique and hold 1 to 255 characters")...)
		case r.At("filter").Present() == r.At("prefix").Present():
			found = append(found, problem(at+".filter", "exactly one of filter and prefix must be set; the provider warns")...)
		case !acts:
			found = append(found, problem(at, "InvalidRequest: at least one action needs to be specified in a rule")...)
		}
		seen[id] = true
		found = append(found, within(at+".status", in, "Enabled", "Disabled")...)
		for _, path := range []string{"noncurrentVersionExpiration.noncurrentDays", "abortIncompleteMultipartUpload.daysAfterInitiation", "expiration.days"} {
			if n, ok := r.At(path).Number(); ok && n < 1 {
				found = append(found, problem(at+"."+path, "must be at least 1")...)
			}
		}
	}
	return found
}
