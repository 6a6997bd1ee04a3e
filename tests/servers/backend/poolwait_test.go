//go:build linux

package backend

import (
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/agencyos/headroom/capacity/plan"
)

// The load that every pool gets: so many connections busy on average, for so many
// seconds each. Of the promise 200 ms may go into waiting.
const (
	poolBusy    = 1.6
	poolHold    = 0.040
	poolSeconds = 60
)

var alone = []string{patient, "traffic.growth=1", "services.backend.workers=1", "slo.p99=4s", "slo.ttfb=4s",
	"services.backend.autoscaling={minReplicas: 2, maxReplicas: 2}"}

// A pool too small makes requests wait, as long as the check says: waits for the
// example's own pool at three sizes under one load, against what the plan predicts of
// the load and the holds of the same run. No request is HTTP here and no hold takes
// CPU, so that nothing but the pool makes anybody wait.
func TestPoolWait(t *testing.T) {
	p := open(t, options{sets: alone})
	sizes := []int{2, 3, 4}
	runs := make(chan waiting)
	for _, size := range sizes {
		go func() { runs <- p.ask(t, size) }()
	}
	seen := map[int]waiting{}
	for range sizes {
		w := <-runs
		if w.err != nil {
			t.Fatal(w.err)
		}
		seen[w.size] = w
	}
	ping := seen[slices.Max(sizes)].ping()
	lines := [][]any{{"connections", "requests/s", "hold", "p99 planned", "p99 measured", "limit", "check", "lag"}}
	for _, size := range sizes {
		w := seen[size]
		w.checkout = ping
		check, measured, off := p.predicted(t, w), w.p99(), w.lag()
		lines = append(lines, []any{size, w.RPS, 1000 * w.hold(), check.Have, measured, check.Limit, check.OK, off})
		if check.OK != (size > 2) {
			t.Errorf("%d connections: the check holds: %v", size, check.OK)
		}
		// Near saturation a wait is a matter of chance.
		if full := w.hold()*w.RPS >= 0.9*float64(size); !full && math.Abs(float64(check.Have)-measured) > max(10, 0.4*measured)+3*off {
			t.Errorf("%d connections: the plan says %.0f ms, measured %.0f where the machine is late by %.0f", size, check.Have, measured, off)
		}
		if check.OK && measured > float64(check.Limit)+3*off || !check.OK && measured < float64(check.Limit) {
			t.Errorf("%d connections: the check holds: %v, with %.0f ms of at most %.0f", size, check.OK, measured, check.Limit)
		}
	}
	table(t, "p99 wait for a connection of the pool, in ms", lines...)
}

// waiting is what requests saw of a pool, in seconds.
type waiting struct {
	size  int
	err   error
	RPS   float64   `json:"rps"`
	Waits []float64 `json:"waits"`
	Holds []float64 `json:"holds"`
	Lags  []float64 `json:"lags"`
	// checkout is what it takes to get a free connection.
	checkout float64
}

// ask a pool of so many connections.
func (p *product) ask(t *testing.T, size int) (w waiting) {
	cmd := exec.CommandContext(t.Context(), python, "testdata/pool.py")
	for name, value := range map[string]any{"PYTHONPATH": p.app, "PYTHONDONTWRITEBYTECODE": 1, "DATABASE_URL": p.databaseURL,
		"DB_POOL_SIZE": size, "DB_MAX_OVERFLOW": 0, "DB_POOL_TIMEOUT": 30, "BUSY": poolBusy, "HOLD": poolHold, "SECONDS": poolSeconds} {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%v", name, value))
	}
	out, err := cmd.CombinedOutput()
	if err == nil {
		err = json.Unmarshal(out, &w)
	}
	if err != nil {
		err = fmt.Errorf("a pool of %d: %w\n%s", size, err, out)
	}
	w.size, w.err = size, err
	slices.Sort(w.Waits)
	slices.Sort(w.Lags)
	return w
}

// ping is what a checkout takes that finds a free connection: SQLAlchemy asks the
// server whether it is alive, and holds the connection already.
func (w waiting) ping() float64 { return stat.Quantile(0.1, stat.Empirical, w.Waits, nil) }

func (w waiting) hold() float64 { return stat.Mean(w.Holds, nil) + w.checkout }

// p99 of the waits in milliseconds.
func (w waiting) p99() float64 {
	return 1000 * (stat.Quantile(0.99, stat.Empirical, w.Waits, nil) - w.checkout)
}

// lag is the p99 of how late the machine is, in milliseconds.
func (w waiting) lag() float64 { return 1000 * stat.Quantile(0.99, stat.Empirical, w.Lags, nil) }

// predicted is the check db-pool-wait with what was measured of load and holds.
func (p *product) predicted(t *testing.T, w waiting) plan.Part {
	t.Helper()
	base := measured(t)
	v := base.Services[service]
	use := *v.Database
	mean, variance := stat.MeanVariance(w.Holds, nil)
	use.HoldMillis, use.HoldCV2 = 1000*w.hold(), variance/(mean*mean)
	v.Database, v.CacheHitRatio, v.CacheOpsPerRequest, v.Fit = &use, 0, 0, nil
	v.ServiceMillis = max(v.ServiceMillis, use.HoldMillis)
	base.Services[service] = v
	_, planned := planned(t, base, append(alone[1:], fmt.Sprintf("services.backend.peakRps=%.2f", 2*w.RPS), // two pods share it
		fmt.Sprintf("services.backend.pool={size: %d, maxOverflow: 0}", w.size))...)
	return part(t, planned, "db-pool-wait", service)
}
