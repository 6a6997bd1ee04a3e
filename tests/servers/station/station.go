// Package station is an HTTP server whose capacity is known: requests wait for one of
// its workers, first come first served, and are served for a gamma distributed time,
// of which they keep the worker for a part.
//
// It sleeps instead of burning CPU, and reports the time in its workers as CPU, so
// that what a load test measures of it does not depend on the machine. Sleeps are
// late by some tenths of a millisecond: Truth is what really happened.
package station

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// Config of a server.
type Config struct {
	// Workers serve at once.
	Workers int
	// Service is the mean time of a request that does not wait, CV2 its squared
	// coefficient of variation, and Busy the share of it that keeps a worker.
	Service time.Duration
	CV2     float64
	Busy    float64
	// IdleMilli of CPU that it reports without requests.
	IdleMilli float64
}

// Server is an http.Handler.
type Server struct {
	config  Config
	workers chan struct{}
	began   time.Time

	mu     sync.Mutex
	gamma  distuv.Gamma
	busy   time.Duration
	served []time.Duration
}

// New server; its random choices follow from the seed.
func New(c Config, seed uint64) *Server {
	s := &Server{config: c, workers: make(chan struct{}, c.Workers), began: time.Now()}
	s.gamma = distuv.Gamma{Alpha: 1 / c.CV2, Beta: 1 / c.CV2, Src: rand.New(rand.NewPCG(seed, 0))}
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	length := s.draw()
	inside := time.Duration(float64(length) * s.config.Busy)
	s.workers <- struct{}{}
	begin := time.Now()
	time.Sleep(inside)
	busy := time.Since(begin)
	<-s.workers
	rest := time.Now()
	time.Sleep(length - inside)
	s.count(busy, busy+time.Since(rest))
	fmt.Fprintln(w, "ok")
}

func (s *Server) draw() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(float64(s.config.Service) * s.gamma.Rand())
}

func (s *Server) count(busy, served time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy += busy
	s.served = append(s.served, served)
}

// CPUSeconds that the server says it used.
func (s *Server) CPUSeconds() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy.Seconds() + s.config.IdleMilli/1000*time.Since(s.began).Seconds()
}

// Truth of what happened.
type Truth struct {
	Workers       int     `json:"workers"`
	CPUMillis     float64 `json:"cpuMillis"`
	IdleMilli     float64 `json:"idleMilli"`
	ServiceMillis float64 `json:"serviceMillis"`
	ServiceCV2    float64 `json:"serviceCv2"`
}

// Truth of all requests so far.
func (s *Server) Truth() Truth {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, sum, squares := float64(len(s.served)), 0.0, 0.0
	for _, d := range s.served {
		x := 1000 * d.Seconds()
		sum, squares = sum+x, squares+x*x
	}
	mean := sum / n
	return Truth{Workers: s.config.Workers, CPUMillis: 1000 * s.busy.Seconds() / n, IdleMilli: s.config.IdleMilli,
		ServiceMillis: mean, ServiceCV2: squares/n/(mean*mean) - 1}
}

// Sample writes the CPU counter every second as CSV until stop is closed.
func (s *Server) Sample(out io.Writer, stop <-chan struct{}) error {
	w := csv.NewWriter(out)
	every := time.NewTicker(time.Second)
	defer every.Stop()
	row := func() error {
		return w.Write([]string{time.Now().UTC().Format(time.RFC3339Nano), fmt.Sprintf("%.6f", s.CPUSeconds())})
	}
	if err := w.Write([]string{"time", "cpu_seconds"}); err != nil {
		return err
	}
	for {
		if err := row(); err != nil {
			return err
		}
		select {
		case <-every.C:
		case <-stop:
			w.Flush()
			return w.Error()
		}
	}
}
