package prometheus

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/agencyos/headroom/capacity/queue"
)

// production is a service whose truth is known, as Prometheus would have recorded it.
type production struct {
	pods                 []string
	workers              int
	cpuMillis, idleMilli float64
	serviceMillis, cv2   float64
	// night and day are the requests per second of one pod at their lowest and highest.
	night, day float64
	failed     float64
	// startup is the slower of the two, in seconds.
	startup float64
	// throttled is the share of CFS periods.
	throttled float64
}

var truth = production{
	pods: []string{"backend-6d4f9c7b5d-bcdfg", "backend-6d4f9c7b5d-hjklm"}, workers: 2,
	cpuMillis: 8, idleMilli: 25, serviceMillis: 22, cv2: 0.6, night: 20, day: 180, failed: 0.0005, startup: 11, throttled: 0.2,
}

const (
	scrape = time.Minute
	length = 3 * 24 * time.Hour
	// gapAt is when nothing was scraped for gap, and a pod began anew at resetAt.
	gapAt, gap, resetAt = 30 * time.Hour, 40 * time.Minute, 50 * time.Hour
)

var bounds = []float64{0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.075, 0.1, 0.125, 0.15, 0.2, 0.3, 0.5, 1}

// rate of one pod, so long after the past began: days with their peaks in the
// fourteenth hour, and unrest of some percent. The wall clock has no part in it, so that
// every run has the same past.
func (p production) rate(since time.Duration, unrest float64) float64 {
	light := (1 + math.Cos(2*math.Pi*(since.Hours()-14)/24)) / 2
	return (p.night + (p.day-p.night)*light*light) * (1 + unrest)
}

func (p production) station(rate float64) queue.Station {
	return queue.Station{Servers: p.workers, Arrival: rate, Service: p.cpuMillis / 1000, ArrivalCV2: 1, ServiceCV2: p.cv2}
}

// counters of one pod.
type counters struct {
	ok, failed, cpu, seconds float64
	// periods of CFS, ten in a second.
	periods float64
	buckets []float64
}

// write is what the scrapes up to a moment would have recorded, as OpenMetrics.
func (p production) write(t *testing.T, path string, end time.Time) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	random := rand.New(rand.NewPCG(1, 1))
	pods := make([]counters, len(p.pods))
	for i := range pods {
		pods[i].buckets = make([]float64, len(bounds))
	}
	unrest := 0.0
	for at := end.Add(-length); !at.After(end); at = at.Add(scrape) {
		since := at.Sub(end.Add(-length))
		unrest = 0.95*unrest + 0.01*random.NormFloat64()
		for i := range pods {
			if i == 1 && since == resetAt {
				pods[i] = counters{buckets: make([]float64, len(bounds))}
			}
			p.pass(&pods[i], random, p.rate(since, unrest))
			if since < gapAt || since >= gapAt+gap {
				p.expose(out, p.pods[i], pods[i], at)
			}
		}
	}
	fmt.Fprintln(out, "# EOF")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// pass lets one scrape interval pass.
func (p production) pass(c *counters, random *rand.Rand, rate float64) {
	n := distuv.Poisson{Lambda: rate * scrape.Seconds(), Src: random}.Rand()
	failed := math.Round(n * p.failed)
	c.ok, c.failed = c.ok+n-failed, c.failed+failed
	c.periods += 10 * scrape.Seconds()
	c.cpu += (n*p.cpuMillis/1000 + p.idleMilli/1000*scrape.Seconds()) * (1 + 0.03*random.NormFloat64())
	s := p.station(rate)
	c.seconds += n * (s.MeanWait() + p.serviceMillis/1000)
	for i, bound := range bounds {
		c.buckets[i] += n * (1 - s.ResponseTail(bound, p.serviceMillis/1000, p.cv2))
	}
}

// expose writes a scrape of one pod: what the app exports, the kubelet and
// kube-state-metrics, with the neighbors that a query must not take.
func (p production) expose(out *bufio.Writer, pod string, c counters, at time.Time) {
	line := func(name, labels string, value float64) {
		fmt.Fprintf(out, "%s{%s} %.6f %d\n", name, labels, value, at.Unix())
	}
	app := fmt.Sprintf(`namespace="agencyos",service="backend",pod=%q`, pod)
	line("http_requests_total", app+`,status="200"`, c.ok)
	line("http_requests_total", app+`,status="503"`, c.failed)
	for i, bound := range bounds {
		line("http_request_duration_seconds_bucket", fmt.Sprintf(`%s,le="%g"`, app, bound), c.buckets[i])
	}
	line("http_request_duration_seconds_bucket", app+`,le="+Inf"`, c.ok+c.failed)
	line("http_request_duration_seconds_sum", app, c.seconds)
	cluster := fmt.Sprintf(`namespace="agencyos",pod=%q`, pod)
	line("container_cpu_usage_seconds_total", cluster+`,container="api"`, c.cpu)
	line("container_cpu_usage_seconds_total", cluster+`,container=""`, c.cpu)
	line("container_cpu_usage_seconds_total", fmt.Sprintf(`namespace="agencyos",pod="backend-admin-%s",container="api"`, pod[len("backend-"):]), 3*c.cpu)
	line("container_cpu_cfs_periods_total", cluster+`,container="api"`, c.periods)
	line("container_cpu_cfs_throttled_periods_total", cluster+`,container="api"`, p.throttled*c.periods)
	line("container_memory_working_set_bytes", cluster+`,container="api"`, 300*(1<<20))
	line("kube_pod_status_ready", cluster+`,condition="true"`, 1)
	line("kube_pod_status_ready", cluster+`,condition="false"`, 0)
	if pod == p.pods[1] {
		line("kube_pod_container_status_last_terminated_reason", cluster+`,container="api",reason="OOMKilled"`, 1)
	}
	const started = 1.79e9
	took := p.startup
	if pod == p.pods[0] {
		took -= 2
	}
	line("kube_pod_container_state_started", cluster+`,container="api"`, started)
	line("kube_pod_status_ready_time", cluster, started+took)
}
