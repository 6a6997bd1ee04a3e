package plan

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A variable that is not among the names would be overridden without a word, and
// stay in an adopted Deployment when the plan drops it.
func TestEnvNamesAreAllThatAPlanSets(t *testing.T) {
	v := Service{Pool: &Pool{Size: 1}, CacheConnections: 1}
	set := slices.Sorted(maps.Keys(env(subject{}, v, CacheClient{})))
	if diff := cmp.Diff(slices.Sorted(slices.Values(EnvNames)), set); diff != "" {
		t.Errorf("variables (-EnvNames +set by a plan):\n%s", diff)
	}
}
