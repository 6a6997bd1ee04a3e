package loadtest

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
)

// sound holds what every answer has to be: problems that say something, or steps
// with figures.
func sound(t *testing.T, test Test, err error) {
	t.Helper()
	var problems baseline.Problems
	if err != nil {
		if !errors.As(err, &problems) || len(problems) == 0 || strings.TrimSpace(err.Error()) == "" {
			t.Fatalf("error is no problem: %v", err)
		}
		return
	}
	if len(test.Steps) == 0 {
		t.Fatal("neither steps nor an error")
	}
	for _, s := range test.Steps {
		for _, x := range []float64{s.OfferedRPS, s.AchievedRPS, s.MeanMillis, s.CV2, s.MeanStdErr, s.P50Millis, s.P99Millis, s.P99LowMillis, s.ArrivalCV2, s.FailedShare, s.Dropped, s.CPUMilli, s.Seconds} {
			if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
				t.Fatalf("a figure of %+v is %v", s, x)
			}
		}
	}
}

func FuzzK6(f *testing.F) {
	f.Add(joined(staircase(untagged, 3, 6)))
	f.Add(joined(staircase(func(s int) string { return `"step":"` + string(rune('1'+s)) + `"` }, 3, 6)))
	f.Add(string(recorded(f, "legacy.json")))
	f.Add(string(recorded(f, "handle.json")))
	f.Add(string(recorded(f, "machine.json")))
	f.Add(point("dropped_iterations", 0, 1, "") + "\n" + point("vus", 0, 3, "") + "\n" + lineOf(time.Hour, 1e7, ""))
	f.Fuzz(func(t *testing.T, data string) {
		test, err := readText(K6, data, Options{Route: Router([]string{"GET /{x}"})})
		sound(t, test, err)
	})
}

func FuzzVegeta(f *testing.F) {
	f.Add(`{"attack":"a","seq":0,"code":200,"timestamp":"2026-11-24T10:00:00Z","latency":1000,"error":""}` + "\n" +
		`{"attack":"a","seq":1,"code":503,"timestamp":"2026-11-24T10:00:09Z","latency":1000,"error":"x"}`)
	f.Add(string(recorded(f, "vegeta-report.json")))
	f.Fuzz(func(t *testing.T, data string) {
		test, err := readText(Vegeta, data, Options{})
		sound(t, test, err)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add(goodCSV)
	f.Add("offered_rps,p99,mean,seconds,requests,failed,dropped\n1e9,1,1e-9,1e9,1e9,1,1e9\n")
	f.Fuzz(func(t *testing.T, data string) {
		test, err := readText(CSV, data, Options{})
		sound(t, test, err)
	})
}

func FuzzUsage(f *testing.F) {
	f.Add("seconds,cores,memory_mib\n1,2,3\n2,2,3\n")
	f.Add("time,cpu_seconds\n2026-11-24T10:00:00Z,5\n2026-11-24T10:00:30Z,1\n")
	f.Fuzz(func(t *testing.T, data string) {
		u, err := ReadUsage(strings.NewReader(data))
		if err != nil {
			return
		}
		test, err := usageTest().WithUsage(u)
		sound(t, test, err)
	})
}

// BenchmarkK6 reads lines as k6 writes them, of which one in thirteen matters.
func BenchmarkK6(b *testing.B) {
	var lines []string
	others := []string{"http_reqs", "http_req_blocked", "http_req_connecting", "http_req_tls_handshaking", "http_req_sending", "http_req_waiting", "http_req_receiving",
		"http_req_failed", "data_sent", "data_received", "iteration_duration", "iterations"}
	tags := `"expected_response":"true","group":"","method":"GET","name":"GET /api/items/{id}","proto":"HTTP/1.1","scenario":"steps","status":"200","url":"http://api/api/items/1"`
	for _, line := range staircase(func(int) string { return tags }, 50, 100, 200) {
		lines = append(lines, line)
		for _, metric := range others {
			lines = append(lines, point(metric, time.Second, 1, tags))
		}
	}
	data := joined(lines)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := readText(K6, data, Options{Discard: 2 * time.Second}); err != nil {
			b.Fatal(err)
		}
	}
}
