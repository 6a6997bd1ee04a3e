package queue

import (
	"math"
	"sort"
)

// maxServers bounds the search of SmallestServers.
const maxServers = 1 << 20

// MaxUtilization is the largest utilization at which the share quantile of the
// requests is answered within limit seconds, for Poisson arrivals: how hard a
// pod may be driven under a latency SLO. 0 when not even an idle station meets
// the limit; always below 1.
func MaxUtilization(servers int, service, cs2, quantile, limit float64) float64 {
	idle := Station{Servers: servers, Service: service, ArrivalCV2: 1, ServiceCV2: cs2}
	if idle.Saturated() || service == 0 || math.IsNaN(limit) {
		return 0
	}
	return lastTrue(func(rho float64) bool {
		s := idle
		s.Arrival = rho * float64(servers) / service
		return !s.Saturated() && s.SojournQuantile(quantile) <= limit
	})
}

// SmallestServers is the smallest number of servers for which the share q of
// the requests gets one within maxWait seconds, for Poisson arrivals: the size
// of a connection pool. At least 1; 0 when no number up to 2²⁰ will do or the
// parameters have no meaning.
func SmallestServers(arrival, service, cs2, q, maxWait float64) int {
	if !(maxWait >= 0) {
		return 0
	}
	enough := func(c int) bool {
		s := Station{Servers: c, Arrival: arrival, Service: service, ArrivalCV2: 1, ServiceCV2: cs2}
		return !s.Saturated() && s.WaitQuantile(q) <= maxWait
	}
	hi := 1
	for !enough(hi) {
		if hi *= 2; hi > maxServers {
			return 0
		}
	}
	return 1 + sort.Search(hi-1, func(i int) bool { return enough(i + 1) })
}
