package edge

import (
	"slices"
	"strings"
	"testing"

	"github.com/agencyos/headroom/components/componenttest"
)

// bucketOrigin is what a distribution that may be adopted serves.
var bucketOrigin = map[string]any{"originId": "s3", "domainName": "files.s3.eu-north-1.amazonaws.com", "s3OriginConfig": map[string]any{"originAccessIdentity": ""}}

// A distribution is adopted only where the stack's rules take nothing away: what
// would is refused before it is touched.
func TestLiveDistribution(t *testing.T) {
	behavior := func(pattern string, more map[string]any) map[string]any {
		more["targetOriginId"], more["viewerProtocolPolicy"] = "s3", "https-only"
		if pattern != "" {
			more["pathPattern"] = pattern
		}
		return more
	}
	cases := map[string]struct {
		reason string
		live   map[string]any
		want   []string // what the refusal says; none where it is adopted
	}{
		"Plain": {"the bucket and nothing else", map[string]any{"origins": []any{bucketOrigin}, "aliases": []any{"media.example.com"},
			"defaultCacheBehavior": behavior("", map[string]any{}), "orderedCacheBehaviors": []any{behavior("/old/*", map[string]any{})}}, nil},
		"OtherOrigin": {"its paths would end", map[string]any{"origins": []any{bucketOrigin, map[string]any{"originId": "app", "domainName": "app.example.com", "customOriginConfig": map[string]any{
			"httpPort": 80.0, "httpsPort": 443.0, "originProtocolPolicy": "https-only", "originSslProtocols": []any{"TLSv1.2"}}}}},
			[]string{"edge.cloudfront.id = E2QWRUHAPOMQZL", "also serves from app.example.com, which is not the bucket files", "set edge.cloudfront.mode to external"}},
		"OtherBucket": {"so would those of another bucket", map[string]any{"origins": []any{map[string]any{"originId": "x", "domainName": "files2.s3.eu-north-1.amazonaws.com"}}},
			[]string{"files2.s3.eu-north-1.amazonaws.com, which is not the bucket files"}},
		"Website": {"a website answers / with an index", map[string]any{"origins": []any{map[string]any{"originId": "x", "domainName": "files.s3-website.eu-north-1.amazonaws.com"}}},
			[]string{"files.s3-website.eu-north-1.amazonaws.com, which is not the bucket files"}},
		"Folder": {"files lie elsewhere", map[string]any{"origins": []any{map[string]any{"originId": "x", "domainName": "files.s3.eu-north-1.amazonaws.com", "originPath": "/v1"}}},
			[]string{"below /v1"}},
		"SignedByDefault": {"everybody could read", map[string]any{"defaultCacheBehavior": behavior("", map[string]any{"trustedKeyGroups": []any{"kg-1"}})},
			[]string{"asks for signed requests under * (signers kg-1)"}},
		"SignedBelow": {"everybody could read a part", map[string]any{"orderedCacheBehaviors": []any{behavior("/private/*", map[string]any{"trustedSigners": []any{"self"}})}},
			[]string{"asks for signed requests under /private/* (signers self)"}},
		"Functions": {"a function may be the lock", map[string]any{"defaultCacheBehavior": behavior("", map[string]any{
			"functionAssociations":       []any{map[string]any{"eventType": "viewer-request", "functionArn": "arn:f"}},
			"lambdaFunctionAssociations": []any{map[string]any{"eventType": "origin-request", "lambdaArn": "arn:l"}}})},
			[]string{"runs arn:f, arn:l under *, which would no longer run"}},
		"Alias": {"a name would no longer answer", map[string]any{"aliases": []any{"media.example.com", "old.example.com"}},
			[]string{"edge.cloudfront.aliases = media.example.com", "leaves out old.example.com"}},
		"All": {"a person reads them together", map[string]any{"aliases": []any{"old.example.com"}, "defaultCacheBehavior": behavior("", map[string]any{"trustedSigners": []any{"self"}})},
			[]string{"old.example.com", "signed requests"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			at := empty()
			at.distribution = c.live
			sets := append(slices.Clone(onlyMedia), "edge.cloudfront.mode=adopt", "edge.cloudfront.id=E2QWRUHAPOMQZL", "edge.cloudfront.bucket.name=files")
			r, err := run(t, argsOf(declared(t, sets...)), at)
			if len(c.want) == 0 {
				if err != nil {
					t.Fatalf("%s: New() = %v", c.reason, err)
				}
				componenttest.Expect(t, componenttest.Only(t, r, distributionType), map[string]any{"enabled": true})
				return
			}
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: New() = %v, want %q", c.reason, err, want)
				}
			}
			if _, err := r.Only(distributionType); err == nil {
				t.Errorf("%s: the distribution is declared in spite of it", c.reason)
			}
		})
	}
}
