package fit

import (
	"math"

	"github.com/agencyos/headroom/capacity/queue"
)

// The models of what requests wait for in a pod.
const (
	// EventLoop waits for CPU alone: a worker takes the next request while others
	// wait for the database. Plans are made with it.
	EventLoop = "eventLoop"
	// Blocking keeps its worker for the whole time in service.
	Blocking = "blocking"
	// Sharing has all requests share the CPU at once, as goroutines do.
	Sharing = "sharing"
	// Occupancy keeps its worker for a time that is fitted.
	Occupancy = "occupancy"
)

// service is the time that a request spends when nothing waits.
type service struct {
	// millis on average, without what a CPU limit adds, and its cv².
	millis, cv2 float64
	// stdErr of millis.
	stdErr float64
}

// model predicts the latency of a pod.
type model struct {
	name    string
	servers int
	// cpu of a request and what a CPU limit stretches it to, and how long a request
	// keeps its worker, in milliseconds. cpu is 0 where it is not known.
	cpu, stretch, busy float64
	parameters         int
}

// station is the queue for the workers at a load.
func (m model) station(s Step, v service) queue.Station {
	busy := m.busy
	if m.name == Blocking {
		busy = v.millis + m.throttled()
	}
	return queue.Station{Servers: m.servers, Arrival: s.AchievedRPS, Service: busy / 1000, ArrivalCV2: s.ArrivalCV2, ServiceCV2: v.cv2}
}

// throttled is what a CPU limit adds to the time in service.
func (m model) throttled() float64 { return m.cpu * (m.stretch - 1) }

// unthrottled is a time in service without what a CPU limit adds, which is not all
// of it.
func (m model) unthrottled(whole float64) float64 { return math.Max(whole-m.throttled(), whole/10) }

// quantile of the latency, in milliseconds; +Inf where the model is saturated.
func (m model) quantile(s Step, v service, q float64) float64 {
	at, whole := m.station(s, v), v.millis+m.throttled()
	if m.name != Sharing {
		return 1000 * at.ResponseQuantile(q, whole/1000, v.cv2)
	}
	if at.Saturated() {
		return math.Inf(1)
	}
	// CPU work takes longer by the factor of the mean (Zwart and Boxma 2000 for the
	// tail, doi 10.1023/A:1019102409083), the rest of the service does not.
	lone := queue.Station{Servers: m.servers, Service: whole / 1000, ServiceCV2: v.cv2}
	slower := 1 + (at.PSMean()/at.Service-1)*m.busy/whole
	return 1000 * slower * lone.SojournQuantile(q)
}

// wait is the mean and the variance of what a request waits, in milliseconds.
func (m model) wait(s Step, v service) (mean, variance float64) {
	at := m.station(s, v)
	if m.name == Sharing {
		extra := 1000 * (at.PSMean() - at.Service)
		ratio := extra / (v.millis + m.throttled())
		return extra, v.cv2 * v.millis * v.millis * (ratio*ratio + 2*ratio)
	}
	mean = 1000 * at.MeanWait()
	p := at.WaitProbability()
	if !(p > 0) || math.IsInf(mean, 1) {
		return mean, 0
	}
	each := mean / p // of those who wait, whose wait is exponential
	return mean, 2*p*each*each - mean*mean
}

// light is the share of the latency that waiting may be in a step from which the
// time in service is taken.
const light = 0.1

// serve is the time in service by the lightest step and every other in which next to
// nothing waits, less what the model says that requests waited. As that depends on
// the time in service, it is found in rounds.
func (m model) serve(steps []Step) service {
	first := steps[0]
	v := service{millis: m.unthrottled(first.MeanMillis), cv2: first.CV2, stdErr: first.MeanStdErr}
	for range 10 {
		var sum, variance, errors, weights float64
		for i, s := range steps {
			mean, spread := m.wait(s, v)
			if i > 0 && !(mean <= light*s.MeanMillis) {
				continue
			}
			mean = math.Min(mean, s.MeanMillis/2) // a model that explains too much explains nothing
			weight := math.Max(1, float64(s.Requests))
			weights += weight
			sum += weight * (s.MeanMillis - mean)
			variance += weight * math.Max(0, s.CV2*s.MeanMillis*s.MeanMillis-spread)
			errors += weight * weight * s.MeanStdErr * s.MeanStdErr
		}
		whole := sum / weights
		v.millis, v.stdErr = m.unthrottled(whole), math.Sqrt(errors)/weights
		v.cv2 = math.Max(leastCV2, variance/weights/(whole*whole))
	}
	return v
}

// leastCV2 of a service: no measurement is finer.
const leastCV2 = 1e-3

// misfit is the sum of the squared logarithmic errors of p50 and p99, and their
// number.
func (m model) misfit(steps []Step, v service) (squares float64, terms int) {
	for _, s := range steps {
		for q, measured := range map[float64]float64{0.5: s.P50Millis, 0.99: s.P99Millis} {
			if measured > 0 {
				off := math.Log(m.quantile(s, v, q) / measured)
				squares, terms = squares+off*off, terms+1
			}
		}
	}
	return squares, terms
}

// akaike is the criterion of Akaike for least squares, corrected for few terms
// (Burnham and Anderson, Model Selection and Multimodel Inference, 2002, section
// 7.2): the smallest is the best model.
func akaike(squares float64, terms, parameters int) float64 {
	n, k := float64(terms), float64(parameters+1) // the variance is a parameter, too
	if !(n > k+1) {
		return math.Inf(1)
	}
	return n*math.Log(squares/n) + 2*k + 2*k*(k+1)/(n-k-1)
}
