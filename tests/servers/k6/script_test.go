package k6

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	load "github.com/agencyos/headroom/capacity/k6"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/station"
)

// rendered is the load test of the local stack, with routes and a service that
// k6 reaches by one variable.
func rendered(t *testing.T, o load.Options) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(root, "Pulumi.local.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(file)
	if err != nil {
		t.Fatal(err)
	}
	routes := `[{method: GET, path: "/api/items/{id}", share: 80%, core: true}, {method: POST, path: /api/items, share: 20%, core: true}]`
	for _, set := range [][2]string{{"services.backend.routes", routes}, {"slo.p99", "1s"}, {"slo.ttfb", "1s"}} { // a busy machine is late by tenths of a second
		if raw, err = spec.Set(raw, set[0], set[1]); err != nil {
			t.Fatal(err)
		}
	}
	stack, err := spec.Decode("local", raw)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile(filepath.Join(root, "baselines/local.json"))
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(facts)
	if err != nil {
		t.Fatal(err)
	}
	base.Services["backend"] = withoutRoutes(base.Services["backend"])
	p, err := plan.New(stack, base, plan.Options{Today: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	test, err := load.New(stack, p, o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := test.Script()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func withoutRoutes(s baseline.Service) baseline.Service {
	s.Routes = nil
	return s
}

// launch runs the script with an environment and returns what k6 said and its exit code.
func launch(t *testing.T, env []string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), servers.Build(t, root, "k6", "go.k6.io/k6/v2"), args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func serve(t *testing.T, service time.Duration) string {
	t.Helper()
	listening := httptest.NewServer(station.New(station.Config{Workers: 64, Service: service, CV2: 0.05, Busy: 0.4}, 1))
	t.Cleanup(listening.Close)
	return listening.URL
}

var brief = load.Options{Steps: 2, Hold: 8 * time.Second, Ramp: 2 * time.Second}

func TestRenderedScriptIsValid(t *testing.T) {
	out, code := launch(t, nil, "inspect", "--execution-requirements", rendered(t, load.Options{}))
	if code != 0 || !strings.Contains(out, `"maxVUs"`) || !strings.Contains(out, "http_req_waiting{route:backend-2,step:5x}") {
		t.Errorf("k6 inspect: exit %d\n%s", code, out)
	}
}

// A product that keeps its promises passes, and what k6 wrote is what a baseline is
// read from: every step with its load and its routes.
func TestRenderedScriptAgainstAFastServer(t *testing.T) {
	raw := filepath.Join(t.TempDir(), "run.ndjson")
	out, code := launch(t, []string{"BASE_URL_BACKEND=" + serve(t, 20*time.Millisecond), "AUTH=Bearer x"},
		"run", "--quiet", "--no-usage-report", "--out", "json="+raw, rendered(t, brief))
	if code != 0 || !strings.Contains(out, "p(99)=") {
		t.Fatalf("k6 run: exit %d, want 0 and the p99 in the summary\n%s", code, out)
	}
	content, err := os.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	routes := []string{"GET /api/items/{id}", "POST /api/items"}
	test, err := loadtest.Read(loadtest.K6, []loadtest.File{{Name: "run.ndjson", Content: content}},
		loadtest.Options{Discard: 500 * time.Millisecond, Route: loadtest.Router(routes)})
	if err != nil {
		t.Fatal(err)
	}
	rates := map[string]float64{}
	for _, s := range test.Steps {
		rates[s.Name] = s.OfferedRPS
		for _, route := range routes {
			if s.Routes[route].Requests == 0 {
				t.Errorf("step %s has no request of %s: %v", s.Name, route, s.Routes)
			}
		}
	}
	for name, want := range map[string]float64{"1x": 8, "5x": 40} {
		if got := rates[name]; got < 0.9*want || got > 1.1*want {
			t.Errorf("step %s has %.1f requests/s, want %g: %v", name, got, want, rates)
		}
	}
}

func TestRenderedScriptAgainstASlowServer(t *testing.T) {
	servers.Build(t, root, "k6", "go.k6.io/k6/v2") // takes its time, which is not the test's
	script := rendered(t, brief)
	began := time.Now()
	out, code := launch(t, []string{"BASE_URL_BACKEND=" + serve(t, 1500*time.Millisecond)}, "run", "--quiet", "--no-usage-report", script)
	if code != 99 || !strings.Contains(out, "http_req_duration{route:backend-1,step:1x}") {
		t.Errorf("k6 run: exit %d, want 99 for a crossed threshold\n%s", code, out)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the test went on for %s after its first step had failed", took)
	}
}

func TestRenderedScriptGoesNowhereByItself(t *testing.T) {
	out, code := launch(t, nil, "run", "--quiet", "--no-usage-report", rendered(t, brief))
	if code == 0 || !strings.Contains(out, "set BASE_URL_BACKEND") {
		t.Errorf("k6 run without a URL: exit %d, want it to name the variable\n%s", code, out)
	}
}
