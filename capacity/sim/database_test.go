package sim

import (
	"math"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// tap is a plane that keeps what its windows say.
type tap struct {
	plane
	taken []station.Window
}

func (p *tap) Take() station.Window {
	w := p.plane.Take()
	p.taken = append(p.taken, w)
	return w
}

// tapped replays a scenario and returns the windows of web after the warmup.
func tapped(t *testing.T, s Scenario) (Result, []station.Window) {
	r := begun(t, s)
	p := &tap{plane: r.services[0].plane}
	r.services[0].plane = p
	r.loop()
	return r.result(), p.taken[len(p.taken)-int(s.Load.Duration()/r.windowLength()):]
}

// meanWait is the mean over windows of the p99 wait for a connection.
func meanWait(windows []station.Window) float64 {
	sum := 0.0
	for _, w := range windows {
		sum += w.PoolWait
	}
	return sum / float64(len(windows))
}

// A pool that is too small makes requests wait as long as its queue says.
func TestSmallPoolWaits(t *testing.T) {
	for _, fidelity := range both {
		for _, size := range []int{1, 2, 4} {
			s := world(t, fixed(6), pooled, under(steadily(t, 1, 20*time.Minute)))
			s.Fidelity, s.Services[0].PeakRPS, s.Database = fidelity, 6*targetRPS, nil
			p := s.Services[0].Station.Pool
			p.Size, p.Overflow, p.Hold.Mean = size, 0, 0.024
			_, windows := tapped(t, s)
			// Half of what each of the two workers of a pod gets needs a connection.
			exact := queue.Station{Servers: size, Arrival: targetRPS / 4, Service: p.Hold.Mean, ArrivalCV2: 1, ServiceCV2: 1}
			got, want := meanWait(windows), exact.WaitQuantile(0.99)
			// Windows of 5 s, within which waits are alike, have a p99 that is lower
			// in the mean than that of all: by 6 and 8 %.
			if tolerance := map[Fidelity]float64{Control: 0.01, Request: 0.10}[fidelity]; math.Abs(got-want) > tolerance*want+0.0005 {
				t.Errorf("%s, %d connections: p99 wait %.4f s, want %.4f s within %g%%", fidelity, size, got, want, 100*tolerance)
			}
		}
	}
}

// Pools that could open more than the database has are refused some of it, and the
// time in which they could is told.
func TestLargePoolsExhaust(t *testing.T) {
	const pods, each = 6, 10 // 2 pools of 3 + 2
	for usable, refuses := range map[int]bool{pods * each: false, 20: true} {
		s := world(t, atRequests, fixed(pods), pooled, under(steadily(t, 1, 10*time.Minute)))
		s.Database.Usable, s.Services[0].PeakRPS = usable, pods*targetRPS
		s.Services[0].Station.Pool.Hold.Mean = 0.03
		r := replay(t, s)
		v := r.Services[0]
		if (v.Failures.Refused > 0) != refuses || (r.ExhaustedSeconds == 600) != refuses || r.Connections != pods*each || r.OpenConnections > usable {
			t.Errorf("%d usable: %+v, exhausted for %g s, %d connections that could be open and %d that were; want refusals and 600 s: %v, and 60 and at most %d",
				usable, v.Failures, r.ExhaustedSeconds, r.Connections, r.OpenConnections, refuses, usable)
		}
	}
}

// Services share the slots: what one has open the other cannot have.
func TestServicesShareSlots(t *testing.T) {
	s := world(t, atRequests, fixed(3), pooled, under(steadily(t, 1, 5*time.Minute)))
	other := s.Services[0]
	other.Name = "api"
	s.Services = append(s.Services, other)
	s.Database.CPU, s.Database.Usable = append(s.Database.CPU, station.Work{}), 25
	for i := range s.Services {
		s.Services[i].PeakRPS = 3 * targetRPS
	}
	most := 0
	r := watching(t, s, func(r *run) {
		if r.since() > 0 {
			most = max(most, r.services[0].plane.Connections()+r.services[1].plane.Connections())
		}
	})
	// Both see what the other has at the start of a second, and may take the rest.
	if a, b := r.Services[0].Failures.Refused, r.Services[1].Failures.Refused; a+b == 0 || most > 25+5 || most < 20 {
		t.Errorf("%g and %g refused, %d connections at most of 25 slots; want some refused and about as many", a, b, most)
	}
}

// What the database meets follows the load, and counts retries but not what found
// no pod.
func TestDatabaseMeetsWhatArrives(t *testing.T) {
	for _, fidelity := range both {
		for name, tc := range map[string]struct {
			change func(*Scenario)
			want   float64
		}{
			"half of all":   {func(*Scenario) {}, 240},
			"twice as many": {under(steadily(t, 2, 3*time.Minute)), 480},
			// Nobody waits for half a request: each comes three times.
			"retries": {func(s *Scenario) {
				s.Services[0].Station.Client = station.Client{Timeout: 1e-4, Retries: 2, Backoff: 0.1}
			}, 720},
			"no pod": {func(s *Scenario) { s.Fleet.Groups[0].Min, s.Fleet.Groups[0].Start, s.Fleet.Groups[0].Max = 0, 0, 0 }, 0},
		} {
			s := world(t, fixed(12), pooled, under(steadily(t, 1, 3*time.Minute)))
			s.Fidelity = fidelity
			tc.change(&s)
			sum, n := 0.0, 0.0
			watching(t, s, func(r *run) {
				if r.since() > 0 && r.windowed == r.now {
					sum, n = sum+r.services[0].visits, n+1
				}
			})
			if got := sum / n; math.Abs(got-tc.want) > 0.03*tc.want {
				t.Errorf("%s, %s: %.4g visits per second, want %g", fidelity, name, got, tc.want)
			}
		}
	}
}

// During a rollout the pods of both generations and those that terminate count.
func TestRolloutExhausts(t *testing.T) {
	const each = 10
	for _, fidelity := range both {
		s := world(t, fixed(6), pooled, struck(Disturbance{Kind: Rollout, At: 5 * time.Minute}))
		s.Fidelity, s.Database.Usable, s.Services[0].PeakRPS = fidelity, 6*each, 60
		exhausted, last, over := time.Duration(0), time.Duration(0), false
		most := 0
		r := watching(t, s, func(r *run) {
			w := r.services[0]
			on := 0 // pods on a node
			for _, id := range w.live {
				if w.pods[id].phase != pending {
					on++
				}
			}
			if over {
				exhausted += r.now - last
			}
			last, over = r.now, each*on > s.Database.Usable
			most = max(most, each*on)
			if open := w.plane.Connections(); open > each*on || r.book.connections != each*on {
				t.Fatalf("%s, after %s: %d connections are open and %d counted for %d pods of %d", fidelity, r.since(), open, r.book.connections, on, each)
			}
		})
		if math.Abs(r.ExhaustedSeconds-exhausted.Seconds()) > 1e-6 || r.ExhaustedSeconds < 60 || r.ExhaustedSeconds > 300 || r.Connections != most || most <= 80 {
			t.Errorf("%s: exhausted for %g s with up to %d connections, counted %s and %d", fidelity, r.ExhaustedSeconds, r.Connections, exhausted, most)
		}
	}
}

// A pooler with few server connections is a queue of its own; with too few it is
// where everything ends.
func TestPooler(t *testing.T) {
	extra := func(servers int) (seconds float64, f station.Failures) {
		s := world(t, fixed(6), pooled)
		s.Database.Pooler, s.Database.CPU[0].Mean, s.Services[0].PeakRPS = servers, 1e-6, 6*targetRPS
		n := 0.0
		r := watching(t, s, func(r *run) {
			if r.since() > 0 && r.now == r.windowed {
				seconds, n = seconds+r.holdExtra, n+1
			}
		})
		return seconds / n, r.Services[0].Failures
	}
	for _, servers := range []int{4, 5, 8} { // 360 visits of 10 ms keep 3.6 busy
		exact := queue.Station{Servers: servers, Arrival: 360, Service: 0.01, ArrivalCV2: 1, ServiceCV2: 1}
		got, failures := extra(servers)
		about(t, "wait in the pooler", got, exact.MeanWait(), 0.10)
		if failures.Sum() > 0 {
			t.Errorf("%d server connections: %+v, want no failure", servers, failures)
		}
	}
	if got, failures := extra(3); got < 0.05 || failures.Sum() == 0 {
		t.Errorf("3 server connections for 3.6: requests wait %g s, %+v; want failures", got, failures)
	}
}

func TestContention(t *testing.T) {
	each := station.Work{Mean: 0.002, CV2: 1}
	steadyWait := func(servers int, visits, mean float64) float64 {
		return queue.Station{Servers: servers, Arrival: visits, Service: mean, ArrivalCV2: 1, ServiceCV2: 1}.MeanWait()
	}
	cases := map[string]struct {
		reason  string
		servers float64
		visits  []float64 // of ten seconds each
		want    float64
	}{
		"Steady":    {"below saturation it is the queue", 4, []float64{1600}, steadyWait(4, 1600, 0.002)},
		"Fraction":  {"half a core is one that takes twice as long", 0.5, []float64{200}, steadyWait(1, 200, 0.004)},
		"Rounded":   {"and 2.4 cores are two a bit faster", 2.4, []float64{1000}, steadyWait(2, 1000, 0.002*2/2.4)},
		"Overload":  {"above it the backlog waits as well", 4, []float64{2200}, 10*(2200*0.002-4)/4 + steadyWait(4, 0.98*2000, 0.002)},
		"WorkedOff": {"and is worked off", 4, []float64{2200, 1000}, steadyWait(4, 1000, 0.002)},
		"Bounded":   {"no more wait than there are clients", 4, []float64{9e6}, 5000*0.002/4 + steadyWait(4, 0.98*2000, 0.002)},
		"Idle":      {"without visits nobody waits", 4, []float64{9e6, 0}, 0},
		"None":      {"nor without a limit", 0, []float64{9e6}, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := contention{servers: tc.servers}
			got := 0.0
			for _, v := range tc.visits {
				got = c.wait(v, each, 5000, 10*time.Second)
			}
			if math.Abs(got-tc.want) > 1e-9 {
				t.Errorf("%s: wait %g s, want %g s", tc.reason, got, tc.want)
			}
		})
	}
}

