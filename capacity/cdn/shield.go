package cdn

import "slices"

// shieldRegions offer Origin Shield, nearestShield is where to put it for an
// origin elsewhere
// (github.com/awsdocs/amazon-cloudfront-developer-guide doc_source/origin-shield.md @ 5915a3a6, read 2026-11).
var (
	shieldRegions = []string{"us-east-1", "us-east-2", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
		"ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2", "sa-east-1"}
	nearestShield = map[string]string{
		"us-west-1": "us-west-2", "af-south-1": "eu-west-1", "ap-east-1": "ap-southeast-1", "ca-central-1": "us-east-1",
		"eu-south-1": "eu-central-1", "eu-west-3": "eu-west-2", "eu-north-1": "eu-west-2", "me-south-1": "ap-south-1",
	}
)

// ShieldRegion is where Origin Shield stands for a bucket in a region; empty
// where AWS names none.
func ShieldRegion(region string) string {
	if slices.Contains(shieldRegions, region) {
		return region
	}
	return nearestShield[region]
}
