package componenttest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Only is the one resource of a type that was registered.
func Only(t *testing.T, r *Recorder, token string) Resource {
	t.Helper()
	one, err := r.Only(token)
	if err != nil {
		t.Fatal(err)
	}
	return one
}

// Expect compares inputs by path; nil means absent.
func Expect(t *testing.T, r Resource, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if diff := cmp.Diff(value, r.At(path)); diff != "" {
			t.Errorf("%s %s: %s (-want +got):\n%s", r.Type, r.Name, path, diff)
		}
	}
}
