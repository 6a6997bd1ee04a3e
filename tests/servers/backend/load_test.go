//go:build linux

package backend

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/tests/servers"
)

// load is a run of testdata/load.js.
type load struct {
	// URL that is asked. Default: the product's balancer.
	URL string
	// Rate of random arrivals per second; 0: Users ask again as soon as they are
	// answered.
	Rate, Users int
	Seconds     int
	// Rates are steps of Seconds each, and Raw the file for every single result.
	Rates, Raw string
	// Route keeps to one: item, best or order.
	Route string
}

// outcome is what k6 saw.
type outcome struct {
	Requests   float64 `json:"requests"`
	Failed     float64 `json:"failed"`
	Dropped    float64 `json:"dropped"`
	RPS        float64 `json:"rps"`
	MeanMillis float64 `json:"meanMillis"`
	P99Millis  float64 `json:"p99Millis"`
}

// running is a load that goes on.
type running struct {
	cmd     *exec.Cmd
	done    chan error
	summary string
	limit   time.Duration
}

// run runs a load to its end.
func run(t *testing.T, l load) outcome {
	t.Helper()
	return begin(t, l).wait(t)
}

// begin starts a load.
func begin(t *testing.T, l load) *running {
	t.Helper()
	summary := filepath.Join(t.TempDir(), "summary.json")
	args := []string{"run", "--quiet", "--no-usage-report"}
	for name, value := range map[string]any{"URL": l.URL, "RATE": l.Rate, "USERS": l.Users, "SECONDS": l.Seconds, "ROUTE": l.Route, "RATES": l.Rates, "SUMMARY": summary} {
		if text := fmt.Sprint(value); text != "" && text != "0" {
			args = append(args, "--env", name+"="+text)
		}
	}
	if l.Raw != "" {
		args = append(args, "--out", "json="+l.Raw)
	}
	cmd := exec.Command(k6(t), append(args, "testdata/load.js")...)
	output, err := os.Create(summary + ".log")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended unless the test failed
	seconds := l.Seconds * max(1, len(strings.Split(l.Rates, ",")))
	return &running{cmd, done, summary, time.Duration(seconds)*time.Second + time.Minute}
}

// stopped is how k6 exits when it is told to stop
// (https://github.com/grafana/k6/blob/master/errext/exitcodes/codes.go, 2026-11).
const stopped = 105

// stop ends the load early; requests that are on their way count for nothing.
func (r *running) stop(t *testing.T) outcome {
	t.Helper()
	_ = r.cmd.Process.Signal(os.Interrupt) // it may have ended
	return r.wait(t)
}

// wait until the load has ended.
func (r *running) wait(t *testing.T) outcome {
	t.Helper()
	select {
	case err := <-r.done:
		if err != nil && r.cmd.ProcessState.ExitCode() != stopped {
			t.Fatalf("k6: %v\n%s", err, read(t, r.summary+".log"))
		}
	case <-time.After(r.limit):
		t.Fatalf("k6 goes on a minute longer than it should")
	}
	var out outcome
	if err := json.Unmarshal(read(t, r.summary), &out); err != nil {
		t.Fatal(err)
	}
	if out.Requests == 0 {
		t.Fatalf("k6 sent nothing:\n%s", read(t, r.summary+".log"))
	}
	return out
}

func k6(t *testing.T) string {
	t.Helper()
	return servers.Build(t, root, "k6", "go.k6.io/k6/v2")
}
