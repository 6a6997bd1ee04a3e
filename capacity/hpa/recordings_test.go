package hpa

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRecordings replays what the upstream controller of 1.36.0 did. tests/oracle
// records it, and there replays the conditions too; this one needs no Kubernetes.
func TestRecordings(t *testing.T) {
	paths, err := filepath.Glob("../../tests/oracle/testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var r struct {
				Reason   string
				Settings Settings
				Spec     Spec
				Frames   []struct {
					Now         time.Duration
					Spec        *Spec // an edit before the sync
					Observation Observation
					Want        struct{ Replicas int32 }
				}
			}
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			a := mustNew(t, r.Settings, r.Spec)
			for i, f := range r.Frames {
				if f.Spec != nil {
					if err := a.Update(*f.Spec); err != nil {
						t.Fatal(err)
					}
				}
				if got := a.Step(f.Now, f.Observation).Replicas; got != f.Want.Replicas {
					t.Fatalf("%s\nsync %d: Step = %d, upstream %d", r.Reason, i, got, f.Want.Replicas)
				}
			}
		})
	}
}
