package station

import (
	"math"
	"strings"
	"testing"
)

func TestOneRequestAtATime(t *testing.T) {
	constant := func(mean float64) Work { return Work{Mean: mean} }
	simple := func() Config {
		return Config{Servers: 4, CPU: constant(0.01), Kinds: []Kind{{Share: 1, Service: constant(0.05), Promise: 0.055}}}
	}
	pooled := func() Config {
		c := simple()
		c.Pool = &Pool{PerPod: 1, Size: 1, Overflow: 1, Timeout: 0.5, Share: 1, Hold: constant(0.02)}
		return c
	}
	cases := map[string]struct {
		reason     string
		config     func() Config
		change     func(*Config)
		conditions Conditions
		want       func(w Window) bool
	}{
		"slow database": {"what a connection is held longer, the answer comes later", pooled, nil,
			Conditions{Arrival: 0.2, MissShare: 1, HoldFactor: 2, HoldExtra: 0.01}, func(w Window) bool { return near(w.P99, 0.08) && near(w.Broken, w.Requests) }},
		"hits need no connection": {"the cache answers", pooled, nil,
			Conditions{Arrival: 1}, func(w Window) bool { return near(w.P99, 0.05) && w.Connections == 0 && w.Broken < 0.05*w.Requests }},
		"timeouts": {"nobody waits for an answer that takes longer", simple, func(c *Config) { c.Client.Timeout = 0.04 },
			Conditions{Arrival: 1}, func(w Window) bool { return w.TimedOut == w.Requests && math.IsInf(w.P99, 1) }},
		"retries": {"each request comes back twice", simple, func(c *Config) { c.Client = Client{Timeout: 0.04, Retries: 2, Backoff: 0.1} },
			Conditions{Arrival: 1}, func(w Window) bool { return w.Requests > 2800 && w.Requests < 3200 }},
		"full queue": {"one works, one waits, the others are refused", simple, func(c *Config) { c.Servers, c.Queue, c.CPU.Mean = 1, 1, 1 },
			Conditions{Arrival: 100}, func(w Window) bool { return w.Dropped > 0.98*w.Requests && w.Dropped < w.Requests-900 }},
		"pool exhausted": {"two connections of 20 ms carry 100 requests a second, not 300", pooled, func(c *Config) { c.Servers = 10 },
			Conditions{Arrival: 300, MissShare: 1}, func(w Window) bool {
				return near(w.PoolTimedOut/w.Requests, 2./3) && w.Connections == 2 && near(w.PoolWait, 0.5)
			}},
		"one slot": {"the database has one connection only, which stays open; what meets it busy is refused", pooled, nil,
			Conditions{Arrival: 20, MissShare: 1, Slots: 1}, func(w Window) bool {
				return w.Connections == 1 && w.Refused > 0.2*w.Requests && w.Refused < 0.4*w.Requests && w.PoolTimedOut == 0
			}},
	}
	for name, c := range cases {
		for _, d := range []Discipline{FCFS, PS} {
			t.Run(name+"/"+string(d), func(t *testing.T) {
				config := c.config()
				config.Discipline = d
				if c.change != nil {
					c.change(&config)
				}
				s := serving(t, config, 1, 1)
				s.Advance(1000, c.conditions)
				if w := s.Take(); !c.want(w) {
					t.Errorf("%s: %+v", c.reason, w)
				}
			})
		}
	}
}

func near(got, want float64) bool { return math.Abs(got-want) <= 0.02*math.Abs(want) }

