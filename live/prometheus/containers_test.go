package prometheus

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live"
)

var backend = workload.Workload{Ref: workload.Ref{Namespace: "shop", Kind: "Deployment", Name: "backend"}}

func TestContainerQueries(t *testing.T) {
	p := pods(backend)
	const names = `namespace="shop",pod=~"backend-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}"`
	const own = `{` + names + `,container!="",container!="POD"}[5m]`
	got := []string{p.cpu(), p.memory(), p.throttled(), p.killed(14)}
	want := []string{
		`max by (container) (sum by (pod, container) (rate(container_cpu_usage_seconds_total` + own + `)))`,
		`max by (container) (max_over_time(container_memory_working_set_bytes` + own + `))`,
		`max by (container) (sum by (pod, container) (increase(container_cpu_cfs_throttled_periods_total` + own + `)) / (sum by (pod, container) (increase(container_cpu_cfs_periods_total` + own + `)) > 0))`,
		`count by (container) (max by (pod, container) (max_over_time(kube_pod_container_status_last_terminated_reason{` + names + `,reason="OOMKilled"}[14d])) > 0)`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// answering serves one series for each metric, a hundred values from a hundredth of
// the most to the most, and remembers what was asked.
type answering struct {
	most map[string]float64
	mu   sync.Mutex
	read []string
}

func (a *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	query := r.FormValue("query")
	a.read = append(a.read, query)
	kind, result := "matrix", []any{}
	if strings.HasSuffix(r.URL.Path, "/query") {
		kind = "vector"
	}
	for metric, most := range a.most {
		if !strings.Contains(query, metric+"{") {
			continue
		}
		one := map[string]any{"metric": map[string]string{"container": "app"}}
		if kind == "vector" {
			one["value"] = []any{1, fmt.Sprint(most)}
		} else {
			var values []any
			for i := 1; i <= 100; i++ {
				values = append(values, []any{i * 300, fmt.Sprint(most * float64(i) / 100)})
			}
			one["values"] = values
		}
		result = append(result, one)
		break
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": kind, "result": result}}) // the client reads it
}

func TestContainers(t *testing.T) {
	served := &answering{most: map[string]float64{
		"container_cpu_usage_seconds_total": 0.5, "container_memory_working_set_bytes": 100 << 20,
		"container_cpu_cfs_throttled_periods_total": 0.3, "kube_pod_container_status_last_terminated_reason": 2,
	}}
	server := httptest.NewServer(served)
	defer server.Close()
	client, err := New(server.URL, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	end := time.Date(2026, 11, 24, 10, 2, 0, 0, time.UTC)
	got, err := client.Containers(t.Context(), []workload.Workload{backend}, 1, end, func(done, all int) { told = append(told, fmt.Sprint(done, "/", all)) })
	if err != nil {
		t.Fatal(err)
	}
	want := audit.Measured{
		Source: "Prometheus, 1 day up to 2026-11-24 10:00:00, the busiest pod of each workload in windows of 5m",
		Containers: map[audit.Container]audit.Usage{{Ref: backend.Ref, Name: "app"}: {
			CPUMilli:  &audit.Use{P50: 250, P95: 475, P99: 495, Max: 500},
			MemoryMiB: &audit.Use{P50: 50, P95: 95, P99: 99, Max: 100},
			Throttled: &audit.Use{P50: 0.15, P95: 0.285, P99: 0.297, Max: 0.3}, Killed: 2,
		}},
	}
	close := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })
	if diff := cmp.Diff(want, got, close); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1/1"}, told); diff != "" || len(served.read) != 4 {
		t.Errorf("told %v after %d queries", told, len(served.read))
	}
}

// What cannot be answered is said, with what to do.
func TestContainersRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		reason  string
		handler http.Handler
		want    string
	}{
		"Empty":   {"no cAdvisor is scraped", &answering{}, "has no container_cpu_usage_seconds_total of Deployment shop/backend in 14 days"},
		"Refused": {"no token", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusUnauthorized) }), "refuses access"},
		"Overload": {"too much for it", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"status":"error","errorType":"execution","error":"too many samples"}`, http.StatusUnprocessableEntity)
		}), "too many samples"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tc.handler)
			defer server.Close()
			client, err := New(server.URL, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Containers(t.Context(), []workload.Workload{backend}, 14, time.Now(), nil)
			var known *live.Error
			if !errors.As(err, &known) || !strings.Contains(known.Message, tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
	client, err := New("http://127.0.0.1:1", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = client.Containers(t.Context(), []workload.Workload{backend}, 14, time.Now(), nil); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("nobody is there: %v", err)
	}
}
