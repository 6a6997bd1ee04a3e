package traffic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// KubeletAnnotation of a node tells metrics-server the path of its kubelet's
// metrics (sigs.k8s.io/metrics-server pkg/scraper/client/resource/client.go, v0.9.0).
const KubeletAnnotation = "metrics.k8s.io/resource-metrics-path"

// ContainersPath is that of all containers' use, for Prometheus.
const ContainersPath = "/cadvisor"

// KubeletPath is that of a node.
func KubeletPath(node string) string { return "/nodes/" + node }

// serveKubelet is what the kubelet of a node measured last, in the format of its
// /metrics/resource, with the times of the samples.
func (t *Traffic) serveKubelet(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	t.mu.Lock()
	t.scraped = now
	t.mu.Unlock()
	var out bytes.Buffer
	// A node that burned nothing counts as unmeasured.
	fmt.Fprintf(&out, "node_cpu_usage_seconds_total %g %d\nnode_memory_working_set_bytes 1e9 %d\n", float64(now.Unix()%1e6), now.UnixMilli(), now.UnixMilli())
	for _, s := range t.all() {
		s.writeKubelet(&out, r.PathValue("node"))
	}
	_, _ = w.Write(out.Bytes()) // the scraper notices
}

func (s *Service) writeKubelet(out *bytes.Buffer, node string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.measured(func(labels string, p *pod) {
		if p.node == node {
			fmt.Fprintf(out, "container_start_time_seconds%s %f\n", labels, float64(p.running.UnixMilli())/1000)
			s.writeUse(out, labels, p)
		}
	})
}

// measured visits the pods that the kubelets have a sample of.
func (s *Service) measured(visit func(labels string, p *pod)) {
	if s.config.NoCPU {
		return
	}
	for name, p := range s.pods {
		if !p.at.IsZero() {
			visit(fmt.Sprintf(`{container=%q,namespace=%q,pod=%q}`, s.key.Service, s.key.Namespace, name), p)
		}
	}
}

func (s *Service) writeUse(out *bytes.Buffer, labels string, p *pod) {
	fmt.Fprintf(out, "container_cpu_usage_seconds_total%s %.9f %d\n", labels, p.burned, p.at.UnixMilli())
	fmt.Fprintf(out, "container_memory_working_set_bytes%s %.0f %d\n", labels, s.config.Memory*(1<<20), p.at.UnixMilli())
}

// serveContainers is what the cAdvisors of all nodes measured last, for Prometheus,
// with the times of the samples.
func (t *Traffic) serveContainers(w http.ResponseWriter, _ *http.Request) {
	var out bytes.Buffer
	for _, s := range t.all() {
		s.writeContainers(&out)
	}
	_, _ = w.Write(out.Bytes()) // the scraper notices
}

func (s *Service) writeContainers(out *bytes.Buffer) {
	const perSecond = 10 // periods of 100 ms
	s.mu.Lock()
	defer s.mu.Unlock()
	s.measured(func(labels string, p *pod) {
		s.writeUse(out, labels, p)
		if share := s.config.Throttled; share > 0 {
			periods := perSecond * p.at.Sub(p.running).Seconds()
			fmt.Fprintf(out, "container_cpu_cfs_periods_total%s %f %d\n", labels, periods, p.at.UnixMilli())
			fmt.Fprintf(out, "container_cpu_cfs_throttled_periods_total%s %f %d\n", labels, share*periods, p.at.UnixMilli())
		}
	})
}

// serveTargets lists the services, each a target of its own: Prometheus spreads
// the moments of its scrapes over the interval.
func (t *Traffic) serveTargets(w http.ResponseWriter, _ *http.Request) {
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	groups := []group{}
	for _, s := range t.all() {
		path := "/metrics/" + s.key.Namespace + "/" + s.key.Service
		groups = append(groups, group{[]string{t.Exporter()}, map[string]string{"__metrics_path__": path}})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(groups) // the scraper notices
}

// serveService is what the Ready pods of a service export.
func (t *Traffic) serveService(w http.ResponseWriter, r *http.Request) {
	s := t.Of(Key{r.PathValue("namespace"), r.PathValue("service")})
	if s == nil {
		http.NotFound(w, r)
		return
	}
	var out bytes.Buffer
	if !s.write(&out, time.Now()) {
		http.Error(w, "the pods cannot be reached", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write(out.Bytes()) // the scraper notices
}

func (s *Service) write(out *bytes.Buffer, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return false
	}
	s.advance(now)
	var names []string
	var ids []int
	for name, p := range s.pods {
		if p.ready {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		ids = append(ids, s.pods[name].id)
	}
	served, inFlight := s.station.Served(nil, ids), s.station.InFlight()
	for i, name := range names {
		labels := fmt.Sprintf(`{namespace=%q,service=%q,pod=%q}`, s.key.Namespace, s.key.Service, name)
		share := inFlight / len(names)
		if i < inFlight%len(names) {
			share++
		}
		fmt.Fprintf(out, "%s%s %d\n%s%s %f\n", s.config.InProgress, labels, share, s.config.Requests, labels, served[i])
	}
	return true
}
