// Package vegeta holds the import of vegeta's results against a real vegeta and a
// server whose capacity is known.
package vegeta

import (
	"bytes"
	"fmt"
	"math"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/station"
)

const (
	root       = "../../.."
	recordings = root + "/capacity/baseline/loadtest/testdata"
)

// One attack is a step, raw or as a report, and both say the same.
func TestAttackIsRecovered(t *testing.T) {
	vegeta := servers.Build(t, root, "vegeta", "github.com/tsenart/vegeta/v12")
	server := station.New(station.Config{Workers: 20, Service: 50 * time.Millisecond, CV2: 0.5, Busy: 1}, 1)
	listening := httptest.NewServer(server)
	defer listening.Close()
	run := func(in string, args ...string) []byte {
		cmd := exec.CommandContext(t.Context(), vegeta, args...)
		cmd.Stdin = strings.NewReader(in)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("vegeta %s: %v", strings.Join(args, " "), err)
		}
		return out
	}
	results := run("GET "+listening.URL+"/api/items/7\n", "attack", "-rate", "100/1s", "-duration", "6s")
	raw, report := run(string(results), "encode", "--to", "json"), run(string(results), "report", "-type", "json")
	if *golden.Update {
		servers.Keep(t, filepath.Join(recordings, "vegeta.ndjson.gz"), servers.Zip(raw))
		servers.Keep(t, filepath.Join(recordings, "vegeta-report.json"), report)
	}
	read := func(data []byte) loadtest.Step {
		test, err := loadtest.Read(loadtest.Vegeta, []loadtest.File{{Name: "attack.json", Content: bytes.NewReader(data)}}, loadtest.Options{})
		if err != nil || len(test.Steps) != 1 {
			t.Fatalf("%d steps, %v", len(test.Steps), err)
		}
		return test.Steps[0]
	}
	for name, s := range map[string]loadtest.Step{"raw": read(raw), "report": read(report)} {
		truth := server.Truth()
		text := fmt.Sprintf("%s: %+v, truth %+v", name, s, truth)
		t.Log(text)
		if math.Abs(s.OfferedRPS-100) > 2 || math.Abs(s.MeanMillis/truth.ServiceMillis-1) > 0.15 || s.P99Millis < 2*s.MeanMillis || s.FailedShare != 0 {
			t.Error(text)
		}
	}
	_, err := loadtest.Read(loadtest.Vegeta, []loadtest.File{{Name: "results.bin", Content: bytes.NewReader(results)}}, loadtest.Options{})
	if err == nil || !strings.Contains(err.Error(), "vegeta encode --to json") {
		t.Errorf("vegeta's own form: error %v, want the command that turns it into JSON", err)
	}
}
