package rules

import (
	"slices"
	"strings"
)

// behaviors are how a distribution answers: the default one first.
func (f *facts) behaviors(d Resource) []leaf {
	return append([]leaf{d.at("defaultCacheBehavior")}, f.list(d.at("orderedCacheBehaviors"))...)
}

// cdnHTTPS prevents pages and cookies in plain text.
func cdnHTTPS() Rule {
	return Rule{
		ID: "cdn-https", Severity: High, Level: Mandatory, Single: true,
		What:    "distributions answer only by HTTPS, with TLS 1.2 or later",
		Why:     "answers and cookies would cross networks in plain text, or under broken ciphers",
		Fix:     "set viewerProtocolPolicy redirect-to-https on every behavior and minimumProtocolVersion TLSv1.2_2021 beside a certificate of your own",
		Anchors: []string{"CKV_AWS_34", "CKV_AWS_174", "CKV2_AWS_42", "AWS-0012", "AWS-0013", "nag CFR4", "PC cloudfront"},
		Types:   []string{typeDistribution},
		Eval: each("whether it answers by HTTPS only", func(_ Input, v *verdict, d Resource) {
			own := &facts{}
			for _, b := range own.behaviors(d) {
				v.oneOf(b.at("viewerProtocolPolicy"), "", "redirect-to-https", "https-only")
			}
			v.waits = append(v.waits, own.waits...)
			v.require(func(f *facts) string {
				c := d.at("viewerCertificate")
				if len(f.list(d.at("aliases"))) == 0 || f.flag(c.at("cloudfrontDefaultCertificate")) {
					// CloudFront's own name decides about its own certificate.
					return ""
				}
				if version := f.textOr(c.at("minimumProtocolVersion"), "TLSv1"); !strings.HasPrefix(version, "TLSv1.2_20") && !strings.HasPrefix(version, "TLSv1.3") {
					return "minimumProtocolVersion is " + show(c.at("minimumProtocolVersion"))
				}
				return ""
			})
			v.pass("HTTPS only")
		}, typeDistribution),
	}
}

// cdnOrigin prevents a way around the distribution.
func cdnOrigin() Rule {
	return Rule{
		ID: "cdn-origin", Severity: High, Level: Mandatory, Single: true,
		What:    "distributions sign their requests to buckets and reach servers by HTTPS",
		Why:     "a bucket would have to be public for a distribution that does not sign; the way to a server would be in plain text",
		Fix:     "set originAccessControlId on origins in S3, and originProtocolPolicy https-only with TLSv1.2 on others",
		Anchors: []string{"CKV2_AWS_46", "nag CFR5", "nag CFR7"},
		Types:   []string{typeDistribution},
		Eval: each("whether its origins are private", func(_ Input, v *verdict, d Resource) {
			for _, o := range v.list(d.at("origins")) {
				custom := o.at("customOriginConfig")
				if custom.Absent() {
					v.set(d, o.at("originAccessControlId"), "the bucket would have to be public")
					continue
				}
				v.oneOf(custom.at("originProtocolPolicy"), "", "https-only")
				v.require(func(f *facts) string {
					for _, old := range f.textList(custom.at("originSslProtocols")) {
						if slices.Contains([]string{"SSLv3", "TLSv1", "TLSv1.1"}, old) {
							return custom.at("originSslProtocols").where + " holds " + old
						}
					}
					return ""
				})
			}
			v.pass("origins are reached signed or by HTTPS")
		}, typeDistribution),
	}
}

// Cache policies that AWS keeps
// (github.com/awsdocs/amazon-cloudfront-developer-guide doc_source/using-managed-cache-policies.md @ 1c964d4, 2026-11).
const (
	managedCachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	optPrivatePaths        = "privatePaths"
)

// cdnPrivate prevents one visitor's answer from being shown to another.
func cdnPrivate() Rule {
	return Rule{
		ID: "cdn-private", Severity: Critical, Level: Mandatory,
		What:    "distributions keep no answer that is personal",
		Why:     "a minimum TTL above 0 overrules no-store and private, and a cached API answer is shown to everybody",
		Fix:     "leave minTtl 0 in cache policies, and use CachingDisabled for paths of the API",
		Anchors: []string{"none elsewhere"},
		Types:   []string{typeDistribution, typeCachePolicy},
		Options: []Option{{Name: optPrivatePaths, What: "beginnings of path patterns whose answers are personal", Default: []string{"/api", "api/"}}},
		Eval: func(in Input) []Finding {
			all := each("whether it overrules no-store", func(_ Input, v *verdict, p Resource) {
				v.within(p.at("minTtl"), 0, 0, 0, " s: it overrules no-store and private")
				v.pass("the origin decides what is kept")
			}, typeCachePolicy)(in)
			return append(all, each("whether it keeps personal answers", judgePrivate, typeDistribution)(in)...)
		},
	}
}

func judgePrivate(in Input, v *verdict, d Resource) {
	v.pass("no personal path is cached")
	for _, b := range v.list(d.at("orderedCacheBehaviors")) {
		v.require(func(f *facts) string {
			pattern := f.textOr(b.at("pathPattern"), "")
			if !slices.ContainsFunc(in.texts(optPrivatePaths), func(p string) bool { return strings.HasPrefix(pattern, p) }) {
				return ""
			}
			if f.textOr(b.at("cachePolicyId"), "") == managedCachingDisabled {
				return ""
			}
			return legible(pattern) + " is cached by policy " + show(b.at("cachePolicyId"))
		})
	}
	for _, b := range (&facts{}).behaviors(d) {
		// Times of a behavior itself are the way of before cache policies.
		v.within(b.at("minTtl"), 0, 0, 0, " s: it overrules no-store and private")
	}
}

// certRenews prevents the outage of a certificate that nobody renewed.
func certRenews() Rule {
	return Rule{
		ID: "cert-renews", Severity: High, Level: Mandatory, Single: true,
		What:    "certificates are validated by DNS",
		Why:     "a certificate validated by mail is renewed only if somebody answers a mail in time",
		Fix:     "set validationMethod: DNS and keep the record",
		Anchors: []string{"docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html"},
		Types:   []string{typeCertificate},
		Eval: each("whether it renews by itself", func(_ Input, v *verdict, c Resource) {
			if !v.readable(c.root()) {
				return
			}
			if key := c.at("privateKey"); !key.Absent() && !key.Unknown() {
				v.fault("an imported certificate is never renewed")
				return
			}
			v.require(func(f *facts) string { f.readable(c.at("privateKey")); return "" })
			v.oneOf(c.at("validationMethod"), "", "DNS")
			v.pass("renews by DNS")
		}, typeCertificate),
	}
}
