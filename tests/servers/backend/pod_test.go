//go:build linux

package backend

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	dto "github.com/prometheus/client_model/go"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// python is Debian's, which has the packages that the example needs.
const python = "/usr/bin/python3"

// nobody runs the pods.
const nobody = "nobody"

// keepAlive is for how many seconds a pod keeps an idle connection, as the example's
// README starts it: longer than the 60 s of the balancer
// (https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout, 2026-11).
const keepAlive = "75"

// pod is one uvicorn with its workers.
type pod struct {
	port    int
	process *process.Process
}

func folder(t *testing.T) string {
	t.Helper()
	if exec.Command(python, "-c", "import fastapi, sqlalchemy, asyncpg, redis, prometheus_client, uvicorn").Run() != nil {
		servers.Missing(t, "the reference backend's Python packages", "make servers-install")
	}
	return process.Dir(t, nobody)
}

// launch starts a pod with the plan's environment and does not wait for it.
func (p *product) launch(t *testing.T, env ...string) (*pod, error) {
	t.Helper()
	dir := process.Dir(t, nobody)
	series := filepath.Join(dir, "series")
	if err := os.Mkdir(series, 0o777); err != nil {
		return nil, err
	}
	if err := os.Chmod(series, 0o777); err != nil { // the umask took some of it away
		return nil, err
	}
	all := []string{"PATH=/usr/bin:/bin", "HOME=" + dir, "PYTHONPATH=" + p.app, "PYTHONDONTWRITEBYTECODE=1", "PROMETHEUS_MULTIPROC_DIR=" + series,
		"DATABASE_URL=" + p.databaseURL}
	for name, value := range p.service().Env {
		all = append(all, name+"="+value)
	}
	out := &pod{port: process.Port(t)}
	var err error
	out.process, err = process.Start(t, process.Spec{Name: "backend", Path: python, Dir: dir, User: nobody, Env: append(append(all, p.env...), env...),
		Args:  []string{"-m", "uvicorn", "backend.main:app", "--host", "127.0.0.1", "--port", fmt.Sprint(out.port), "--timeout-keep-alive", keepAlive, "--log-level", "warning", "--no-access-log"},
		Ready: out.ready, Within: 4 * time.Minute})
	return out, err
}

// pod starts a pod and waits until it is ready.
func (p *product) pod(t *testing.T, env ...string) *pod {
	t.Helper()
	out, err := p.launch(t, env...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pods are n of them, started together.
func (p *product) pods(t *testing.T, n int, env ...string) []*pod {
	t.Helper()
	out, errs := make([]*pod, n), make([]error, n)
	done := make(chan struct{})
	for i := range n {
		go func() {
			out[i], errs[i] = p.launch(t, env...)
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *pod) url() string { return fmt.Sprintf("http://127.0.0.1:%d", p.port) }

// ready asks the readiness probe.
func (p *pod) ready() error {
	answer, err := http.Get(p.url() + "/health/ready")
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("readiness: %s", answer.Status)
	}
	return nil
}

// leave is how Kubernetes ends a pod: the hook, a signal, and after the grace period
// the end. It tells whether the pod ended by itself.
func (p *pod) leave(preStop, grace time.Duration) bool {
	time.Sleep(preStop)
	return p.process.EndWithin(grace - preStop)
}

// scrape is what a pod exports.
func (p *pod) scrape(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	answer, err := http.Get(p.url() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(text)))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return families
}

// counter adds up the series of a counter or gauge that have a label's value; with
// no label, all of them.
func counter(t *testing.T, pods []*pod, name, label, value string) float64 {
	t.Helper()
	sum := 0.0
	for _, p := range pods {
		for _, m := range p.scrape(t)[name].GetMetric() {
			if label == "" || labels(m)[label] == value {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
			}
		}
	}
	return sum
}

func labels(m *dto.Metric) map[string]string {
	out := map[string]string{}
	for _, l := range m.GetLabel() {
		out[l.GetName()] = l.GetValue()
	}
	return out
}