// A slow database brings a service down for a while. Once it is over, clients
// that do not come back let it recover; clients that come back at once, again and
// again, keep it down: the work that nobody waits for any more leaves no room for
// work that somebody does.
func TestRecoveryAfterASlowDatabase(t *testing.T) {
	for _, fidelity := range both {
		for name, tc := range map[string]struct {
			client   station.Client
			recovers bool
		}{
			"patient":   {station.Client{Timeout: 1}, true},
			"once more": {station.Client{Timeout: 1, Retries: 1, Backoff: 1}, true},
			"storm":     {station.Client{Timeout: 1, Retries: 5, Backoff: 0.05}, false},
		} {
			s := world(t, fixed(4), pooled, struck(Disturbance{Kind: SlowDatabase, At: 2 * time.Minute, For: 2 * time.Minute, Factor: 40}), under(steadily(t, 1, 12*time.Minute)))
			s.Fidelity, s.Services[0].Station.Client = fidelity, tc.client
			r := replay(t, s)
			before, during, after := mean(between(r, 0, 2*time.Minute), failed), mean(between(r, 3*time.Minute, 4*time.Minute), failed), mean(between(r, 8*time.Minute, 12*time.Minute), failed)
			if before > 0 || during < 100 {
				t.Errorf("%s, %s: %g failures per second before and %g during the slow time, want none and many", fidelity, name, before, during)
			}
			if tc.recovers && after > 0 || !tc.recovers && after < 400 {
				t.Errorf("%s, %s: %g failures per second four minutes after it, want recovery: %v", fidelity, name, after, tc.recovers)
			}
		}
	}
}
