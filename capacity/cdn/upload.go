package cdn

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Script uploads files with the Cache-Control of every path. CloudFront takes it
// from the file, and only an upload can set it.
func (d Distribution) Script() string {
	var b strings.Builder
	b.WriteString(`#!/bin/sh
# Uploads static media with the Cache-Control of every path: CloudFront and
# browsers read it from the file.
#
#   BUCKET=$(pulumi stack output mediaBucket) sh media-upload.sh DIRECTORY
#
# aws s3 sync leaves files alone that have not changed. After a change of the
# rules, upload once with SYNC="cp --recursive".
set -eu
: "${BUCKET:?name the bucket, the output mediaBucket of the stack}"
from="${1:?name the directory of the files}"
sync="${SYNC:-sync}"

# upload PATH CACHE-CONTROL [--exclude PATTERN]...
upload() {
  path="$1" cache="$2"
  shift 2
  if [ -d "$from$path" ]; then
    # shellcheck disable=SC2086 # SYNC may hold options.
    aws s3 $sync "$from$path" "s3://$BUCKET$path" --cache-control "$cache" "$@"
  elif [ -e "$from$path" ]; then
    aws s3 cp "$from$path" "s3://$BUCKET$path" --cache-control "$cache"
  fi
}

`)
	for _, o := range d.Objects {
		fmt.Fprintf(&b, "upload '%s' '%s'%s\n", o.Path, o.CacheControl, o.excludes())
	}
	return b.String()
}

// excludes are patterns relative to the uploaded directory.
func (o Object) excludes() string {
	var b strings.Builder
	for _, path := range o.Except {
		rest := strings.TrimPrefix(path, o.Path)
		if below(rest) {
			rest += "*"
		}
		fmt.Fprintf(&b, " --exclude '%s'", rest)
	}
	return b.String()
}

// ReadPolicy is the statement by which the owner of a bucket lets a distribution
// read it, in a policy of its own. It is for buckets whose policy is others'.
func ReadPolicy(bucket, distributionARN string) (string, error) {
	text, err := json.MarshalIndent(map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Sid": "ReadByDistribution", "Effect": "Allow", "Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
			"Action": "s3:GetObject", "Resource": "arn:aws:s3:::" + bucket + "/*",
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceArn": distributionARN}},
		}},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("policy of bucket %s: %w", bucket, err)
	}
	return string(text) + "\n", nil
}
