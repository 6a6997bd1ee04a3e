// Package prometheus holds the fit of production history against a real Prometheus
// whose past is known.
package prometheus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/fit"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/live"
	"github.com/agencyos/headroom/live/prometheus"
	"github.com/agencyos/headroom/tests/servers"
)

// serve starts a Prometheus over a folder of data, and returns its address. It ends
// with the test.
func serve(t *testing.T, data, config string, args ...string) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, servers.Find(t, "prometheus"), append([]string{"--config.file", path, "--storage.tsdb.path", data,
		"--storage.tsdb.retention.time", "60d", "--web.listen-address", address, "--log.level", "error"}, args...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = cmd.Wait() }) // it was killed
	at := "http://" + address
	if !servers.Eventually(func() bool {
		answer, err := http.Get(at + "/-/ready")
		if err != nil {
			return false
		}
		_ = answer.Body.Close() // nothing is read
		return answer.StatusCode == http.StatusOK
	}) {
		t.Fatal("prometheus is not ready after a minute")
	}
	return at
}

// past is a Prometheus with the recorded production, and when it ends.
func past(t *testing.T) (address string, end time.Time) {
	t.Helper()
	promtool := servers.Find(t, "promtool")
	end = time.Now().Truncate(5 * time.Minute)
	folder := t.TempDir()
	text, data := filepath.Join(folder, "past.txt"), filepath.Join(folder, "data")
	truth.write(t, text, end)
	if out, err := exec.CommandContext(t.Context(), promtool, "tsdb", "create-blocks-from", "openmetrics", text, data).CombinedOutput(); err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	return serve(t, data, "global: {}\n"), end
}

var asked = prometheus.Service{Namespace: "agencyos", Name: "backend", Requests: "http_requests_total", Duration: "http_request_duration_seconds", Failed: `status=~"5.."`}

