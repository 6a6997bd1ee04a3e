package sim

import (
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// contention is a shared resource as a fluid: servers, and the work that waits.
type contention struct {
	servers float64
	// backlog in server-seconds.
	backlog float64
}

// steady is the utilization beyond which the backlog counts and not the steady
// state.
const steady = 0.98

// wait is the mean wait for a server after an interval with so many visits per
// second; at most most of them can wait at once. Where the servers are a fraction,
// as the credits of a burstable database, whole ones that are slower stand for
// them.
func (c *contention) wait(visits float64, each station.Work, most float64, dt time.Duration) float64 {
	if c.servers <= 0 || visits <= 0 || each.Mean <= 0 {
		c.backlog = 0
		return 0
	}
	c.backlog += (visits*each.Mean - c.servers) * seconds(dt)
	c.backlog = max(0, min(c.backlog, most*each.Mean))
	whole := max(1, math.Round(c.servers))
	s := queue.Station{Servers: int(whole), Arrival: min(visits, steady*c.servers/each.Mean), Service: each.Mean * whole / c.servers, ArrivalCV2: 1, ServiceCV2: each.CV2}
	return c.backlog/c.servers + s.MeanWait()
}

// visiting are the requests of a window that reached the database, retries
// included: those that found a pod, not their answer in the cache, and a
// connection.
func (w *workload) visiting(t station.Window) float64 {
	return max(0, w.missing*(t.Requests-t.Dropped-t.Lost)-t.Refused-t.PoolTimedOut)
}

// contend updates what database and pooler add to every hold, from the visits of
// the window that ended.
func (r *run) contend(dt time.Duration) {
	db := r.Database
	if db == nil {
		return
	}
	var visits, work, spread, clients, held float64
	for i, w := range r.services {
		if w.Station.Pool == nil || db.CPU[i].Mean == 0 {
			continue
		}
		visits += w.visits
		work += w.visits * db.CPU[i].Mean
		spread += w.visits * db.CPU[i].Mean * db.CPU[i].Mean * (1 + db.CPU[i].CV2)
		held += w.visits * w.Station.Pool.Hold.Mean
		clients += float64(w.readyNow * w.Station.Pool.PerPod * (w.Station.Pool.Size + w.Station.Pool.Overflow))
	}
	if work*work == 0 { // no visits, or work of nothing
		r.holdExtra = 0
		return
	}
	queries := clients
	if db.Pooler > 0 {
		queries = min(clients, float64(db.Pooler))
	}
	mean := work / visits * r.slow
	cv2 := max(0, spread*visits/(work*work)-1)
	wait := r.cores.wait(visits, station.Work{Mean: mean, CV2: cv2}, queries, dt)
	hold := held/visits*r.slow + wait
	r.holdExtra = wait + r.pooler.wait(visits, station.Work{Mean: hold, CV2: 1}, clients, dt)
}

// slots are the connections that a service may have open: what the others leave.
func (r *run) slots(w *workload) int {
	if r.Database == nil {
		return 0
	}
	left := r.Database.Usable
	for _, other := range r.services {
		if other != w {
			left -= other.plane.Connections()
		}
	}
	return max(1, left)
}
