package main

import (
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestBuildOf(t *testing.T) {
	vcs := &debug.BuildInfo{Main: debug.Module{Version: "v0.9.0"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.time", Value: "2026-11-25T10:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	for name, row := range map[string]struct {
		reason, linked string
		info           *debug.BuildInfo
		want           build
	}{
		"released":  {"the linker's word is the release's", "1.2.3", vcs, build{Version: "1.2.3", Revision: "0123456789abcdef", Time: "2026-11-25T10:00:00Z", Modified: true}},
		"installed": {"go install knows the module's version", "", vcs, build{Version: "v0.9.0", Revision: "0123456789abcdef", Time: "2026-11-25T10:00:00Z", Modified: true}},
		"nothing":   {"a binary without build information", "", nil, build{Version: "(devel)"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := buildOf(row.linked, row.info)
			if diff := cmp.Diff(row.want, got, cmpopts.IgnoreFields(build{}, "Go", "Platform", "Catalog")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
			if got.Go == "" || got.Platform == "" || got.Catalog == "" {
				t.Errorf("%+v leaves out what every binary knows", got)
			}
		})
	}
}
