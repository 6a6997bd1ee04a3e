package engine_test

import (
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
	cli, err := standin.FindCLI(b.Context(), b.Output())
	if err != nil {
		b.Fatal(err)
	}
	opts.CLI = cli
	full := session(b, opts)
	opts.Program = func(*pulumi.Context) error { return nil }
	empty := session(b, opts)
	var fullTime, emptyTime time.Duration
	for b.Loop() {
		fullTime += timed(b, full)
		emptyTime += timed(b, empty)
	}
	b.ReportMetric(fullTime.Seconds()/emptyTime.Seconds(), "x-empty")
	b.ReportMetric(float64(fullTime.Milliseconds())/float64(b.N), "ms/preview")
	b.ReportMetric(float64(emptyTime.Milliseconds())/float64(b.N), "ms/empty")
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
		b.Fatalf("preview: %v\n%v", err, r.Diagnostics)
	}
	return time.Since(start)
}
