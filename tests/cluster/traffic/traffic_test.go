package traffic

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// shop is a service of 100 requests per second at today's peak, 10 ms of CPU each.
func shop(t *testing.T) *Service {
	t.Helper()
	c := Config{PeakRPS: 100, Requests: "requests_total", InProgress: "in_progress", Seed: 1,
		Station: station.Config{Servers: 2, CPU: station.Work{Mean: 0.01}, Kinds: []station.Kind{{Share: 1, Service: station.Work{Mean: 0.02, CV2: 1}}}}}
	s, err := newService(Key{"n", "shop"}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.Open()
	return s
}

// later moves the birth of a service back, as if so much time had passed.
func later(s *Service, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born = s.born.Add(-d)
}

// TestMorePodsHaveLess: what a pod burns halves when there are twice as many.
func TestMorePodsHaveLess(t *testing.T) {
	burned := map[int]float64{}
	for _, pods := range []int{2, 4} {
		s := shop(t)
		for i := range pods {
			name := fmt.Sprintf("shop-%d", i)
			s.Run(name, "a", time.Now())
			s.Ready(name)
		}
		later(s, 100*time.Second)
		s.sample(time.Now())
		burned[pods] = s.pods["shop-0"].burned
	}
	// 100 requests per second of 10 ms each are 50 core-seconds for one of two pods.
	if burned[2] < 47 || burned[2] > 53 || burned[4] < 0.47*burned[2] || burned[4] > 0.53*burned[2] {
		t.Errorf("one of 2 pods burned %.1f core-seconds, one of 4 %.1f; want about 50 and 25", burned[2], burned[4])
	}
}

// TestWhatIsReported: a kubelet shows the sample it took and not the present, the
// pods export what arrived, and both only what they may.
func TestWhatIsReported(t *testing.T) {
	s := shop(t)
	s.Run("shop-0", "a", time.Now())
	s.Run("shop-1", "b", time.Now().Add(-10*time.Second))
	s.Ready("shop-0")
	later(s, 10*time.Second)
	s.sample(time.Now())
	later(s, 50*time.Second)
	var a, b bytes.Buffer
	s.writeKubelet(&a, "a")
	s.writeKubelet(&b, "b")
	if cpu := value(t, a.String(), `container_cpu_usage_seconds_total{container="shop",namespace="n",pod="shop-0"}`); cpu < 8 || cpu > 12 {
		t.Errorf("the kubelet reports %g core-seconds of the pod that serves, want the 10 of its sample", cpu)
	}
	var containers bytes.Buffer
	s.config.Throttled = 0.4
	s.writeContainers(&containers)
	for series, want := range map[string]float64{"container_memory_working_set_bytes": 100 << 20, "container_cpu_cfs_throttled_periods_total": 40} {
		if got := value(t, containers.String(), series+`{container="shop",namespace="n",pod="shop-1"}`); got < 0.9*want || got > 1.1*want {
			t.Errorf("cAdvisor says %s %g, want %g", series, got, want)
		}
	}
	if strings.Contains(a.String(), "cfs") {
		t.Errorf("the kubelet's own metrics have no periods:\n%s", &a)
	}
	if strings.Contains(a.String(), "shop-1") || !strings.Contains(b.String(), "shop-1") {
		t.Errorf("kubelets report pods of others:\n%s\n%s", &a, &b)
	}
	var exported bytes.Buffer
	if !s.write(&exported, time.Now()) {
		t.Fatal("nothing is exported")
	}
	if n := value(t, exported.String(), `requests_total{namespace="n",service="shop",pod="shop-0"}`); n < 5400 || n > 6600 {
		t.Errorf("the pod exports %g requests, want about 6000", n)
	}
	s.Silence(true)
	if s.write(&exported, time.Now()) {
		t.Error("a service that is silenced exports")
	}
	s.Silence(false)
	s.Gone("shop-0")
	exported.Reset()
	if !s.write(&exported, time.Now()) || strings.Contains(exported.String(), "shop-0") {
		t.Errorf("a pod that is gone exports:\n%s", &exported)
	}
}

// value of a series in the text format.
func value(t *testing.T, text, series string) float64 {
	t.Helper()
	m := regexp.MustCompile("(?m)^" + regexp.QuoteMeta(series) + ` (\S+)`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no %s in:\n%s", series, text)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestServe: servers find what they scrape.
func TestServe(t *testing.T) {
	all := New()
	cert, key := certificate(t)
	t.Run("serving", func(t *testing.T) {
		if err := all.Serve(t, cert, key); err != nil {
			t.Fatal(err)
		}
		if _, err := all.Add(Key{"n", "shop"}, shop(t).config); err != nil {
			t.Fatal(err)
		}
		if got := get(t, all.Targets()); !strings.Contains(got, "/metrics/n/shop") {
			t.Errorf("targets are %s", got)
		}
		if !all.Scraped().IsZero() {
			t.Error("a kubelet was read by nobody")
		}
		if got := get(t, fmt.Sprintf("https://127.0.0.1:%d%s", all.KubeletPort(), KubeletPath("a"))); !strings.Contains(got, "node_cpu_usage_seconds_total ") || all.Scraped().IsZero() {
			t.Errorf("the kubelet says %s", got)
		}
	})
}

// certificate is that of the standard library's tests, as files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pair := s.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert"), filepath.Join(t.TempDir(), "key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // It is ours, on this machine.
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
