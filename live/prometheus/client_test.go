package prometheus

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/live"
)

var service = Service{Namespace: "agencyos", Name: "backend", Requests: "http_requests_total", Duration: "http_request_duration_seconds", Failed: `status=~"5.."`}

func TestAddresses(t *testing.T) {
	for address, reason := range map[string]string{"": "no address", "localhost:9090": "no scheme", "ftp://x": "another protocol", "http://": "no host", "http://a b": "a space", "://": "nothing"} {
		if _, err := New(address, "", nil); err == nil || !strings.Contains(err.Error(), "must be the address of a Prometheus") {
			t.Errorf("%q (%s): error %v", address, reason, err)
		}
	}
	if _, err := New("http://me:secret@a b", "", nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a password is told: %v", err)
	}
	if _, err := New("https://prometheus.example/path", "", nil); err != nil {
		t.Error(err)
	}
}

// A range is asked for in parts that follow each other without a gap, none longer
// than Prometheus allows.
func TestChunks(t *testing.T) {
	end := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, days := range []int{1, 3, 14, 90} {
		o := over{end.AddDate(0, 0, -days).Add(Window), end, Window}
		next, points := o.from, 0
		for _, part := range o.chunks() {
			n := int(part.End.Sub(part.Start)/part.Step) + 1
			if !part.Start.Equal(next) || n > 11_000 || n < 1 {
				t.Errorf("%d days: part %+v of %d points, should begin at %s", days, part, n, next)
			}
			next, points = part.End.Add(Window), points+n
		}
		if points != days*288 || !next.Equal(end.Add(Window)) {
			t.Errorf("%d days: %d points up to %s", days, points, next)
		}
	}
}

func TestQueries(t *testing.T) {
	got := map[string]string{
		"requests": service.requests(Window), "failed": service.failed(Window), "buckets": service.buckets(Window), "cores": service.cores(Window)[0].query, "ready": service.ready(Window)[0].query,
	}
	want := map[string]string{
		"requests": `sum(rate(http_requests_total{namespace="agencyos",service="backend"}[5m]))`,
		"failed":   `sum(rate(http_requests_total{namespace="agencyos",service="backend",status=~"5.."}[5m]))`,
		"buckets":  `sum by (le) (increase(http_request_duration_seconds_bucket{namespace="agencyos",service="backend"}[5m]))`,
		"cores":    `sum(rate(container_cpu_usage_seconds_total{namespace="agencyos",pod=~"backend-[a-z0-9]{6,10}-[a-z0-9]{5}",container!="",container!="POD"}[5m]))`,
		"ready":    `sum(avg_over_time(kube_pod_status_ready{namespace="agencyos",pod=~"backend-[a-z0-9]{6,10}-[a-z0-9]{5}",condition="true"}[5m]))`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Whatever a server answers, there is an error that says what it did, and no panic.
func TestStrangeAnswers(t *testing.T) {
	cases := map[string]struct {
		reason, body string
		status       int
		want         string
	}{
		"Forbidden": {"a proxy refuses", "no", http.StatusForbidden, "refuses access"},
		"HTML":      {"a login page", "<html>", http.StatusOK, ""},
		"Down":      {"a proxy without a Prometheus", "bad gateway", http.StatusBadGateway, "does not answer as a Prometheus"},
		"BadQuery":  {"Prometheus says no", `{"status":"error","errorType":"bad_data","error":"parse error"}`, http.StatusBadRequest, "refuses a query: parse error"},
		"Overload":  {"too many samples", `{"status":"error","errorType":"execution","error":"query processing would load too many samples"}`, http.StatusUnprocessableEntity, "too many samples"},
		"Scalar":    {"no series", `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`, http.StatusOK, "not with series"},
		"Empty":     {"no data", `{"status":"success","data":{"resultType":"matrix","result":[]}}`, http.StatusOK, "has no http_requests_total"},
		"Cut":       {"half an answer", `{"status":"success","data":{"resultType":"mat`, http.StatusOK, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body)) // the client reads it
			}))
			defer server.Close()
			client, err := New(server.URL, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.History(t.Context(), service, 1, time.Now())
			var known *live.Error
			if !errors.As(err, &known) || !strings.Contains(known.Message, tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
}
