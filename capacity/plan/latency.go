package plan

import (
	"math"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/spec"
)

// quantile of every latency promise.
const quantile = 0.99

// subject is one service with what its predictions need.
type subject struct {
	name string
	spec spec.Service
	base baseline.Service
	// peak are the requests per second that reach the pods today.
	peak float64
	// ttfb and p99 are the stack's promises.
	slo spec.SLO
}

func (in input) subject(name string) subject {
	return subject{name: name, spec: in.stack.Services[name], base: in.base.Services[name], peak: in.peak(name), slo: in.stack.SLO}
}

// station is the queue for the worker processes at a load per pod.
func (s subject) station(perPod float64, pods int) queue.Station {
	policy := queue.Policy(s.spec.Balancing)
	return queue.Pods(policy, pods, s.spec.Servers(), perPod*float64(pods), s.base.CPUMillis*s.spec.Stretch()/1000, 1, s.base.ServiceCV2)
}

// latency are the quantiles of one route in milliseconds, without the wait for
// a database connection.
func (s subject) latency(station queue.Station, route spec.Route) (p99, ttfb float64) {
	r := s.base.Route(route.Key())
	throttled := r.CPUMillis * (s.spec.Stretch() - 1)
	r.ServiceMillis, r.FirstByteMillis = r.ServiceMillis+throttled, r.FirstByteMillis+throttled
	p99 = station.ResponseQuantile(quantile, r.ServiceMillis/1000, r.ServiceCV2) * 1000
	if r.FirstByteMillis == r.ServiceMillis {
		return p99, p99
	}
	return p99, station.ResponseQuantile(quantile, r.FirstByteMillis/1000, r.ServiceCV2) * 1000
}

// promises are the limits of one core route in milliseconds.
func (s subject) promises(route spec.Route) (p99, ttfb float64) {
	answer, first := s.slo.Promises(route)
	return answer.Millis(), first.Millis()
}

// holds says whether every core route keeps its promises at a load per pod, with
// the share for pool waits set aside where the service has a pool.
func (s subject) holds(perPod float64, pods int) bool {
	station := s.station(perPod, pods)
	for _, route := range s.spec.Routes {
		if !route.Core {
			continue
		}
		p99, ttfb := s.latency(station, route)
		limit, first := s.promises(route)
		wait := s.poolWaitLimit()
		if p99 > limit-wait || ttfb > first-wait {
			return false
		}
	}
	return true
}

// poolWaitLimit is the part of the promise, in milliseconds, that waiting for a
// connection may take.
func (s subject) poolWaitLimit() float64 {
	if s.base.Database == nil {
		return 0
	}
	return poolWaitShare * s.slo.P99.Millis()
}

// safe is the largest share of the knee at which the promises hold.
func (s subject) safe(pods int) float64 {
	const step = 0.005
	low, high := 0, int(1/step)
	for low < high {
		mid := (low + high + 1) / 2
		if s.holds(float64(mid)*step*s.base.KneeRPS, pods) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return float64(low) * step
}

// tolerance of the autoscaler on the way up.
func (s subject) tolerance() float64 { return Tolerance(s.spec) }

// Tolerance of a service's autoscaler on the way up.
func Tolerance(v spec.Service) float64 {
	if t := v.Autoscaling.Tolerance; t != nil {
		return t.Ratio()
	}
	return budget.Tolerance
}

// replicas that the autoscaler runs at a load.
func replicas(load, targetRPS float64, low, high int) int {
	return min(max(ceil(load/targetRPS), low), high)
}

// perPod is the most that a pod carries anywhere on the way up to a load: the
// floor shares the load until the autoscaler acts, at its tolerance above the
// target, and the ceiling shares what goes beyond. It never falls while the load
// rises, so what holds at a load holds at every smaller one.
func (s subject) perPod(load, targetRPS float64, low, high int) float64 {
	return math.Max(load/float64(high), math.Min(load/float64(low), targetRPS*(1+s.tolerance())))
}

// poolStation is the queue for the connections of one engine in one worker.
func (s subject) poolStation(perPodRPS float64, connections int, engines int) queue.Station {
	use := s.base.Database
	arrivals := perPodRPS * (1 - s.base.CacheHitRatio) / float64(s.spec.Workers*engines)
	return queue.Station{Servers: connections, Arrival: arrivals, Service: use.HoldMillis / 1000, ArrivalCV2: 1, ServiceCV2: use.HoldCV2}
}