func TestFailAndLeave(t *testing.T) {
	c := Config{Servers: 4, CPU: Work{Mean: 0.1}, Kinds: []Kind{{Share: 1, Service: Work{Mean: 10}, Promise: 20}}}
	for _, d := range []Discipline{FCFS, PS} {
		c.Discipline = d
		s := serving(t, c, 1, 2)
		s.Advance(5, Conditions{Arrival: 10})
		inFlight, requests := s.InFlight(), s.Take().Requests
		s.Fail(0)
		lost := s.Take().Lost
		if left := float64(s.InFlight()); float64(inFlight) != requests || lost+left != requests || math.Abs(lost-left) > 4*math.Sqrt(requests) {
			t.Errorf("%s: %g requests, %d in flight, then %g lost and %g left: want about half of all lost", d, requests, inFlight, lost, left)
		}
		s.Advance(10, Conditions{Arrival: 10})
		if w := s.Take(); math.Abs(w.Lost-w.Requests/2) > 2*math.Sqrt(w.Requests) || w.Broken != w.Lost {
			t.Errorf("%s: %+v: want about every other request lost at the dead pod", d, w)
		}
		s.Leave(0)
		s.Advance(15, Conditions{Arrival: 10})
		if w := s.Take(); w.Sum() != 0 {
			t.Errorf("%s: %+v: want no failures once the balancer knows", d, w)
		}
		s.Leave(1)
		before := s.InFlight()
		s.Advance(16, Conditions{Arrival: 10})
		if w := s.Take(); w.Dropped != w.Requests || before == 0 || s.InFlight() == 0 {
			t.Errorf("%s: %+v, %d then %d in flight: want all dropped without a pod, and what it had finished", d, w, before, s.InFlight())
		}
	}
}

// Requests that wait for a worker hold no connection yet.
func TestWaitingHoldsNoConnection(t *testing.T) {
	c := Config{Servers: 1, CPU: Work{Mean: 1}, Kinds: []Kind{{Share: 1, Service: Work{Mean: 1}}},
		Pool: &Pool{PerPod: 1, Overflow: 1, Timeout: 5, Share: 1, Hold: Work{Mean: 0.5}}}
	s := serving(t, c, 1, 1)
	for at := 0.1; at < 100; at += 0.1 {
		s.Advance(at, Conditions{Arrival: 3, MissShare: 1, Slots: 1})
		if n := s.Connections(); n > 1 {
			t.Fatalf("%d connections are open after %.1f s, want at most the 1 of the pool", n, at)
		}
	}
	if w := s.Take(); w.Refused > 0 || w.Connections != 1 {
		t.Errorf("%+v: want one connection and none refused, since one slot is enough", w)
	}
}

// After preStop a pod that is still sent to refuses what is new, at once, and
// finishes what it has.
func TestRefuse(t *testing.T) {
	c := Config{Servers: 40, CPU: Work{Mean: 0.1}, Kinds: []Kind{{Share: 1, Service: Work{Mean: 2}}}}
	for _, d := range []Discipline{FCFS, PS} {
		c.Discipline = d
		s := serving(t, c, 1, 2)
		s.Advance(10, Conditions{Arrival: 10})
		before := s.Served(nil, []int{0})[0]
		s.Take()
		s.Refuse(0)
		s.Advance(20, Conditions{Arrival: 10})
		w := s.Take()
		if math.Abs(w.Lost-w.Requests/2) > 2*math.Sqrt(w.Requests) || w.Sum() != w.Lost || w.Requests == 0 {
			t.Errorf("%s: %+v: want about every other request lost and no other failure", d, w)
		}
		served := s.Served(nil, []int{0, 1, 7})
		if had := served[0] - before; had < 5 || had > 20 {
			t.Errorf("%s: the pod finished %g requests that it had, want about 10: a rate of 5 for 2 s", d, had)
		}
		if served[1] == 0 || served[2] != 0 {
			t.Errorf("%s: served %v: want some at the other pod and none at one that never was", d, served)
		}
	}
}

func TestProblems(t *testing.T) {
	c := Config{Balancing: "x", Discipline: "y", Servers: 0, CPU: Work{Mean: math.NaN(), CV2: -1}, Queue: -1,
		Kinds:  []Kind{{Share: 2, Service: Work{Mean: math.Inf(1)}, Promise: -1}},
		Pool:   &Pool{PerPod: 0, Timeout: -1, Share: 2, Hold: Work{CV2: math.NaN()}},
		Client: Client{Timeout: -1, Retries: -1}}
	_, err := New(c, 1)
	if err == nil {
		t.Fatal("want problems")
	}
	for _, field := range []string{"balancing", "discipline", "servers", "queue", "cpu", "share = 2", "service", "promise", "add up to 2", "client", "retries", "per pod", "size", "pool: timeout", "pool: share", "hold"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("no word on %s in:\n%v", field, err)
		}
	}
}
