package edge

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProtect lets one resource go: each is asked for by its own type and name,
// so that meaning one to go leaves the others protected.
func TestProtect(t *testing.T) {
	all := []leaf{
		{distributionType, "test-edge-media"},
		{bucketType, "test-edge-logs"},
		{bucketType, "test-edge-media"},
		{rulesetType, "test-edge-cachePhase-" + zoneID},
		{rulesetType, "test-edge-headerPhase-" + zoneID},
	}
	for _, goes := range all {
		args := argsOf(declared(t))
		args.Protect = func(resource, name string) bool { return leaf{resource, name} != goes }
		r, err := run(t, args, empty())
		if err != nil {
			t.Fatalf("New(test-edge): %v", err)
		}
		var kept []leaf
		for _, one := range r.Resources() {
			if one.Protect {
				kept = append(kept, leaf{one.Type, one.Name})
			}
		}
		want := slices.DeleteFunc(slices.Clone(all), func(l leaf) bool { return l == goes })
		if diff := cmp.Diff(tally(want), tally(kept)); diff != "" {
			t.Errorf("protected without %s %s (-want +got):\n%s", goes.resource, goes.name, diff)
		}
	}
}

func tally(leaves []leaf) map[string]int {
	out := map[string]int{}
	for _, l := range leaves {
		out[l.resource+" "+l.name]++
	}
	return out
}
