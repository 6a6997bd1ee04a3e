package traffic

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/agencyos/headroom/capacity/sim/flow"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// Config of a service.
type Config struct {
	// Station is what requests meet in a pod.
	Station station.Config
	// PeakRPS that reach the pods at today's peak: what the levels of a load
	// multiply.
	PeakRPS float64
	// Level of the load from Open to Play. Default: 1.
	Level float64
	// IdleCPU in millicores that a pod burns without traffic.
	IdleCPU float64
	// Memory in MiB that a container's working set holds. Default: 100.
	Memory float64
	// Throttled is the share of CFS periods, from 0 to 1, of containers with a CPU
	// limit; 0 is of containers without one, which have no periods.
	Throttled float64
	// Requests and InProgress are the names of what the pods export.
	Requests, InProgress string
	// NoCPU keeps kubelets from seeing the service.
	NoCPU bool
	// Seed of the kubelets' phases.
	Seed uint64
}

// Service is one service with its pods.
type Service struct {
	key     Key
	config  Config
	born    time.Time
	done    chan struct{}
	closing sync.Once

	mu       sync.Mutex
	station  *flow.Station
	advanced time.Duration // since born
	curve    *load.Curve
	began    time.Duration // of the curve, since born
	pods     map[string]*pod
	known    int // pods ever
	open     bool
	silent   bool
	sampled  []time.Time
}

// pod is one as kubelet and Prometheus see it.
type pod struct {
	id      int
	node    string
	running time.Time
	// last sample of the kubelet.
	at     time.Time
	burned float64
	ready  bool
}

// sampling is how often a kubelet measures the CPU of its containers: 10 s with
// jitter of up to half of it (https://github.com/google/cadvisor/issues/2496, 2026-11).
const sampling, jitter = 10 * time.Second, 5 * time.Second

func newService(k Key, c Config) (*Service, error) {
	if c.Level == 0 {
		c.Level = 1
	}
	if c.Memory == 0 {
		c.Memory = 100
	}
	st, err := flow.New(c.Station, c.Seed)
	if err != nil {
		return nil, err
	}
	s := &Service{key: k, config: c, born: time.Now(), done: make(chan struct{}), station: st, pods: map[string]*pod{}}
	go s.kubelets()
	return s, nil
}

// Close ends what runs for the service.
func (s *Service) Close() { s.closing.Do(func() { close(s.done) }) }

// kubelets sample the pods of the service: all of them at one moment, at a pace
// and phase that its seed decides.
func (s *Service) kubelets() {
	name := fnv.New64a()
	_, _ = name.Write([]byte(s.key.Namespace + "/" + s.key.Service)) // a hash cannot fail
	random := rand.New(rand.NewPCG(s.config.Seed, name.Sum64()))
	timer := time.NewTimer(time.Duration(random.Int64N(int64(sampling))))
	defer timer.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-timer.C:
		}
		s.sample(time.Now())
		timer.Reset(sampling + time.Duration(random.Int64N(int64(jitter))))
	}
}

func (s *Service) sample(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(now)
	s.sampled = append(s.sampled, now)
	for _, p := range s.pods {
		if !p.running.IsZero() {
			p.at, p.burned = now, s.station.CPU(p.id)+s.config.IdleCPU/1000*now.Sub(p.running).Seconds()
		}
	}
}

// Sampled is when the kubelets first measured after a moment; false if they have
// not yet.
func (s *Service) Sampled(after time.Time) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.sampled {
		if at.After(after) {
			return at, true
		}
	}
	return time.Time{}, false
}

// Open lets requests in: before, the first pod to be Ready would have all of them.
func (s *Service) Open() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		s.advance(time.Now())
		s.open = true
	}
}

// Play starts a load, in levels of today's peak; its last one stays. It returns
// the moment of its start.
func (s *Service) Play(c load.Curve) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.advance(now)
	s.curve, s.began = &c, now.Sub(s.born)
	return now
}

// Silence keeps Prometheus from scraping the service, or lets it.
func (s *Service) Silence(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = on
}

// RPS that reach the pods at a moment.
func (s *Service) RPS(at time.Time) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rps(at.Sub(s.born))
}

func (s *Service) rps(at time.Duration) float64 {
	switch {
	case s.curve != nil:
		return s.config.PeakRPS * s.curve.At(min(at-s.began, s.curve.Duration()))
	case s.open:
		return s.config.PeakRPS * s.config.Level
	}
	return 0
}

// slice is the longest over which the rate counts as constant.
const slice = time.Second

// advance serves until now.
func (s *Service) advance(now time.Time) {
	end := now.Sub(s.born)
	for s.advanced < end {
		to := min(end, s.advanced+slice)
		s.station.Advance(to.Seconds(), station.Conditions{Arrival: s.rps((s.advanced + to) / 2), MissShare: s.missing()})
		s.advanced = to
	}
}

func (s *Service) missing() float64 {
	if s.config.Station.Pool == nil {
		return 0
	}
	return s.config.Station.Pool.Share
}
