package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MinPgBouncer is the oldest PgBouncer that a stack may run. Up to 1.26.0 a
// client that has not logged in can keep it busy for ever (CVE-2026-107349, with
// ignore_startup_parameters set and without options in it, as in the rendered
// pgbouncer.ini), and a user can log in as another one (CVE-2026-107350, with
// SCRAM, as there); https://www.pgbouncer.org/changelog.html, 1.26.1, 2026-10-14.
const MinPgBouncer = "1.26.1"

var versionTag = regexp.MustCompile(`:v?(\d+\.\d+(?:\.\d+)?)(?:[-_][\w.-]*)?$`)

// validateBouncerVersion judges a tag that is a version. A digest or a tag of
// one's own says nothing; x.y may be x.y.0.
func validateBouncerVersion(ps *Problems, at, image string) {
	tagged, _, _ := strings.Cut(image, "@")
	found := versionTag.FindStringSubmatch(tagged)
	if found == nil {
		return
	}
	ps.require(slices.Compare(numbers(found[1]), numbers(MinPgBouncer)) >= 0, at, image,
		fmt.Sprintf("must be PgBouncer %s or later: before it anyone who reaches the port can hang it (CVE-2026-107349)", MinPgBouncer),
		"use the tag "+MinPgBouncer)
}

// numbers of a version, always three.
func numbers(version string) []int {
	out := make([]int, 3)
	for i, part := range strings.Split(version, ".") {
		n, _ := strconv.Atoi(part) // Digits only; one too long for an int becomes the largest.
		out[i] = n
	}
	return out
}

// pgBouncerName is that of the Deployment that Headroom declares.
const pgBouncerName = "pgbouncer"

// Target is the name of the Deployment.
func (p PgBouncer) Target() string { return p.Adopt.Deployment.Name(pgBouncerName) }

// Labels find its pods; nil where the Deployment is adopted, because it keeps its own.
func (p PgBouncer) Labels() map[string]string {
	if p.Adopt.Deployment != "" {
		return nil
	}
	return map[string]string{LabelName: pgBouncerName}
}
