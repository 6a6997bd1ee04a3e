// Package k6 holds the import of k6's results against a real k6 and a server whose
// capacity is known.
package k6

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline/fit"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/station"
)

const root = "../../.."

// recordings are what the tests of the import read.
const recordings = root + "/capacity/baseline/loadtest/testdata"

// pod has two workers that carry 200 requests per second.
var pod = station.Config{Workers: 2, Service: 25 * time.Millisecond, CV2: 0.6, Busy: 0.4, IdleMilli: 20}

// k6 runs a script and returns what it says. Crossed thresholds are no failure.
func k6(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), servers.Build(t, root, "k6", "go.k6.io/k6/v2"), append([]string{"run", "--quiet", "--no-usage-report"}, args...)...)
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); err != nil && code != 99 {
		t.Fatalf("k6: %v\n%s", err, out)
	}
	return string(out)
}

// variables of a script, which takes them by --env.
func variables(values map[string]any) []string {
	var out []string
	for name, value := range values {
		out = append(out, "--env", fmt.Sprintf("%s=%v", name, value))
	}
	return out
}

func start(t *testing.T, seed uint64) (*station.Server, string) {
	t.Helper()
	server := station.New(pod, seed)
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	return server, listening.URL
}

func TestStepsAreRecovered(t *testing.T) {
	server, url := start(t, 1)
	folder := t.TempDir()
	raw := filepath.Join(folder, "steps.ndjson.gz")
	var cpu bytes.Buffer
	stop, stopped := make(chan struct{}), make(chan error, 1)
	late := lateness(stop)
	go func() { stopped <- server.Sample(&cpu, stop) }()
	args := variables(map[string]any{"URL": url, "SECONDS": 15, "USERS": 350, "SUMMARY": filepath.Join(folder, "handle.json"), "RATES": "20,45,70,90,110,130,150,260"})
	k6(t, append(args, "--out", "json="+raw, "testdata/steps.js")...)
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	truth := server.Truth()
	if *golden.Update {
		keep(t, raw, "steps.ndjson.gz")
		servers.Copy(t, filepath.Join(folder, "handle.json"), filepath.Join(recordings, "handle.json"))
		servers.Keep(t, filepath.Join(recordings, "steps-cpu.csv"), cpu.Bytes())
		text, _ := json.MarshalIndent(truth, "", "  ")
		servers.Keep(t, filepath.Join(recordings, "steps-truth.json"), append(text, '\n'))
	}
	content, err := os.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	test, err := loadtest.Read(loadtest.K6, []loadtest.File{{Name: "steps.ndjson.gz", Content: content}}, loadtest.Options{Discard: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	usage, err := loadtest.ReadUsage(&cpu)
	if err != nil {
		t.Fatal(err)
	}
	if test, err = test.WithUsage(usage); err != nil {
		t.Fatal(err)
	}
	recovered(t, test, truth, <-late)
}

// lateness tells, once stopped, by how much a nap was at most too long.
func lateness(stop <-chan struct{}) <-chan time.Duration {
	const nap = 5 * time.Millisecond
	out := make(chan time.Duration, 1)
	go func() {
		worst := time.Duration(0)
		for {
			start := time.Now()
			select {
			case <-stop:
				out <- worst
				return
			case <-time.After(nap):
				worst = max(worst, time.Since(start)-nap)
			}
		}
	}()
	return out
}

// recovered holds what is fitted against the truth. A server that stood still for a
// moment makes requests wait as no queue does: figures may be off by as much more as
// that is longer than two services, three times as much at most. The tests of the import replay a recording of a
// machine that did not.
func recovered(t *testing.T, test loadtest.Test, truth station.Truth, late time.Duration) {
	t.Helper()
	disturbed := min(3, max(1, float64(late)/float64(2*pod.Service)))
	t.Logf("naps were late by up to %s, tolerances are %.1f times those of a quiet machine", late, disturbed)
	r, err := fit.Of(test, fit.Subject{Name: "api", Servers: truth.Workers, Stretch: 1, P99Millis: 1e5, FailedShare: 0.001})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Steps {
		t.Logf("%s: %.1f of %.1f rps, %d requests, p99 %.1f ms, CPU %.0fm, arrivals %.2f %v", s.Name, s.AchievedRPS, s.OfferedRPS, s.Requests, s.P99Millis, s.CPUMilli, s.ArrivalCV2, s.Broken)
	}
	for _, h := range r.HeldOut {
		t.Logf("held out %+v", h)
	}
	got := map[string]float64{}
	for _, f := range r.Figures {
		got[strings.TrimPrefix(f.Path, "services.api.")] = f.Value
	}
	t.Logf("truth %+v, figures %v, best %s, knee %+v", truth, got, r.Best.Name, r.Knee)
	for _, c := range []struct {
		name            string
		want, tolerance float64
	}{
		{"cpuMillis", truth.CPUMillis, 0.03},
		{"serviceMillis", truth.ServiceMillis, 0.05},
		{"serviceCv2", truth.ServiceCV2, 0.2},
	} {
		if math.Abs(got[c.name]/c.want-1) > c.tolerance*disturbed {
			t.Errorf("%s = %g, in truth %g", c.name, got[c.name], c.want)
		}
	}
	if math.Abs(got["idleCpuMilli"]-truth.IdleMilli) > 30 {
		t.Errorf("idleCpuMilli = %g, in truth %g", got["idleCpuMilli"], truth.IdleMilli)
	}
	full := 1000 * float64(truth.Workers) / truth.CPUMillis
	// Whatever else the machine does takes cores from the server and lowers the
	// knee that is really there; nothing raises it.
	if k := r.Knee; k.LowRPS > full || k.HighRPS < 0.7*full || len(r.Knees) < 2 {
		t.Errorf("knee %+v, with all cores %.0f rps", k, full)
	}
	for _, h := range r.HeldOut {
		if math.Abs(h.ErrorPercent) > 35*disturbed || h.PredictedP99Millis == 0 {
			t.Errorf("held out: %+v", h)
		}
	}
}

// read metrics are what the import reads; the others are most of a file.
var readMetrics = []string{"http_req_duration", "dropped_iterations", "vus", "iterations"}

// keep writes a recording, without the metrics that nobody reads.
func keep(t *testing.T, raw, name string) {
	t.Helper()
	content, err := os.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // it was only read
	unzipped, err := gzip.NewReader(content)
	if err != nil {
		t.Fatal(err)
	}
	var all, kept bytes.Buffer
	if _, err := all.ReadFrom(unzipped); err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(all.Bytes()) {
		for _, metric := range readMetrics {
			if bytes.Contains(line, []byte(`"metric":"`+metric+`"`)) {
				kept.Write(line)
			}
		}
	}
	servers.Keep(t, filepath.Join(recordings, name), servers.Zip(kept.Bytes()))
}
