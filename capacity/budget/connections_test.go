package budget

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// worked is the example of the fact sheet: HPA max 12, surge 25 %, 2 processes,
// pool 5 + 5.
func worked() Workload {
	return Workload{Name: "backend", MaxReplicas: 12, SurgePercent: 25, Workers: 2, PerWorker: 10}
}

func TestWorkedNumbers(t *testing.T) {
	w := worked()
	others := 5 + 2 + 5 // migrations, exporter, admin
	got := map[string]int{
		"per pod": w.PerPod(), "surge": w.Surge(), "terminating bound": w.Terminating(),
		"pods in a rollout": w.MaxReplicas + w.Surge() + w.Terminating(),
		"steady":            w.Steady(), "rollout": w.Rollout(),
		"steady with others":  SumConnections([]Workload{w}, others).Steady,
		"rollout with others": SumConnections([]Workload{w}, others).Rollout,
		"client slots":        Pooler{Replicas: 2, MaxClientConn: 600}.ClientSlots(),
		"server connections":  Pooler{Replicas: 2, Surge: 1, PoolSize: 20, ReservePool: 5}.ServerConnections(),
	}
	want := map[string]int{
		"per pod": 20, "surge": 3, "terminating bound": 12, "pods in a rollout": 27,
		"steady": 300, "rollout": 540, "steady with others": 312, "rollout with others": 552,
		"client slots": 600, "server connections": 75,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("worked numbers (-want +got):\n%s", diff)
	}
	// db.t4g.medium: nominally 450, of which 5 are reserved by both settings.
	if slots := 450 - 5; w.Rollout() <= slots || w.Steady() > slots {
		t.Errorf("the example refuses the rollout (%d) and fits steadily (%d) in %d", w.Rollout(), w.Steady(), slots)
	}
}

func TestTerminating(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(w *Workload)
		want   int
	}{
		"NoMinReady":      {"a rollout runs through at once", func(*Workload) {}, 12},
		"Negative":        {"and so it does with nonsense", func(w *Workload) { w.MinReadySeconds, w.GraceSeconds = -1, 60 }, 12},
		"MinReadyIsGrace": {"two steps of 3 at once", func(w *Workload) { w.MinReadySeconds, w.GraceSeconds = 60, 60 }, 6},
		"LongMinReady":    {"still two: a step may begin as another ends", func(w *Workload) { w.MinReadySeconds, w.GraceSeconds = 600, 60 }, 6},
		"HalfMinReady":    {"three steps of 3", func(w *Workload) { w.MinReadySeconds, w.GraceSeconds = 30, 60 }, 9},
		"PartRoundsUp":    {"61 ÷ 30 is three more", func(w *Workload) { w.MinReadySeconds, w.GraceSeconds = 30, 61 }, 12},
		"NoGrace":         {"killed at once", func(w *Workload) { w.MinReadySeconds = 30 }, 3},
		"Unavailable":     {"a step also retires what may be unavailable", func(w *Workload) { w.MinReadySeconds, w.GraceSeconds, w.UnavailablePercent = 60, 60, 10 }, 8},
		"AtMostAll":       {"no more than there are", func(w *Workload) { w.MinReadySeconds, w.GraceSeconds = 1, 3600 }, 12},
		"NoSurge": {"one at a time by unavailability alone", func(w *Workload) {
			w.MinReadySeconds, w.GraceSeconds, w.SurgePercent, w.UnavailablePercent = 60, 60, 0, 10
		}, 2},
		"BothRoundToNone": {"one at a time, since Kubernetes then takes one", func(w *Workload) {
			w.MinReadySeconds, w.GraceSeconds, w.SurgePercent, w.UnavailablePercent = 60, 60, 0, 8
		}, 2},
		"NoPods":   {"none to take", func(w *Workload) { w.MaxReplicas, w.MinReadySeconds, w.GraceSeconds, w.SurgePercent = 0, 60, 60, 0 }, 0},
		"Recreate": {"old pods are gone first", func(w *Workload) { w.Recreate = true }, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := worked()
			tc.change(&w)
			if got := w.Terminating(); got != tc.want {
				t.Errorf("%s\n%+v.Terminating() = %d, want %d", tc.reason, w, got, tc.want)
			}
		})
	}
}

// Kubernetes resolves a percentage with math.Ceil(value × total ÷ 100) for
// maxSurge and math.Floor for maxUnavailable
// (k8s.io/apimachinery pkg/util/intstr GetScaledValueFromIntOrPercent, v0.36).
func TestRoundingIsKubernetes(t *testing.T) {
	for replicas := range 400 {
		for percent := range 101 {
			exact := float64(percent) * float64(replicas) / 100
			if got, want := Surge(replicas, float64(percent)), int(math.Ceil(exact)); got != want {
				t.Fatalf("Surge(%d, %d%%) = %d, want %d", replicas, percent, got, want)
			}
			if got, want := Unavailable(replicas, float64(percent)), int(math.Floor(exact)); got != want {
				t.Fatalf("Unavailable(%d, %d%%) = %d, want %d", replicas, percent, got, want)
			}
		}
	}
}

