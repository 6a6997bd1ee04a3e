package k6

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// committed is a stack of the repository after some settings, with its plan.
func committed(t *testing.T, name string, sets ...string) (spec.Stack, plan.Plan) {
	t.Helper()
	read := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	raw, err := spec.Raw(read("../../Pulumi." + name + ".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets {
		path, value, _ := strings.Cut(s, "=")
		if raw, err = spec.Set(raw, path, value); err != nil {
			t.Fatal(err)
		}
	}
	stack, err := spec.Decode(name, raw)
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(read("../../baselines/" + name + ".json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return stack, p
}

func test(t *testing.T, o Options, sets ...string) Test {
	t.Helper()
	s, p := committed(t, "prod", sets...)
	out, err := New(s, p, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStaircase(t *testing.T) {
	out := test(t, Options{Services: []string{"backend"}, Steps: 3, Hold: time.Minute, Ramp: 3 * time.Minute})
	want := Scenario{Executor: "ramping-arrival-rate", TimeUnit: "1s", PreAllocatedVUs: 640, MaxVUs: 3200, Stages: []Stage{
		{320, "60s"}, {320, "60s"}, {960, "60s"}, {960, "60s"}, {1600, "60s"}, {1600, "60s"},
	}}
	if diff := cmp.Diff(map[string]Scenario{"backend": want}, out.Scenarios); diff != "" {
		t.Errorf("scenarios (-want +got):\n%s", diff)
	}
	steps := []Step{{"1x", 60000, 120000}, {"3x", 180000, 240000}, {"5x", 300000, 360000}}
	if diff := cmp.Diff(steps, out.Steps); diff != "" {
		t.Errorf("steps lie where the rate is constant (-want +got):\n%s", diff)
	}
}

func TestPromisesOfEveryStep(t *testing.T) {
	out := test(t, Options{Services: []string{"backend"}, Steps: 2, Hold: 2 * time.Minute, Ramp: 2 * time.Minute},
		"services.backend.routes[1].core=false", "services.backend.routes[2].p99=300ms", "slo.ttfb=150ms")
	var got []string
	for _, name := range slices.Sorted(maps.Keys(out.Thresholds)) {
		for _, limit := range out.Thresholds[name] {
			got = append(got, strings.TrimSpace(name+" "+limit.Threshold+" "+limit.DelayAbortEval))
			if limit.AbortOnFail != (name != "dropped_iterations") {
				t.Errorf("%s: abortOnFail = %v", name, limit.AbortOnFail)
			}
		}
	}
	want := []string{
		"dropped_iterations count<192",
		"http_req_duration{route:backend-1,step:1x} p(99)<200 1m30s", "http_req_duration{route:backend-1,step:5x} p(99)<200 4m30s",
		"http_req_duration{route:backend-3,step:1x} p(99)<300 1m30s", "http_req_duration{route:backend-3,step:5x} p(99)<300 4m30s",
		"http_req_failed{service:backend,step:1x} rate<0.001 1m30s", "http_req_failed{service:backend,step:5x} rate<0.001 4m30s",
		"http_req_waiting{route:backend-1,step:1x} p(99)<150 1m30s", "http_req_waiting{route:backend-1,step:5x} p(99)<150 4m30s",
		"http_req_waiting{route:backend-3,step:1x} p(99)<150 1m30s", "http_req_waiting{route:backend-3,step:5x} p(99)<150 4m30s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("thresholds (-want +got):\n%s", diff)
	}
}

// Users reach the CDN, which answers its share; behind it only the rest arrives.
func TestLoadInFrontOfTheCDNAndBehindIt(t *testing.T) {
	front, behind := test(t, Options{Services: []string{"frontend"}}), test(t, Options{Services: []string{"frontend"}, Origin: true})
	last := func(o Test) int { return o.Scenarios["frontend"].Stages[9].Target }
	if last(front) != 4500 || last(behind) >= 1000 {
		t.Errorf("5× is %d in front and %d behind the CDN, want 4500 and less than 1000", last(front), last(behind))
	}
	const hits = "cdn_hits{service:frontend}"
	if got := front.Thresholds[hits]; len(got) != 1 || got[0].Threshold != "rate>=0.8" || got[0].AbortOnFail {
		t.Errorf("%s = %v, want the planned share, judged at the end", hits, got)
	}
	if got := behind.Thresholds[hits]; got != nil || behind.Services["frontend"].CDN {
		t.Errorf("behind the CDN, %s = %v", hits, got)
	}
}

func TestNewRefuses(t *testing.T) {
	s, p := committed(t, "prod")
	cases := map[string]struct {
		options Options
		want    []string
	}{
		"Unknown": {Options{Services: []string{"api"}}, []string{"service api"}},
		"OneStep": {Options{Steps: 1}, []string{"steps = 1"}},
		"Many":    {Options{Steps: 51}, []string{"steps = 51"}},
		"All":     {Options{Steps: -1, Hold: time.Second, Ramp: time.Millisecond}, []string{"steps = -1", "hold = 1s", "ramp = 1ms"}},
		"Long":    {Options{Hold: 25 * time.Hour, Ramp: 25 * time.Hour}, []string{"hold = 25h", "ramp = 25h"}},
	}
	for name, c := range cases {
		_, err := New(s, p, c.options)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("New(%s) = %v, want an error with %q", name, err, want)
			}
		}
	}
}

func TestManifests(t *testing.T) {
	out := test(t, Options{Services: []string{"backend"}})
	text, err := out.Manifests(Distribution{Namespace: "agencyos", Name: "prod-loadtest", Runners: 4,
		Bases: map[string]string{"BASE_URL_BACKEND": "https://canary.example.com"}, Auth: spec.SecretRef{Name: "loadtest", Key: "token"}})
	if err != nil {
		t.Fatal(err)
	}
	_, run, _ := strings.Cut(text, "---\n")
	golden.Text(t, "testdata/testrun.yaml", run)
	for name, d := range map[string]Distribution{"None": {}, "Many": {Runners: 101}, "HalfASecret": {Runners: 1, Auth: spec.SecretRef{Name: "a"}}} {
		if text, err := out.Manifests(d); err == nil || text != "" {
			t.Errorf("Manifests(%s) = %q, %v, want only an error", name, text, err)
		}
	}
}

// TestManifestsAimAtWhatWasNamed: a typing error must not send the load elsewhere.
func TestManifestsAimAtWhatWasNamed(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		hosted bool
		bases  map[string]string
		want   []string
	}{
		"Ingress":  {"the stack file has the host", true, nil, nil},
		"Named":    {"the caller has the URL", false, map[string]string{"BASE_URL_BACKEND": "https://canary.example.com"}, nil},
		"Nobody":   {"neither has it", false, nil, []string{"services.backend.ingress.host is not set", "BASE_URL_BACKEND=https://"}},
		"Empty":    {"an empty URL is none", false, map[string]string{"BASE_URL_BACKEND": ""}, []string{"is not set"}},
		"Mistyped": {"a URL for no service", true, map[string]string{"BASE_URL_BACKNED": "https://canary.example.com"}, []string{"BASE_URL_BACKNED is the URL of no service", "known: BASE_URL_BACKEND"}},
	} {
		out := test(t, Options{Services: []string{"backend"}})
		s := out.Services["backend"]
		s.hosted = c.hosted
		out.Services["backend"] = s
		text, err := out.Manifests(Distribution{Namespace: "a", Name: "b", Runners: 1, Bases: c.bases})
		if (err == nil) != (c.want == nil) || (text == "") != (err != nil) {
			t.Errorf("Manifests(%s) = %q, %v: %s", name, text, err, c.reason)
		}
		for _, want := range c.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("Manifests(%s) = %v, want it to name %q", name, err, want)
			}
		}
	}
}

func TestScriptGolden(t *testing.T) {
	text, err := test(t, Options{}).Script()
	if err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/prod.js", text)
}
