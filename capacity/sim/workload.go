package sim

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/load"
)

// scheduling is the time from a pod on a node to its container: binding, sandbox
// and container start. 2 s is a planning choice below what the SLO of Kubernetes
// allows, 5 s at the 99th percentile (github.com/kubernetes/community
// sig-scalability/slos/pod_startup_latency.md, 2026-11); image pulls come on top.
const scheduling = 2 * time.Second

// A lost node is noticed by the load balancer's health checks first, two at 15 s
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html,
// 2026-11), and then by Kubernetes, whose node-monitor-grace-period is 50 s
// (github.com/kubernetes/kubernetes pkg/controller/nodelifecycle/config, v1.36);
// the cloud controller removes the node of a terminated instance soon after.
const (
	balancerNotices = 30 * time.Second
	clusterNotices  = 60 * time.Second
)

// phase of a pod as the API server shows it.
type phase uint8

const (
	pending  phase = iota // no node
	starting              // on a node, not yet Ready
	ready
	terminating
	gone
)

// pod is one replica.
type pod struct {
	phase phase
	// lost is a pod whose node is gone, which the API server does not know yet.
	lost bool
	// veteran is one of those that the autoscaler sees as one.
	veteran    bool
	fleet      int // id at the fleet
	generation int
	uid        uint64
	created    time.Duration
	started    time.Duration // on a node; unplaced without one
	ready      time.Duration // became Ready
	cpu        usage
	counter    series
}

// unplaced is the start of a pod without a node.
const unplaced = time.Duration(math.MaxInt64 / 2)

// running is when the container of a pod with a node runs.
func (p *pod) running() time.Duration { return p.started + scheduling }

// exists says whether the Deployment counts the pod.
func (p *pod) exists() bool { return p.phase <= ready }

// serves says whether the pod takes requests and answers them.
func (p *pod) serves() bool { return p.phase == ready && !p.lost }

// workload is one service with its pods and its autoscaler.
type workload struct {
	*Service
	index  int
	plane  plane
	scaler *hpa.Autoscaler
	cursor load.Cursor
	uids   *rand.Rand
	// pods by id; live are the ids of those that exist, young those of them that are
	// no veterans, leaving those that a node which is drained waits for.
	pods                 []pod
	live, young, leaving []int
	veterans             int
	common               usage // of a veteran
	// replicas that were asked for, generation of the pod template.
	replicas   int
	generation int
	readyNow   int
	// advanced is until when the plane has served, visits what reached the database
	// per second of the last window.
	advanced time.Duration
	visits   float64
	missing  float64 // share of requests that miss the cache
	cdnHits  float64
	outage   time.Duration // until when its metrics fail
	signals  []signal
	seesPods bool  // the autoscaler looks at them
	counted  []int // pods with a series at Prometheus
	view     view
	story    story
}

// healthy pods, as the controller of disruption budgets counts them.
func (w *workload) healthy() int {
	n := 0
	for _, id := range w.live {
		if w.pods[id].phase == ready {
			n++
		}
	}
	return n
}
