package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/fleet"
	"github.com/agencyos/headroom/capacity/sim/load"
)

// windowLength is over how long promises are judged.
const (
	requestWindow = 5 * time.Second
	controlWindow = 15 * time.Second
)

// kubeletSample is the housekeeping interval of the kubelet's cAdvisor, 10 s with
// jitter of up to half of it (https://github.com/google/cadvisor/issues/2496, 2026-11).
const kubeletSample, kubeletJitter = 10 * time.Second, 5 * time.Second

// run is a scenario under way. Its clock starts with the warmup.
type run struct {
	*Scenario
	now      time.Duration
	end      time.Duration
	timers   timers
	fleet    *fleet.Fleet
	services []*workload
	owners   []holder
	here     []int // buffers of deleteFirst
	victims  []victim
	// periods of what comes again and again; 0 for what comes once.
	periods [kinds]time.Duration
	levels  load.Cursor

	// Conditions that all services share.
	slow          float64
	cores, pooler contention
	holdExtra     float64
	// windowed is the end of the last window.
	windowed time.Duration

	book book
}

// Run replays a scenario. The error lists everything that is wrong with it.
func Run(s Scenario) (Result, error) {
	s = s.withDefaults()
	if err := s.validate(); err != nil {
		return Result{}, err
	}
	r, err := newRun(&s)
	if err != nil {
		return Result{}, err
	}
	r.loop()
	return r.result(), nil
}

func newRun(s *Scenario) (*run, error) {
	r := &run{Scenario: s, end: s.Warmup + s.Load.Duration(), slow: 1, levels: s.Load.Cursor(), book: book{exhausted: never}}
	var err error
	if r.fleet, err = fleet.New(s.Fleet); err != nil {
		return nil, err
	}
	if s.Database != nil {
		r.cores.servers, r.pooler.servers = s.Database.Cores, float64(s.Database.Pooler)
	}
	for i := range s.Services {
		if err := r.open(i); err != nil {
			return nil, fmt.Errorf("services[%d] %s: %w", i, s.Services[i].Name, err)
		}
	}
	r.rounds()
	r.schedule()
	r.disturb()
	return r, nil
}

// rounds starts what comes again and again, each at a moment of its period that
// the seed decides.
func (r *run) rounds() {
	phases := rand.New(rand.NewPCG(r.Seed, phaseStream))
	within := func(d time.Duration) time.Duration { return time.Duration(phases.Int64N(int64(d))) }
	r.periods = [kinds]time.Duration{kubeletSamples: kubeletSample + within(kubeletJitter), serverScrapes: r.MetricsResolution,
		prometheusScrapes: r.ScrapeInterval, hpaSyncs: hpa.DefaultSyncPeriod, windowEnds: r.windowLength(), pointEnds: r.pointLength()}
	first := func(k kind, service int, needed bool) {
		if at := within(r.periods[k]); needed {
			r.at(at, k, service, 0)
		}
	}
	pods := false
	for i, w := range r.services {
		pods = pods || w.reads(CPUUse)
		first(kubeletSamples, i, w.reads(CPUUse))
		first(prometheusScrapes, i, w.reads(InFlight) || w.reads(RequestRate))
		first(hpaSyncs, i, true)
	}
	first(serverScrapes, 0, pods)
	r.at(r.Warmup%r.periods[windowEnds], windowEnds, 0, 0)
	r.at(r.Warmup, pointEnds, 0, 0)
}

// Streams of random numbers besides those of the planes.
const phaseStream, planeStream, uidStream = 0x9a5e, 0x91a4e, 0x01d

// settled is for how long the first pods have been there at the start: long enough
// that nothing depends on it.
const settled = time.Hour

// open starts a service with all of its pods Ready, as far as nodes have room.
func (r *run) open(i int) error {
	spec := &r.Services[i]
	w := &workload{Service: spec, index: i, replicas: spec.Replicas, cdnHits: spec.CDNHitRatio, cursor: r.Load.Cursor(),
		uids: rand.New(rand.NewPCG(r.Seed^uint64(i+1)*planeStream, uidStream))}
	var err error
	if w.plane, err = newPlane(r.Fidelity, spec.Station, r.Seed^uint64(i+1)*planeStream); err != nil {
		return err
	}
	if w.scaler, err = hpa.New(r.Kubernetes, spec.HPA); err != nil {
		return err
	}
	for _, s := range spec.Signals {
		w.signals = append(w.signals, signal{Signal: s})
	}
	w.seesPods = w.looksAtPods()
	w.story = newStory(r.Scenario, spec)
	r.services = append(r.services, w)
	for range spec.Replicas {
		r.create(w)
	}
	for id := range w.pods {
		if p := &w.pods[id]; p.phase == starting {
			p.phase, p.created, p.started, p.ready = ready, -settled, -settled, -settled
			w.readyNow++
			w.plane.Join(id)
		}
	}
	return nil
}

