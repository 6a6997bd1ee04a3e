package oracle

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/hpa"
)

// recording is a scenario with what upstream answered.
type recording struct {
	Reason   string
	Settings hpa.Settings
	Spec     hpa.Spec
	Frames   []frame
}

// frame is one sync.
type frame struct {
	Now         time.Duration
	Spec        *hpa.Spec `json:",omitempty"` // an edit before the sync
	Observation hpa.Observation
	Want        answer
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (r *recording) write(t *testing.T, dir, gates string, seed uint64) {
	t.Helper()
	r.Reason = fmt.Sprintf("%s, seed %d", gates, seed)
	path := filepath.Join(dir, fmt.Sprintf("%s-%d.json", gates, seed))
	if err := os.WriteFile(path, []byte(asJSON(r)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRecordings replays testdata: what upstream once answered where capacity/hpa
// was wrong.
func TestRecordings(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var r recording
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			r.replay(t)
		})
	}
}

func (r *recording) replay(t *testing.T) {
	a, err := hpa.New(r.Settings, r.Spec)
	if err != nil {
		t.Fatal(err)
	}
	o := &ours{Autoscaler: a, behaves: r.Spec.Behavior != nil}
	for i, f := range r.Frames {
		if f.Spec != nil {
			if err := a.Update(*f.Spec); err != nil {
				t.Fatal(err)
			}
			o.behaves = f.Spec.Behavior != nil
		}
		got := o.answer(a.Step(f.Now, f.Observation), f.Observation.SpecReplicas)
		if diff := cmp.Diff(f.Want, got); diff != "" {
			t.Fatalf("%s\nsync %d: -upstream, +ours:\n%s", r.Reason, i, diff)
		}
	}
}
