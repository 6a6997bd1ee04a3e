package rules

import "testing"

// TestEverywhere: a pattern that names something is a choice; one that does not is
// everything.
func TestEverywhere(t *testing.T) {
	for resource, want := range map[string]bool{
		"*": true, "**": true, "arn:*": true, "arn:aws:*": true, "arn:aws:iam::*": true, "arn:aws:s3:::*": true, "arn:aws:sqs:*:*:*": true, "arn:aws:sqs:*:?:*": true,
		"": false, "arn:aws:iam": false, "arn:aws:iam::": false, "arn:aws:iam::123456789012:*": false, "arn:aws:sqs:eu-west-1:*:*": false,
		"arn:*:s3:::media": false, "arn:aws:s3:::media/*": false, "arn:aws:s3:::*-logs": false, "arn:aws:iam::*:role/app": false, "media*": false, "media:*": false,
	} {
		if got := everywhere(resource); got != want {
			t.Errorf("everywhere(%q) = %v, want %v", resource, got, want)
		}
	}
}