func TestUsableConnections(t *testing.T) {
	cases := map[string]struct {
		reason         string
		maxConnections int
		rds            bool
		want           int
	}{
		"RDS":      {"3 superuser + 2 RDS + 6 rdsadmin", 832, true, 821},
		"Postgres": {"3 superuser", 100, false, 97},
		"Tiny":     {"never negative", 5, true, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := UsableConnections(tc.maxConnections, tc.rds); got != tc.want {
				t.Errorf("%s\nUsableConnections(%d, %v) = %d, want %d", tc.reason, tc.maxConnections, tc.rds, got, tc.want)
			}
		})
	}
}

func TestPoolerLosesOne(t *testing.T) {
	cases := map[string]struct {
		reason                  string
		pooler                  Pooler
		wantClients, wantServer int
	}{
		"Three":  {"two remain for clients, all three hold servers", Pooler{Replicas: 3, MaxClientConn: 100, PoolSize: 10}, 200, 30},
		"One":    {"one alone survives nothing", Pooler{Replicas: 1, MaxClientConn: 100, PoolSize: 10}, 0, 10},
		"None":   {"never negative", Pooler{MaxClientConn: 100, PoolSize: 10}, 0, 0},
		"Rolled": {"its own surge opens servers too", Pooler{Replicas: 2, Surge: 2, PoolSize: 10, ReservePool: 1}, 0, 44},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if c, s := tc.pooler.ClientSlots(), tc.pooler.ServerConnections(); c != tc.wantClients || s != tc.wantServer {
				t.Errorf("%s\n%+v: %d client slots and %d server connections, want %d and %d", tc.reason, tc.pooler, c, s, tc.wantClients, tc.wantServer)
			}
		})
	}
}

func genWorkload(t *rapid.T) Workload {
	return Workload{
		MaxReplicas:  rapid.IntRange(1, 500).Draw(t, "max"),
		SurgePercent: float64(rapid.IntRange(0, 100).Draw(t, "surge")), UnavailablePercent: float64(rapid.IntRange(0, 100).Draw(t, "unavailable")),
		GraceSeconds: float64(rapid.IntRange(1, 600).Draw(t, "grace")), MinReadySeconds: float64(rapid.IntRange(0, 600).Draw(t, "minReady")),
		Workers: rapid.IntRange(1, 8).Draw(t, "workers"), PerWorker: rapid.IntRange(1, 40).Draw(t, "perWorker"),
	}
}

// A rollout never holds less than steady, never more than both generations in
// full, and never less with one more of anything.
func TestConnectionsAreBoundedAndMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := genWorkload(t)
		if w.Rollout() < w.Steady() || w.Rollout() > w.Steady()+w.MaxReplicas*w.PerPod() {
			t.Errorf("%+v: rollout %d outside steady %d and both generations", w, w.Rollout(), w.Steady())
		}
		for name, change := range map[string]func(w *Workload){
			"a replica":   func(w *Workload) { w.MaxReplicas++ },
			"a worker":    func(w *Workload) { w.Workers++ },
			"a slot":      func(w *Workload) { w.PerWorker++ },
			"grace":       func(w *Workload) { w.GraceSeconds++ },
			"surge":       func(w *Workload) { w.SurgePercent++ },
			"unavailable": func(w *Workload) { w.UnavailablePercent++ },
		} {
			more := w
			change(&more)
			if more.Steady() < w.Steady() || more.Rollout() < w.Rollout() {
				t.Errorf("%+v with more %s holds fewer: %d, %d against %d, %d", w, name, more.Steady(), more.Rollout(), w.Steady(), w.Rollout())
			}
		}
	})
}

// The bound on terminating pods against a rollout played second by second: new
// pods become available minReady after they start, each retires one old pod, and
// a retired pod lives for grace.
func TestTerminatingBoundsARollout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := genWorkload(t)
		w.MaxReplicas = rapid.IntRange(1, 60).Draw(t, "fewer")
		w.MinReadySeconds = float64(rapid.IntRange(1, 120).Draw(t, "ready"))
		w.GraceSeconds = float64(rapid.IntRange(1, 300).Draw(t, "leave"))
		if most := playRollout(w); most > w.Terminating() {
			t.Errorf("%+v: %d pods terminate at once in a rollout, bound %d", w, most, w.Terminating())
		}
	})
}

// playRollout is the most pods that terminate at once.
func playRollout(w Workload) int {
	surge, unavailable := Fenceposts(w.MaxReplicas, w.SurgePercent, w.UnavailablePercent)
	old, available, most := w.MaxReplicas, 0, 0
	var starting, leaving []int // when each is available, when each is gone
	for now := 0; old > 0; now++ {
		starting, available = expire(starting, now, available)
		leaving, _ = expire(leaving, now, 0)
		for old > 0 && old+available > w.MaxReplicas-unavailable {
			old--
			leaving = append(leaving, now+int(w.GraceSeconds))
		}
		for old+available+len(starting) < w.MaxReplicas+surge && available+len(starting) < w.MaxReplicas {
			starting = append(starting, now+int(w.MinReadySeconds))
		}
		most = max(most, len(leaving))
	}
	return most
}

// expire drops the times that have come and counts them.
func expire(times []int, now, count int) ([]int, int) {
	var left []int
	for _, at := range times {
		if at <= now {
			count++
		} else {
			left = append(left, at)
		}
	}
	return left, count
}
