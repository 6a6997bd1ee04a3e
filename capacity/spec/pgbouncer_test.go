package spec

import "testing"

func TestPgBouncerVersion(t *testing.T) {
	cases := map[string]struct {
		reason, image string
		valid         bool
	}{
		"Floor":        {"the first that is safe", "p:1.26.1", true},
		"Later":        {"numbers, not text", "registry.example:5000/p:1.100.0", true},
		"Major":        {"so is the first number", "p:2.0", true},
		"Built":        {"a suffix of the image's builder", "p:v1.26.1-p0", true},
		"Digest":       {"says nothing about the version", "p@sha256:0123456789012345678901234567890123456789012345678901234567890123", true},
		"OwnTag":       {"nor does a tag of one's own", "p:stable-2026.10", true},
		"Before":       {"the last that hangs", "p:1.26.0", false},
		"Short":        {"may be 1.26.0", "p:1.26", false},
		"Old":          {"known to hang", "p:1.25.2", false},
		"OldBuilt":     {"the suffix does not matter", "p:v1.24.1-alpine", false},
		"OldAndPinned": {"nor does a digest beside it", "p:1.25.2@sha256:0123456789012345678901234567890123456789012345678901234567890123", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var ps Problems
			validateBouncerVersion(&ps, "database.pgbouncer.image", tc.image)
			if got := len(ps) == 0; got != tc.valid {
				t.Errorf("%s: %s is valid: %v, want %v: %v", tc.reason, tc.image, got, tc.valid, ps)
			}
		})
	}
}
