package baseline

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// partly is an example of which nobody measured anything.
func partly() Baseline {
	b := good()
	b.Example = true
	return b
}

func TestWith(t *testing.T) {
	route := RoutePath("services.api", "GET /api/x") + ".serviceMillis"
	b, err := partly().With([]Figure{{Path: "services.api.kneeRps", Value: 91}, {Path: route, Value: 26}, {Path: "services.new.memoryMiB", Value: 5}, {Path: "nodes.bootSeconds", Value: 60}})
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Services["api"]; s.KneeRPS != 91 || s.Routes["GET /api/x"].ServiceMillis != 26 || s.MemoryMiB != 310 || s.Routes["GET /api/x"].FirstByteMillis != 10 || b.Services["new"].MemoryMiB != 5 || b.Nodes.BootSeconds != 60 {
		t.Errorf("figures %+v", b)
	}
	if diff := cmp.Diff([]string{"nodes.bootSeconds", "services.api.kneeRps", route, "services.new.memoryMiB"}, b.Measured); diff != "" {
		t.Errorf("measured (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(good().Services["api"].Database, b.Services["api"].Database); diff != "" {
		t.Errorf("what was not measured changed:\n%s", diff)
	}
}

func TestWithRefused(t *testing.T) {
	for path, reason := range map[string]string{
		"":                           "no path",
		"services.api.kneeRPS":       "keys are case-sensitive",
		"services.api":               "an object is no figure",
		"services.api.kneeRps.x":     "a figure holds none",
		"stack":                      "a name is no figure",
		"example":                    "true is no figure",
		"services.api.fit.knee":      "a fit is not stated by hand",
		"services..kneeRps":          "a name is missing",
		`services.api.routes["GET /`: "a bracket is open",
		"nodes.bootSeconds.":         "a dot too many",
	} {
		if b, err := partly().With([]Figure{{Path: path, Value: 1}}); err == nil {
			t.Errorf("%q (%s) is taken: %+v", path, reason, b)
		}
	}
	if _, err := partly().With([]Figure{{Path: "services.api.kneeRps", Value: math.NaN()}}); err == nil {
		t.Error("NaN is taken")
	}
}

// An example becomes a measurement with its last figure, not before; zeros say that
// there is none, and need nobody to measure them.
func TestExampleEnds(t *testing.T) {
	b := partly()
	paths := b.Unmeasured()
	for i, path := range paths {
		value, _ := b.Value(path)
		var err error
		if b, err = b.With([]Figure{{Path: path, Value: value}}); err != nil {
			t.Fatal(err)
		}
		if last := i == len(paths)-1; b.Example == last || len(b.Unmeasured()) != len(paths)-1-i {
			t.Fatalf("after %d of %d figures example is %v, unmeasured %v", i+1, len(paths), b.Example, b.Unmeasured())
		}
	}
	want := good()
	if diff := cmp.Diff(want, b); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func fitted() *Fit {
	return &Fit{Source: "k6 a.json", Date: "2026-11-24", Steps: []Step{{OfferedRPS: 40, AchievedRPS: 40, MeanMillis: 40, P99Millis: 100, P99LowMillis: 95, P99HighMillis: 105}},
		Knee: Knee{Criterion: "p99", LowRPS: 80, HighRPS: 90}, StdErr: map[string]float64{"cpuMillis": 0.1, "serviceMillis": 0.5}}
}

func TestMerge(t *testing.T) {
	old := partly()
	old.Services["other"] = old.Services["api"]
	b, err := old.Merge("api", []Figure{{Path: "services.api.kneeRps", Value: 91}}, fitted())
	if err != nil {
		t.Fatal(err)
	}
	if want := "api: k6 a.json, 2026-11-24; the rest: " + old.Source; b.Source != want || b.Date != "2026-11-24" || old.Services["api"].Fit != nil {
		t.Errorf("source %q, want %q; date %s", b.Source, want, b.Date)
	}
	if err := b.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
	f := fitted()
	f.Source, f.Date = "k6 b.json", "2026-11-25"
	if b, err = b.Merge("api", nil, f); err != nil || b.Source != "api: k6 b.json, 2026-11-25; the rest: "+old.Source {
		t.Errorf("again: source %q, error %v", b.Source, err)
	}
	if b, err = b.Merge("other", nil, fitted()); err != nil || !strings.HasPrefix(b.Source, "api: k6 b.json, 2026-11-25; other: k6 a.json, 2026-11-24; the rest: ") || b.Date != "2026-11-25" {
		t.Errorf("of both: source %q, date %s, error %v", b.Source, b.Date, err)
	}
	b.Example, b.Measured = false, nil
	if b, err = b.Merge("api", nil, f); err != nil || b.Source != "api: k6 b.json, 2026-11-25; other: k6 a.json, 2026-11-24" {
		t.Errorf("of a whole baseline: source %q, error %v", b.Source, err)
	}
}

func TestValidateFit(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*Baseline, *Fit)
		want   []string
	}{
		"Good":       {reason: "the base has no problem", change: func(*Baseline, *Fit) {}},
		"Source":     {reason: "measured by nothing", change: func(_ *Baseline, f *Fit) { f.Source = "" }, want: []string{"services.api.fit.source"}},
		"Date":       {reason: "no day", change: func(_ *Baseline, f *Fit) { f.Date = "today" }, want: []string{"services.api.fit.date"}},
		"Steps":      {reason: "without a step", change: func(_ *Baseline, f *Fit) { f.Steps = nil }, want: []string{"services.api.fit.steps"}},
		"Step":       {reason: "figures below 0", change: func(_ *Baseline, f *Fit) { f.Steps[0].P99Millis, f.Steps[0].OfferedRPS = -1, 0 }, want: []string{"services.api.fit.steps[0].offeredRps", "services.api.fit.steps[0].p99Millis"}},
		"Knee":       {reason: "no knee", change: func(_ *Baseline, f *Fit) { f.Knee = Knee{} }, want: []string{"services.api.fit.knee.lowRps"}},
		"NaN":        {reason: "no number", change: func(_ *Baseline, f *Fit) { f.StdErr["cpuMillis"] = math.NaN() }, want: []string{"services.api.fit.stdErr.cpuMillis"}},
		"HeldOut":    {reason: "predicted from nothing", change: func(_ *Baseline, f *Fit) { f.HeldOut = []HeldOut{{}} }, want: []string{"services.api.fit.heldOut[0].rps", "services.api.fit.heldOut[0].p99Millis"}},
		"USL":        {reason: "a law without λ", change: func(_ *Baseline, f *Fit) { f.USL = &USL{Sigma: -1} }, want: []string{"services.api.fit.usl.lambdaRps", "services.api.fit.usl.sigma"}},
		"NoExample":  {reason: "what is measured needs no list", change: func(b *Baseline, _ *Fit) { b.Measured = []string{"nodes.bootSeconds"} }, want: []string{"measured"}},
		"NoSuchPath": {reason: "a figure that is not there", change: func(b *Baseline, _ *Fit) { b.Example, b.Measured = true, []string{"services.api.kneerps"} }, want: []string{"measured[0]"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b, f := good(), fitted()
			tc.change(&b, f)
			s := b.Services["api"]
			s.Fit = f
			b.Services["api"] = s
			if diff := cmp.Diff(tc.want, paths(b.Validate())); diff != "" {
				t.Errorf("%s\nValidate: -want paths, +got paths:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*Service)
		want   map[string]Verdict
	}{
		"Same":        {reason: "a service against itself", change: func(*Service) {}},
		"KneeFell":    {reason: "70 rps broke, 80 were carried", change: func(s *Service) { s.KneeRPS, s.Fit.Knee.LowRPS, s.Fit.Knee.HighRPS = 60, 60, 70 }, want: map[string]Verdict{"kneeRps": Worse}},
		"KneeCoarse":  {reason: "between 60 and 90 lies 80, too", change: func(s *Service) { s.KneeRPS, s.Fit.Knee.LowRPS = 60, 60 }},
		"KneeRose":    {reason: "90 rps broke, and are carried", change: func(s *Service) { s.KneeRPS, s.Fit.Knee.LowRPS, s.Fit.Knee.HighRPS = 95, 95, 110 }, want: map[string]Verdict{"kneeRps": Better}},
		"CPUNoise":    {reason: "three standard errors are chance with four figures", change: func(s *Service) { s.CPUMillis += 3 * 0.1 * math.Sqrt2 }},
		"CPURose":     {reason: "ten are not", change: func(s *Service) { s.CPUMillis += 10 * 0.1 * math.Sqrt2 }, want: map[string]Verdict{"cpuMillis": Worse}},
		"CPUFell":     {reason: "less is better", change: func(s *Service) { s.CPUMillis -= 10 * 0.1 * math.Sqrt2 }, want: map[string]Verdict{"cpuMillis": Better}},
		"Immaterial":  {reason: "1 % of a very exact figure is nothing", change: func(s *Service) { s.ServiceMillis *= 1.01 }},
		"MemoryNoise": {reason: "9 % of what nobody knows the error of", change: func(s *Service) { s.MemoryMiB *= 1.09 }},
		"MemoryRose":  {reason: "11 % of it", change: func(s *Service) { s.MemoryMiB *= 1.11 }, want: map[string]Verdict{"memoryMiB": Worse}},
		"P99Overlaps": {reason: "the intervals touch", change: func(s *Service) { step(s, 110, 104, 116) }},
		"P99Rose":     {reason: "they do not", change: func(s *Service) { step(s, 120, 111, 130) }, want: map[string]Verdict{"p99 at 40 rps": Worse}},
		"P99Fell":     {reason: "nor the other way", change: func(s *Service) { step(s, 80, 75, 90) }, want: map[string]Verdict{"p99 at 40 rps": Better}},
		"OtherLoad":   {reason: "another load is another p99", change: func(s *Service) { step(s, 300, 290, 310); s.Fit.Steps[0].OfferedRPS = 50 }},
		"Route": {reason: "a route that takes twice as long", change: func(s *Service) { s.Routes = map[string]Route{"GET /api/x": {ServiceMillis: 50}} },
			want: map[string]Verdict{`routes["GET /api/x"].serviceMillis`: Worse}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			stored := good().Services["api"]
			stored.Fit = fitted()
			measured := good().Services["api"]
			measured.Fit = fitted()
			tc.change(&measured)
			got := map[string]Verdict{}
			for _, d := range Compare(stored, measured) {
				if d.Why == "" {
					t.Errorf("%s says no why", d.Path)
				}
				if d.Verdict != Same {
					got[d.Path] = d.Verdict
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" && len(got)+len(tc.want) > 0 {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// step changes the p99 of the only step.
func step(s *Service, p99, low, high float64) {
	s.Fit.Steps[0].P99Millis, s.Fit.Steps[0].P99LowMillis, s.Fit.Steps[0].P99HighMillis = p99, low, high
}

// A baseline written by hand knows no noise, and is compared all the same.
func TestCompareWithHandWritten(t *testing.T) {
	measured := good().Services["api"]
	measured.Fit = fitted()
	measured.CPUMillis *= 1.2
	worse := 0
	for _, d := range Compare(good().Services["api"], measured) {
		if d.Verdict == Worse {
			worse++
		}
	}
	if worse != 1 {
		t.Errorf("%d figures are worse, want 1", worse)
	}
}
