package fit

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/agencyos/headroom/capacity/baseline/loadtest"
)

// pod is a pod whose truth is known: requests come at random, wait for one of its
// workers, and are served for a gamma time, of which the worker is busy for a part.
type pod struct {
	workers int
	// millis in service with their cv², and the share in which the worker is busy.
	millis, cv2, busy float64
	// cpu per request and idle burn.
	cpuMillis, idleMilli float64
}

var began = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// request as it happened, in seconds.
type request struct{ start, end float64 }

// run sends so many requests at every rate, with a pause of a second between them.
func (p pod) run(seed uint64, each int, rates ...float64) [][]request {
	random := rand.New(rand.NewPCG(seed, 1))
	between, service := distuv.Exponential{Rate: 1, Src: random}, distuv.Gamma{Alpha: 1 / p.cv2, Beta: 1 / p.cv2, Src: random}
	now := 0.0
	var steps [][]request
	for _, rate := range rates {
		free := make([]float64, p.workers)
		for i := range free {
			free[i] = now
		}
		var step []request
		for range each {
			now += between.Rand() / rate
			first := 0
			for i := range free {
				if free[i] < free[first] {
					first = i
				}
			}
			begin, served := math.Max(now, free[first]), p.millis/1000*service.Rand()
			free[first] = begin + served*p.busy
			step = append(step, request{now, begin + served})
		}
		now++
		steps = append(steps, step)
	}
	return steps
}

// k6 are the requests as k6 writes them, tagged by step.
func k6(steps [][]request) []byte {
	var out bytes.Buffer
	out.WriteString(`{"type":"Metric","data":{"name":"http_req_duration","type":"trend"},"metric":"http_req_duration"}` + "\n")
	for i, step := range steps {
		for _, r := range step {
			fmt.Fprintf(&out, `{"metric":"http_req_duration","type":"Point","data":{"time":%q,"value":%.6f,"tags":{"expected_response":"true","method":"GET","name":"GET /","step":"%d"}}}`+"\n",
				began.Add(time.Duration(r.end*1e9)).Format(time.RFC3339Nano), 1000*(r.end-r.start), i)
		}
	}
	return out.Bytes()
}

// usage of the pod in tenths of a second, with noise of 5 %.
func (p pod) usage(seed uint64, steps [][]request) loadtest.Usage {
	const each = 10 // a second
	random := rand.New(rand.NewPCG(seed, 2))
	last := steps[len(steps)-1]
	counts := make([]float64, int(each*last[len(last)-1].start)+1)
	for _, step := range steps {
		for _, r := range step {
			counts[int(each*r.start)]++
		}
	}
	var times []time.Time
	var milli []float64
	for i, n := range counts {
		times = append(times, began.Add(time.Duration(i)*time.Second/each))
		milli = append(milli, (each*n*p.cpuMillis+p.idleMilli)*(1+0.05*random.NormFloat64()))
	}
	return loadtest.NewUsage(times, milli, nil)
}

// read is the whole way from k6's output to a test.
func read(t testing.TB, data []byte) loadtest.Test {
	t.Helper()
	test, err := loadtest.Read(loadtest.K6, []loadtest.File{{Name: "run.ndjson", Content: bytes.NewReader(data)}}, loadtest.Options{Discard: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return test
}

func (p pod) subject() Subject {
	return Subject{Name: "api", Servers: p.workers, Stretch: 1, RequestMilli: 1000, P99Millis: 1e6, FailedShare: 0.001}
}

// fitted is the result of a test of the pod.
func (p pod) fitted(t testing.TB, seed uint64, each int, rates ...float64) Result {
	t.Helper()
	steps := p.run(seed, each, rates...)
	test, err := read(t, k6(steps)).WithUsage(p.usage(seed, steps))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Of(test, p.subject())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func figure(r Result, name string) float64 {
	for _, f := range r.Figures {
		if f.Path == "services.api."+name {
			return f.Value
		}
	}
	return math.NaN()
}