func client(t *testing.T, address, token string) *prometheus.Client {
	t.Helper()
	c, err := prometheus.New(address, token, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHistory(t *testing.T) {
	address, end := past(t)
	t.Run("facts are recovered", func(t *testing.T) { recovered(t, address, end) })
	t.Run("a load test finds its CPU", func(t *testing.T) { usage(t, address, end) })
	t.Run("containers are audited", func(t *testing.T) { audited(t, address, end) })
	t.Run("what goes wrong is said", func(t *testing.T) { refused(t, address, end) })
	t.Run("the command writes a baseline", func(t *testing.T) { command(t, address) })
	t.Run("a token opens", func(t *testing.T) { guarded(t, address, end) })
}

func recovered(t *testing.T, address string, end time.Time) {
	h, err := client(t, address, "").History(t.Context(), asked, 3, end)
	if err != nil {
		t.Fatal(err)
	}
	test, err := h.Test()
	if err != nil {
		t.Fatal(err)
	}
	r, err := fit.Of(test, fit.Subject{Name: "api", Servers: truth.workers, Stretch: 1, P99Millis: 200, FailedShare: 0.001})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range r.Figures {
		got[strings.TrimPrefix(f.Path, "services.api.")] = f.Value
	}
	t.Logf("%s; figures %v, best %s, held out %+v, notes %q", h.Source, got, r.Best.Name, r.HeldOut, r.Notes)
	for name, want := range map[string][2]float64{
		"cpuMillis": {truth.cpuMillis, 0.02}, "idleCpuMilli": {truth.idleMilli, 0.5}, "serviceMillis": {truth.serviceMillis, 0.03},
		"serviceCv2": {truth.cv2, 0.15}, "memoryMiB": {300, 0.001}, "kneeRps": {truth.day, 0.1},
	} {
		if math.Abs(got[name]/want[0]-1) > want[1] {
			t.Errorf("%s = %g, in truth %g", name, got[name], want[0])
		}
	}
	for _, held := range r.HeldOut {
		if math.Abs(held.ErrorPercent) > 10 {
			t.Errorf("held out: %+v", held)
		}
	}
	peak := h.Peak()
	if highest := truth.day * float64(len(truth.pods)); math.Abs(peak.RPS/highest-1) > 0.1 || peak.HighestRPS < peak.RPS {
		t.Errorf("peak %+v, in truth %g", peak, highest)
	}
	if math.Abs(h.StartupSeconds-truth.startup) > 0.6 {
		t.Errorf("startup %g s, in truth %g", h.StartupSeconds, truth.startup)
	}
	want := truth.station(truth.day).ResponseQuantile(0.99, truth.serviceMillis/1000, truth.cv2) * 1000
	if math.Abs(peak.P99Millis/want-1) > 0.1 {
		t.Errorf("p99 at the peak %g, in truth %g", peak.P99Millis, want)
	}
}

// usage: the pods' CPU in a stretch of time is what their load took.
func usage(t *testing.T, address string, end time.Time) {
	start := end.Add(-4 * time.Hour)
	u, err := client(t, address, "").Usage(t.Context(), asked, start, end)
	if err != nil {
		t.Fatal(err)
	}
	steps := []loadtest.Step{{Name: "an hour", Start: start.Add(time.Hour), Seconds: 3600, OfferedRPS: 1}}
	test, err := loadtest.Test{Start: start, End: end, Steps: steps}.WithUsage(u)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for at := start.Add(time.Hour); at.Before(start.Add(2 * time.Hour)); at = at.Add(scrape) {
		want += float64(len(truth.pods)) * (truth.rate(at.Sub(end.Add(-length)), 0)*truth.cpuMillis + truth.idleMilli) / 60
	}
	if got := test.Steps[0].CPUMilli; math.Abs(got/want-1) > 0.1 {
		t.Errorf("CPU = %gm, in truth about %gm", got, want)
	}
}

func refused(t *testing.T, address string, end time.Time) {
	other := asked
	other.Name = "nobody"
	noHistogram := asked
	noHistogram.Duration = "http_latency_seconds"
	badMatcher := asked
	badMatcher.Failed = `status=~"5..`
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	cases := map[string]struct {
		reason  string
		address string
		service prometheus.Service
		want    string
	}{
		"Unreachable": {"nothing listens", "http://127.0.0.1:1", asked, "cannot be reached"},
		"Elsewhere":   {"a web server that is no Prometheus", elsewhere.URL, asked, "does not answer as a Prometheus"},
		"NoData":      {"a service that nobody scrapes", address, other, "has no http_requests_total"},
		"NoHistogram": {"latencies under another name", address, noHistogram, "has no histogram http_latency_seconds"},
		"BadMatcher":  {"PromQL that does not parse", address, badMatcher, "refuses a query"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, tc.address, "").History(t.Context(), tc.service, 3, end)
			var known *live.Error
			if !errors.As(err, &known) || !strings.Contains(known.Message, tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
	t.Run("TooFewDays", func(t *testing.T) {
		h, err := client(t, address, "").History(t.Context(), asked, 30, end)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Test(); err == nil || !strings.Contains(err.Error(), "ask for fewer --days") {
			t.Errorf("three days of thirty: error %v", err)
		}
	})
}

// guarded: a Prometheus behind a proxy that asks for a token.
func guarded(t *testing.T, address string, end time.Time) {
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	inside := httputil.NewSingleHostReverseProxy(to)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer open" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		inside.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	_, err = client(t, proxy.URL, "").History(t.Context(), asked, 1, end)
	var known *live.Error
	if !errors.As(err, &known) || !strings.Contains(known.Message, "401") || !strings.Contains(fmt.Sprint(known.Hints), prometheus.TokenVariable) {
		t.Errorf("without a token: error %v", err)
	}
	if h, err := client(t, proxy.URL, "open").History(t.Context(), asked, 1, end); err != nil || len(h.Windows) < 250 {
		t.Errorf("with the token: %d windows, error %v", len(h.Windows), err)
	}
}

// command runs headroom itself on the committed stack.
func command(t *testing.T, address string) {
	const root = "../../.."
	folder := t.TempDir()
	program, file := servers.Headroom(t, root), filepath.Join(folder, "prod.json")
	text, err := os.ReadFile(root + "/baselines/prod.json")
	if err != nil {
		t.Fatal(err)
	}
	servers.Keep(t, file, text)
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), program, append([]string{"baseline", "-C", root, "--stack", "prod", "--baseline", file, "--service", "backend", "--prometheus", address, "--days", "3"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	out := run("--write")
	t.Log(out)
	for _, want := range []string{"wrote " + file, "services.backend.startupSeconds  12      10.9", "today's peak: ", "set services.backend.peakRps to", "lower bound"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output does not say %q", want)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if s := base.Services["backend"]; math.Abs(s.CPUMillis/truth.cpuMillis-1) > 0.02 || s.P99Millis == nil || s.Fit == nil || !base.Example || base.Services["frontend"].Fit != nil {
		t.Errorf("the baseline says %+v", s)
	}
	run("--compare") // nothing is worse than itself
}