// schedule sets the moments at which conditions change, each once: what begins at
// one must not begin again.
func (r *run) schedule() {
	var moments []time.Duration
	for _, k := range r.Load.Knots() {
		moments = append(moments, k.At)
	}
	for _, d := range r.Disturbances {
		moments = append(moments, d.At, d.At+d.For)
	}
	slices.Sort(moments)
	for _, at := range slices.Compact(moments) {
		r.at(r.Warmup+at, conditionsChange, 0, 0)
	}
}

func (r *run) at(when time.Duration, k kind, service, pod int) {
	r.timers.push(newTimer(when, k, service, pod))
}

// since is the time of the report: it starts after the warmup.
func (r *run) since() time.Duration { return r.now - r.Warmup }

func (r *run) windowLength() time.Duration {
	if r.Fidelity == Request {
		return requestWindow
	}
	return controlWindow
}

// pointLength is a slice of the timeline: whole windows.
func (r *run) pointLength() time.Duration {
	window := r.windowLength()
	whole := (r.Load.Duration() + time.Duration(r.Points) - 1) / time.Duration(r.Points)
	return max(1, (whole+window-1)/window) * window
}

// loop does what is due until the load ends.
func (r *run) loop() {
	for r.turn() {
	}
	r.now = r.end
	r.window()
	r.point()
	for _, w := range r.services {
		w.story.close(w, r.since(), r.Warmup)
	}
}

// turn does what is due next, until the load ends.
func (r *run) turn() bool {
	next := r.timers[0]
	if at, ok := r.fleet.Next(); ok && (at < next.at || at == next.at && next.kind() > fleetActs) {
		next = newTimer(at, fleetActs, 0, 0)
	}
	if next.at > r.end {
		return false
	}
	r.now = max(r.now, next.at)
	switch period := r.periods[next.kind()]; {
	case next.kind() == fleetActs:
		r.happened(r.fleet.Advance(r.now))
		return true
	case period > 0:
		r.timers.replace(timer{next.at + period, next.order})
	default:
		r.timers.pop()
	}
	r.do(next.kind(), r.services[next.service()], next.pod())
	return true
}

// do is one timer.
func (r *run) do(k kind, w *workload, pod int) {
	switch k {
	case conditionsChange:
		r.advanceAll()
		r.disturb()
		r.judgeAll()
	case podReady:
		r.becomeReady(w, pod)
	case podAvailable:
		r.reconcile(w)
	case podDeaf:
		r.advance(w)
		w.plane.Leave(pod)
	case podStops:
		r.advance(w)
		w.plane.Refuse(pod)
	case podGone:
		r.vanish(w, pod)
	default:
		r.measure(k, w)
	}
}

// measure is what comes again and again.
func (r *run) measure(k kind, w *workload) {
	switch k {
	case kubeletSamples:
		r.kubelet(w)
	case serverScrapes:
		for _, w := range r.services {
			r.scrapeServer(w)
		}
	case prometheusScrapes:
		r.scrapePrometheus(w)
	case hpaSyncs:
		r.sync(w)
	case windowEnds:
		r.window()
	case pointEnds:
		if !r.book.started {
			r.begin()
		}
		r.point()
	}
}

// sync is one turn of the autoscaler.
func (r *run) sync(w *workload) {
	d := w.scaler.Step(r.now, r.observe(w))
	if int(d.Replicas) == w.replicas {
		return
	}
	r.tell("%s: %d → %d replicas", w.Name, w.replicas, d.Replicas)
	up := int(d.Replicas) > w.replicas
	w.replicas = int(d.Replicas)
	w.story.rescaled(r.since(), w.replicas, up)
	r.reconcile(w)
	r.evict(w)
	r.judge(w)
}
