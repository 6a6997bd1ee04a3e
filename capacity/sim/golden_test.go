package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agencyos/headroom/capacity/golden"
)

// The results of a scenario and a seed are the same for ever: to the bit on the
// architecture on which they were written, and within 1e-9 on others, whose
// libraries round exponentials otherwise. A change of the model changes them.
func TestGolden(t *testing.T) {
	for _, fidelity := range both {
		s := eventful(t)
		s.Fidelity, s.Seed, s.Points = fidelity, 42, 12
		got := replay(t, s)
		file := filepath.Join("testdata", string(fidelity)+".golden.json")
		if *golden.Update {
			text, err := json.MarshalIndent(got, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s: rewritten", file)
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want Result
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		var options []cmp.Option
		if runtime.GOARCH != "amd64" {
			options = append(options, cmpopts.EquateApprox(1e-9, 1e-9))
		}
		if diff := cmp.Diff(want, got, options...); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// A seed gives one result, however many runs go on beside it, and another seed
// another.
func TestReplicateIsDeterministic(t *testing.T) {
	seeds := []uint64{1, 1 << 63, 1}
	for _, fidelity := range both {
		s := eventful(t)
		s.Fidelity = fidelity
		var first []Result
		for _, workers := range []int{1, 3} {
			got, err := Replicate(context.Background(), s, seeds, workers, nil)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Errorf("%s, %d workers (-one +several):\n%s", fidelity, workers, diff)
			}
		}
		if diff := cmp.Diff(first[0], first[2]); diff != "" {
			t.Errorf("%s: one seed, two results:\n%s", fidelity, diff)
		}
		if a, b := first[0].Services[0], first[1].Services[0]; a.Requests == b.Requests || a.PodHours == b.PodHours {
			t.Errorf("%s: two seeds, the same %g requests and %g pod-hours", fidelity, a.Requests, a.PodHours)
		}
	}
}

// Runs end when nobody waits for them any more, and say how far they have come.
func TestReplicateEnds(t *testing.T) {
	s := world(t)
	ctx, cancel := context.WithCancel(context.Background())
	told := 0
	_, err := Replicate(ctx, s, make([]uint64, 1000), 2, func(done, all int) {
		if told++; done != told || all != 1000 {
			t.Errorf("told of %d of %d after %d runs", done, all, told)
		}
		if done == 3 {
			cancel()
		}
	})
	if err == nil || told > 10 {
		t.Errorf("error %v after %d runs, want an end soon after the third", err, told)
	}
	if _, err := Replicate(ctx, s, nil, 2, nil); err == nil {
		t.Error("no seeds: want an error")
	}
	s.Points = -1
	if _, err := Replicate(context.Background(), s, []uint64{1, 2}, 0, nil); err == nil {
		t.Error("a scenario without sense: want an error")
	}
}
