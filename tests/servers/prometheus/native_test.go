package prometheus

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	exporter "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/agencyos/headroom/capacity/baseline/history"
)

// A service that exports a native histogram, scraped live: its quantiles come out
// finer than classic buckets know them.
func TestNativeHistogram(t *testing.T) {
	registry := exporter.NewRegistry()
	requests := exporter.NewCounterVec(exporter.CounterOpts{Name: "http_requests_total"}, []string{"status"})
	latency := exporter.NewHistogram(exporter.HistogramOpts{Name: "http_request_duration_seconds", NativeHistogramBucketFactor: 1.1})
	registry.MustRegister(requests, latency)
	app := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer app.Close()
	config := fmt.Sprintf("global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: app\n    static_configs:\n      - targets: [%q]\n        labels: { namespace: agencyos, service: backend, pod: backend-6d4f9c7b5d-abcde }\n",
		strings.TrimPrefix(app.URL, "http://"))
	address := serve(t, t.TempDir(), config, "--enable-feature=native-histograms")
	times := distuv.Gamma{Alpha: 2, Beta: 2 / 0.040, Src: rand.New(rand.NewPCG(1, 1))}
	for range 80 { // eight seconds
		for range 2000 {
			requests.WithLabelValues("200").Inc()
			latency.Observe(times.Rand())
		}
		time.Sleep(100 * time.Millisecond)
	}
	end := time.Now().Truncate(5 * time.Minute).Add(5 * time.Minute)
	h, err := client(t, address, "").History(t.Context(), asked, 1, end)
	if err != nil {
		t.Fatal(err)
	}
	var last *history.Window
	for i := range h.Windows {
		if h.Windows[i].Latency != nil {
			last = &h.Windows[i]
		}
	}
	if last == nil {
		t.Fatalf("none of %d windows has a latency", len(h.Windows))
	}
	for q, want := range map[float64]float64{0.5: 1000 * times.Quantile(0.5), 0.99: 1000 * times.Quantile(0.99)} {
		if got := last.Latency.Quantile(q); math.Abs(got/want-1) > 0.05 {
			t.Errorf("p%g = %.1f ms of %.0f requests, in truth %.1f", 100*q, got, last.Latency.Count(), want)
		}
	}
}
