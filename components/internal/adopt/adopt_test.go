package adopt

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestOptions(t *testing.T) {
	options := func(o pulumi.ResourceOption) *pulumi.ResourceOptions {
		got, err := pulumi.NewResourceOptions(o)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	created := options(Options("", "tags"))
	if created.Import != nil || len(created.IgnoreChanges) > 0 {
		t.Errorf("a created resource has options %+v, want none: its inputs are the program's", created)
	}
	adopted := options(Object("shop/api", Metadata...))
	if adopted.Import != pulumi.ID("shop/api") || !cmp.Equal(adopted.IgnoreChanges, Metadata) {
		t.Errorf("an adopted resource has options %+v, want its import and what others keep", adopted)
	}
}

func TestOver(t *testing.T) {
	cases := map[string]struct {
		reason    string
		live, set map[string]string
		ours      []string
		want      map[string]string
	}{
		"Others":   {"keys of others stay", map[string]string{"A": "1"}, map[string]string{"B": "2"}, nil, map[string]string{"A": "1", "B": "2"}},
		"Same":     {"ours win", map[string]string{"A": "1"}, map[string]string{"A": "2"}, nil, map[string]string{"A": "2"}},
		"Outdated": {"what the plan sets no more goes", map[string]string{"A": "1", "B": "1"}, map[string]string{"A": "2"}, []string{"A", "B"}, map[string]string{"A": "2"}},
		"Nothing":  {"a live object without the map", nil, map[string]string{"A": "1"}, nil, map[string]string{"A": "1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Over(c.live, c.set, c.ours...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// A service cannot be called like something that is only read.
func TestReadingIsNoServiceName(t *testing.T) {
	if name := Reading("api"); !strings.HasPrefix(name, spec.LivePrefix) || !strings.Contains(name, ":") {
		t.Errorf("Reading(api) = %s, want a name that no service can have", name)
	}
}
