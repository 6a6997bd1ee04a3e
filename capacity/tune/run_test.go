package tune

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

func TestFindsWhatIsCheaper(t *testing.T) {
	wasteful := [][2]string{{"nodes.groups[0].minSize", "20"}, {"services.backend.autoscaling.minReplicas", "15"}}
	stack, base := committed(t, "prod", wasteful...)
	r, err := Run(t.Context(), stack, base, quick(t, 150))
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Improved || !r.Best.Holds || r.Best.Confirmation == nil {
		t.Fatalf("verdict %s, best %+v, want something cheaper that is confirmed", r.Verdict, r.Best)
	}
	if r.Best.USDPerMonth > 0.7*r.Current.USDPerMonth {
		t.Errorf("$%.0f a month instead of $%.0f: want the waste of 11 nodes gone", r.Best.USDPerMonth, r.Current.USDPerMonth)
	}
	for _, c := range r.Changes {
		if !strings.HasPrefix(c.Reason, "without it") {
			t.Errorf("%s has no reason: %q", c.Path, c.Reason)
		}
	}

	// The changes, written into the file, lead to what was promised.
	settings := make([][2]string, 0, len(r.Changes))
	for _, c := range r.Changes {
		settings = append(settings, [2]string{c.Path, c.To})
	}
	written, base := committed(t, "prod", append(wasteful, settings...)...)
	again, err := Run(t.Context(), written, base, quick(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Best.USDPerMonth, again.Current.USDPerMonth); diff != "" || !again.Current.Holds {
		t.Errorf("the written settings hold: %v, cost (-promised +written):\n%s", again.Current.Holds, diff)
	}
}

func TestRepairsWhatBreaks(t *testing.T) {
	stack, base := committed(t, "prod", [2]string{"services.backend.autoscaling.minReplicas", "5"}, [2]string{"services.backend.autoscaling.maxReplicas", "9"})
	o := quick(t, 80)
	o.Only = []string{"services.backend.autoscaling.maxReplicas", "services.backend.autoscaling.minReplicas"}
	r, err := Run(t.Context(), stack, base, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Current.Holds || r.Verdict != Improved {
		t.Fatalf("as it stands holds %v, verdict %s: want nine pods to be too few, and a repair", r.Current.Holds, r.Verdict)
	}
	for _, c := range r.Changes {
		if !strings.HasPrefix(c.Path, "services.backend.autoscaling.m") {
			t.Errorf("changed %s, which may not change", c.Path)
		}
	}
}

func TestSaysWhatBreaksWhenNothingHolds(t *testing.T) {
	stack, base := committed(t, "prod")
	o := quick(t, 30)
	o.Only = []string{"services.*.autoscaling.scaleDownWindow"}
	step, err := load.Of(load.StepShape, 40, 0) // eight times what it is sized for
	if err != nil {
		t.Fatal(err)
	}
	o.Traces = []Trace{{"step", step}}
	r, err := Run(t.Context(), stack, base, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Nothing || !strings.Contains(r.Breaks, "backend") && !strings.Contains(r.Breaks, "frontend") || r.Best != nil {
		t.Errorf("verdict %s, breaks %q, best %v", r.Verdict, r.Breaks, r.Best)
	}
}

// The answer depends on the seed and on nothing else.
func TestSameSeedSameAnswer(t *testing.T) {
	stack, base := committed(t, "staging")
	one, two := quick(t, 60), quick(t, 60)
	one.Workers, two.Workers = 1, 4
	a, err := Run(t.Context(), stack, base, one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Run(t.Context(), stack, base, two)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asJSON(t, a), asJSON(t, b)); diff != "" {
		t.Errorf("one worker and four differ:\n%s", diff)
	}
}

func TestStops(t *testing.T) {
	stack, base := committed(t, "local")
	ctx, cancel := context.WithCancel(t.Context())
	o := quick(t, 500)
	o.Progress = func(string, int, int) { cancel() }
	if _, err := Run(ctx, stack, base, o); !errors.Is(err, context.Canceled) {
		t.Errorf("Run() of a canceled context = %v, want that", err)
	}
}

func TestRefusesOptions(t *testing.T) {
	stack, base := committed(t, "local")
	flat, err := load.New(load.Knot{}, load.Knot{At: 60e9})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		change func(o *Options)
		want   string
	}{
		"budget":  {func(o *Options) { o.Budget = -1 }, "budget = -1: must be from 1 to 1000000"},
		"top":     {func(o *Options) { o.Top = 101 }, "top = 101: must be from 1 to 100"},
		"no load": {func(o *Options) { o.Traces = []Trace{{"flat", flat}} }, "traces[0] flat: has no duration or no load"},
		"knob":    {func(o *Options) { o.Only = []string{"services.nobody"} }, "knob services.nobody: matches none; known: "},
		"pattern": {func(o *Options) { o.Only = []string{`services.back\`} }, `knob services.back\: is not a pattern; write it as services.*.autoscaling.minReplicas`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := quick(t, 10)
			c.change(&o)
			_, err := Run(t.Context(), stack, base, o)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("Run() error = %v, want %s", err, c.want)
			}
		})
	}
}

// Every choice of every knob of every committed stack is a value that its stack
// file accepts in its place, and that spec.Edit can write there.
func TestKnobsAreSettings(t *testing.T) {
	for _, name := range []string{"prod", "staging", "local"} {
		stack, base := committed(t, name)
		sp, err := spaceOf(stack, base, quick(t, 1))
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile("../../Pulumi." + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if len(sp.knobs) < 10 {
			t.Errorf("%s has %d knobs", name, len(sp.knobs))
		}
		for i := range sp.knobs {
			k := &sp.knobs[i]
			for choice := 1; choice < k.choices(); choice++ {
				edited, err := spec.Edit(file, []spec.Setting{{Path: k.Path, Value: k.text(choice)}})
				if err != nil {
					t.Errorf("%s: %s = %s cannot be written: %v", name, k.Path, k.text(choice), err)
					break
				}
				c := sp.turn(make(config, len(sp.knobs)), i, choice)
				if len(c.changed()) > 1 || !sp.valid(c) {
					continue // it takes others with it, or is refused in both ways
				}
				got, err := spec.DecodeFile(name, edited)
				if err != nil {
					t.Errorf("%s: %s = %s is valid as a knob and not in the file: %v", name, k.Path, k.text(choice), err)
					continue
				}
				if diff := cmp.Diff(asJSON(t, sp.with(c)), asJSON(t, got)); diff != "" {
					t.Errorf("%s: %s = %s differs (-knob +file):\n%s", name, k.Path, k.text(choice), diff)
				}
			}
		}
	}
}
