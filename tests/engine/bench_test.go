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
	full, less := inTurns(b, opts, empty)
	b.ReportMetric(full/less, "x-empty")
	b.ReportMetric(full, "ms/preview")
	b.ReportMetric(less, "ms/empty")
}

// inTurns times previews of two sessions in turns and answers the medians in
// milliseconds.
func inTurns(b *testing.B, one, other standin.Options) (first, second float64) {
	b.Helper()
	cli, err := standin.FindCLI(b.Context(), b.Output())
	if err != nil {
		b.Fatal(err)
	}
	one.CLI, other.CLI = cli, cli
	s, t := session(b, one), session(b, other)
	var all, less []time.Duration
	for b.Loop() {
		all, less = append(all, timed(b, s)), append(less, timed(b, t))
	}
	return median(all), median(less)
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
