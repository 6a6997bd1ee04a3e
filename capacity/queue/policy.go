package queue

// Policy is how a load balancer picks the pod for a request.
type Policy string

// The policies.
const (
	// RoundRobin takes the pods in turn: the default of an AWS ALB.
	RoundRobin Policy = "roundRobin"
	// Random picks any pod: kube-proxy in iptables mode.
	Random Policy = "random"
	// LeastOutstanding picks the pod with the fewest open requests: an ALB with
	// least_outstanding_requests, or Envoy's least-request.
	LeastOutstanding Policy = "leastOutstanding"
)

// Valid reports whether the policy is one of the three.
func (p Policy) Valid() bool { return p == RoundRobin || p == Random || p == LeastOutstanding }

// Pods is the station that a request sees behind a load balancer with the given
// policy: totalArrival requests per second over pods of serversPerPod workers,
// service time and both cv² as in Station.
//
// Random gives each pod a queue of its own at 1/pods of the rate. Thinning a
// stream at random makes it Poisson-like: its cv² becomes 1 + (ca2−1)/pods,
// never taken below 1.
//
// RoundRobin is treated alike. One balancer in strict turn would space the
// arrivals of a pod out (cv² ca2/pods), but a real one is many nodes and
// workers, each with its own turn, whose superposition is near Poisson again. To
// count on the spacing would be optimistic.
//
// LeastOutstanding is one pool of all workers. No balancer reaches it, since
// none moves a request that already waits, so it is the optimistic bound: with
// 80 % load and 20 pods of 4 workers its p99 is a third below the others'.
//
// An unknown policy counts as Random; no pods or workers is saturation.
func Pods(policy Policy, pods, serversPerPod int, totalArrival, service, ca2, cs2 float64) Station {
	s := Station{Servers: serversPerPod, Arrival: totalArrival, Service: service, ArrivalCV2: ca2, ServiceCV2: cs2}
	if pods < 1 || serversPerPod < 1 {
		s.Servers = 0
		return s
	}
	if policy == LeastOutstanding {
		s.Servers *= pods
		return s
	}
	s.Arrival /= float64(pods)
	if ca2 >= 0 { // a meaningless cv² stays meaningless
		s.ArrivalCV2 = max(1, 1+(ca2-1)/float64(pods))
	}
	return s
}
