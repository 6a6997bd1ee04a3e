package oracle

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	utilfeature "k8s.io/apiserver/pkg/util/feature"

	"github.com/agencyos/headroom/capacity/hpa"
)

const syncsPerSeed = 480 // two hours

// tally counts what the compared syncs did, against passes that prove nothing.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) count(d hpa.Decision, current int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts["syncs"]++
	c.counts[string(d.Outcome)]++
	if d.Limit != hpa.NoLimit {
		c.counts[string(d.Limit)]++
	}
	if d.Stabilized {
		c.counts["stabilized"]++
	}
	switch {
	case d.Replicas > current:
		c.counts["up"]++
	case d.Replicas < current:
		c.counts["down"]++
	}
	if current == 0 && d.Replicas > 0 {
		c.counts["fromZero"]++
	}
}

func (c *tally) String() string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(c.counts)) {
		fmt.Fprintf(&b, " %s %d", k, c.counts[k])
	}
	return b.String()
}

// TestDifferential compares under the default gates and with each switched.
func TestDifferential(t *testing.T) {
	base := hpa.Defaults(hpa.Version(*minor))
	rigid, zero := base, base
	rigid.ConfigurableTolerance, zero.ScaleToZero = false, true
	for _, group := range []struct {
		name     string
		settings hpa.Settings
		share    int // percent of the syncs
	}{{"default", base, 65}, {"zero", zero, 25}, {"rigid", rigid, 10}} {
		t.Run(group.name, func(t *testing.T) {
			if group.name == "rigid" && *minor >= 37 {
				t.Skip("the tolerance of an HPA can no longer be switched off")
			}
			setGates(t, group.settings)
			seeds := max(1, *syncCount*group.share/100/syncsPerSeed)
			begin := time.Now()
			seen := compare(t, group.name, group.settings, seeds)
			t.Logf("seeds %d to %d, %.0f syncs/s:%s", *firstSeed, *firstSeed+uint64(seeds)-1, float64(seen.counts["syncs"])/time.Since(begin).Seconds(), seen)
			seen.require(t, group.settings)
		})
	}
}

// setGates sets the feature gates of the process to those of the settings.
func setGates(t *testing.T, s hpa.Settings) {
	t.Helper()
	set := func(zero, tolerance bool) {
		gates := fmt.Sprintf("HPAScaleToZero=%v,HPAConfigurableTolerance=%v", zero, tolerance)
		if *minor >= 37 { // compares resource versions, which the stubs have not
			gates += ",StaleControllerConsistencyHPA=false"
		}
		if err := utilfeature.DefaultMutableFeatureGate.Set(gates); err != nil {
			t.Fatal(err)
		}
	}
	set(s.ScaleToZero, s.ConfigurableTolerance)
	t.Cleanup(func() { set(false, true) })
}

// compare runs the seeds over all cores, each in a bubble of its own.
func compare(t *testing.T, gates string, settings hpa.Settings, seeds int) *tally {
	seen := &tally{counts: map[string]int{}}
	var next atomic.Uint64
	t.Run("workers", func(t *testing.T) {
		for range runtime.GOMAXPROCS(0) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for {
					n := next.Add(1) - 1
					if n >= uint64(seeds) || t.Failed() {
						return
					}
					one(t, gates, settings, *firstSeed+n, seen)
				}
			})
		}
	})
	return seen
}

func one(t *testing.T, gates string, settings hpa.Settings, seed uint64, seen *tally) {
	synctest.Test(t, func(t *testing.T) {
		rec := newScenario(seed, settings).run(t, min(*syncCount, syncsPerSeed), seen)
		if t.Failed() {
			t.Logf("replay: go test -run Differential/%s -oracle.seed %d -oracle.syncs %d -oracle.record testdata", gates, seed, syncsPerSeed)
		}
		if *recordDir != "" {
			rec.write(t, *recordDir, gates, seed)
		}
	})
}

// require fails a run that compared too little of each kind: metrics that all
// fail, for one, keep the replicas on both sides.
func (c *tally) require(t *testing.T, s hpa.Settings) {
	t.Helper()
	n := c.counts["syncs"]
	if n < 10_000 { // a replay
		return
	}
	least := map[string]int{
		"computed": n / 2, "up": n / 100, "down": n / 100, "stabilized": n / 50, "failing": n / 1000, "aboveMax": n / 20000, "belowMin": n / 20000, "disabled": n / 20000,
		"ScaleUpLimit": n / 500, "ScaleDownLimit": n / 1000, "TooManyReplicas": n / 500, "TooFewReplicas": n / 1000,
	}
	if s.ScaleToZero {
		least["fromZero"] = n / 2000
	}
	for what, want := range least {
		if got := c.counts[what]; got < want {
			t.Errorf("only %d of %d syncs were %s, want %d: the run proves too little", got, n, what, want)
		}
	}
}
