package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/cmd/preview/changes"
	"github.com/agencyos/headroom/cmd/preview/command"
)

// productWith is the running product together with what the AWS CLI answers of one
// more part of it, which its stack file adopts by the settings.
func productWith(t *testing.T, answers string, settings ...spec.Setting) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for to, from := range map[string]string{dir: product, filepath.Join(dir, "live", "more"): filepath.Join("testdata", answers)} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	edit(t, filepath.Join(dir, "Pulumi.after.yaml"), settings...)
	return dir
}

// takenOverAs are the inputs of objects that a preview tells of, as live, wanted,
// setting and effect.
func takenOverAs(t *testing.T, dir string, ids ...string) map[string]string {
	t.Helper()
	code, out, errs := ofHeadroom(t, "--dir", dir, "--stack", "after", "--live", filepath.Join(dir, "live"), "--json")
	var got struct {
		Changes []changes.Change `json:"changes"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != command.OK {
		t.Fatalf("preview exits %d, %v\n%s\n%s", code, err, out, errs)
	}
	told := map[string]string{}
	for _, c := range got.Changes {
		for _, id := range ids {
			if c.ID != id {
				continue
			}
			if !c.Imported || c.Worst() == effects.Replace {
				t.Errorf("%s is not taken over as it is: %s", id, c.Op)
			}
			for _, d := range c.Differences {
				told[id+" "+d.Field] = strings.Join([]string{changes.Show(d.Live), changes.Show(d.Wanted), d.Setting, string(d.Effect)}, " | ")
			}
		}
	}
	return told
}

const stays = " | - |  | none"

// A cache that the AWS CLI described is taken over as it is: nothing replaces it,
// and each input that moves is told with the setting that moves it.
func TestACacheOfTheCLIIsAdopted(t *testing.T) {
	dir := productWith(t, "cache", spec.Setting{Path: "cache.mode", Value: "adopt"}, spec.Setting{Path: "cache.id", Value: "shop-cache"},
		spec.Setting{Path: "cache.adopt.parameterGroup", Value: "shop-valkey8"}, spec.Setting{Path: "cache.host"})
	want := map[string]string{
		"shop-cache multiAzEnabled":                        "false | true | cache.replicas | update",
		"shop-cache snapshotRetentionLimit":                "0 | 1 | cache.snapshotDays | update",
		"shop-cache applyImmediately":                      "- | false |  | none",
		"shop-valkey8 parameters[maxmemory-policy]":        "noeviction | allkeys-lfu | cache.policy | update",
		"shop-valkey8 parameters[reserved-memory-percent]": "- | 25 | cache.reservedMemory | update",
		"shop-valkey8 parameters[timeout]":                 "300 | - |  | update",
		"shop-valkey8 description":                         "Of the shop" + stays, "shop-valkey8 family": "valkey8" + stays,
	}
	for field, live := range map[string]string{
		"atRestEncryptionEnabled": "true", "clusterMode": "disabled", "description": "Carts and sessions", "engine": "valkey", "engineVersion": "8.0", "ipDiscovery": "ipv4",
		"maintenanceWindow": "mon:05:00-mon:06:00", "networkType": "ipv4", "port": "6379", "replicationGroupId": "shop-cache", "securityGroupIds": `["sg-0c00000000000000c"]`,
		"snapshotWindow": "06:00-07:00", "subnetGroupName": "shop-subnets", "transitEncryptionEnabled": "true", "transitEncryptionMode": "required",
	} {
		want["shop-cache "+field] = live + stays
	}
	if diff := cmp.Diff(want, takenOverAs(t, dir, "shop-cache", "shop-valkey8")); diff != "" {
		t.Errorf("what is told of the cache (-want +got):\n%s", diff)
	}
}

// media are the settings that adopt the distribution, and leave its bucket to its
// owner.
var media = []spec.Setting{{Path: "edge.cloudfront.mode", Value: "adopt"}, {Path: "edge.cloudfront.id", Value: "E1AGENCYMEDIA1"},
	{Path: "edge.cloudfront.bucket", Value: "{mode: external, name: shop-media}"},
	{Path: "edge.cloudfront.certificateArn", Value: "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d-0000-0000-0000-000000000000"}}

// A distribution that the AWS CLI described keeps its firewall, countries, logs and
// root object.
func TestADistributionOfTheCLIIsAdopted(t *testing.T) {
	got := takenOverAs(t, productWith(t, "media", media...), "E1AGENCYMEDIA1")
	for _, origin := range []string{"bucket", "media"} {
		field := "E1AGENCYMEDIA1 origins[" + origin + "]"
		if !strings.Contains(got[field], "edge.cloudfront.bucket.name | update") || !strings.Contains(got[field], "{") {
			t.Errorf("%s is told as %q, want the origin that comes or goes", field, got[field])
		}
		delete(got, field)
	}
	for field := range got {
		if strings.HasPrefix(field, "E1AGENCYMEDIA1 defaultCacheBehavior.") {
			delete(got, field)
		}
	}
	const at = "E1AGENCYMEDIA1 "
	want := map[string]string{
		at + "priceClass":        "PriceClass_All | PriceClass_100 | edge.cloudfront.priceClass | update",
		at + "httpVersion":       "http2 | http2and3 |  | update",
		at + "retainOnDelete":    "- | false |  | none",
		at + "waitForDeployment": "- | false |  | none",
		at + "comment":           "media of the shop" + stays,
		at + "defaultRootObject": "index.html" + stays,
		at + "loggingConfig":     `{"bucket":"shop-logs.s3.amazonaws.com","inc…` + stays,
		at + "restrictions":      `{"geoRestriction":{"locations":["DE"],"rest…` + stays,
		at + "webAclId":          "arn:aws:wafv2:us-east-1:111122223333:global…" + stays,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told of the distribution (-want +got):\n%s", diff)
	}
}

// What a distribution would lose is refused in the preview already, whole.
func TestADistributionOfMoreIsLeft(t *testing.T) {
	dir := productWith(t, "media", media...)
	file := filepath.Join(dir, "live", "more", "distribution.json")
	text := strings.NewReplacer(
		`"Aliases": { "Quantity": 1, "Items": [`, `"Aliases": { "Quantity": 2, "Items": ["old.shop.example", `,
		`"TrustedKeyGroups": { "Enabled": false, "Quantity": 0 }`, `"TrustedKeyGroups": { "Enabled": true, "Quantity": 1, "Items": ["kg-1"] }`,
	).Replace(read(t, filepath.Dir(file), filepath.Base(file)))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := ofHeadroom(t, "--dir", dir, "--stack", "after", "--live", filepath.Join(dir, "live"))
	if code == command.OK {
		t.Errorf("the preview exits %d", code)
	}
	for _, want := range []string{"asks for signed requests under * (signers kg-1)", "set edge.cloudfront.mode to external", "leaves out old.shop.example"} {
		if !strings.Contains(errs, want) {
			t.Errorf("the refusal does not say %q:\n%s", want, errs)
		}
	}
}
