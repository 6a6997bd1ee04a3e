package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/internal/standin"
)

// BenchmarkPreviewSample times the preview of a program with every type.
func BenchmarkPreviewSample(b *testing.B) {
	compare(b, standin.Options{Dir: "testdata/project", Stack: "test", Program: base().run})
}

// compare times previews of a program and of an empty one in turns, so that
// both meet the same machine, and reports how many times longer the first
// takes. What is left over the empty one is what the program costs.
func compare(b *testing.B, opts standin.Options) {
	b.Helper()
	empty := opts
	empty.Program = func(*pulumi.Context) error { return nil }
	times := inTurns(b, opts, empty)
	b.ReportMetric(times[0]/times[1], "x-empty")
	b.ReportMetric(times[0], "ms/preview")
	b.ReportMetric(times[1], "ms/empty")
}

// inTurns times previews of several sessions in turns and answers their medians in
// milliseconds.
func inTurns(b *testing.B, all ...standin.Options) []float64 {
	b.Helper()
	cli, err := standin.FindCLI(b.Context(), b.Output())
	if err != nil {
		b.Fatal(err)
	}
	sessions, times := make([]*standin.Session, len(all)), make([][]time.Duration, len(all))
	for i, opts := range all {
		opts.CLI = cli
		sessions[i] = session(b, opts)
	}
	for b.Loop() {
		for i, s := range sessions {
			times[i] = append(times[i], timed(b, s))
		}
	}
	medians := make([]float64, len(all))
	for i := range times {
		medians[i] = median(times[i])
	}
	return medians
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}

func session(b *testing.B, opts standin.Options) *standin.Session {
	b.Helper()
	s, err := standin.Open(b.Context(), opts)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Errorf("session.Close(): %v", err)
		}
	})
	return s
}

func timed(b *testing.B, s *standin.Session) time.Duration {
	b.Helper()
	start := time.Now()
	if r, err := s.Preview(b.Context()); err != nil {
		b.Fatalf("preview: %v\n%v", err, r.Violations)
	}
	return time.Since(start)
}
