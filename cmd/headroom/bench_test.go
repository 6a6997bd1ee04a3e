package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkPlanProcess is what a person waits for: a fresh process of the built
// binary, from exec to exit.
func BenchmarkPlanProcess(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "headroom")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		cmd := exec.Command(binary, "plan", "--stack", "prod", "-C", repository)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms/worst")
}
