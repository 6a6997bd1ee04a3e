// Package traffic plays what the machines of a cluster would report: requests
// reach the pods that are Ready, burn their CPU, which kubelets sample, and are
// counted by the containers, which Prometheus scrapes. What a pod does with a
// request is the fluid of capacity/sim/flow: the more pods, the less each has.
package traffic

import (
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Traffic is that of all services of a cluster.
type Traffic struct {
	mu       sync.Mutex
	services map[Key]*Service
	// scrapes of the kubelets by metrics-server.
	scraped time.Time

	kubelet, exporter net.Listener
}

// Key is a service of a namespace.
type Key struct{ Namespace, Service string }

// New is no traffic yet.
func New() *Traffic { return &Traffic{services: map[Key]*Service{}} }

// Serve answers metrics-server and Prometheus until the test ends.
func (t *Traffic) Serve(tb testing.TB, cert, key string) error {
	var err error
	if t.kubelet, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	if t.exporter, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	kubelet, exporter := http.NewServeMux(), http.NewServeMux()
	kubelet.HandleFunc("GET /nodes/{node}", t.serveKubelet)
	exporter.HandleFunc("GET /targets", t.serveTargets)
	exporter.HandleFunc("GET "+ContainersPath, t.serveContainers)
	exporter.HandleFunc("GET /metrics/{namespace}/{service}", t.serveService)
	nodes := &http.Server{Handler: kubelet, ReadHeaderTimeout: time.Minute}
	services := &http.Server{Handler: exporter, ReadHeaderTimeout: time.Minute}
	go func() { _ = nodes.ServeTLS(t.kubelet, cert, key) }() // until Close
	go func() { _ = services.Serve(t.exporter) }()           // until Close
	tb.Cleanup(func() {
		_, _ = nodes.Close(), services.Close() // it is over either way
		for _, s := range t.all() {
			s.Close()
		}
	})
	return nil
}

// KubeletPort answers for all nodes.
func (t *Traffic) KubeletPort() int { return t.kubelet.Addr().(*net.TCPAddr).Port }

// Exporter is the host and port of what Prometheus scrapes.
func (t *Traffic) Exporter() string { return t.exporter.Addr().String() }

// Targets is the URL where Prometheus finds what to scrape.
func (t *Traffic) Targets() string { return "http://" + t.Exporter() + "/targets" }

// Add is a service that gets requests from now on.
func (t *Traffic) Add(k Key, c Config) (*Service, error) {
	s, err := newService(k, c)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.services[k] = s
	return s, nil
}

// Remove ends the requests of a service.
func (t *Traffic) Remove(k Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.services[k]; s != nil {
		s.Close()
		delete(t.services, k)
	}
}

// Of is a service; nil where there is none.
func (t *Traffic) Of(k Key) *Service {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.services[k]
}

// Scraped is when metrics-server last read a kubelet.
func (t *Traffic) Scraped() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.scraped
}

func (t *Traffic) all() []*Service {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*Service
	for _, s := range t.services {
		out = append(out, s)
	}
	return out
}
