package fit

import (
	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/spec"
)

// Subject is what has to be known of a service besides its load test.
type Subject struct {
	// Name of the service.
	Name string
	// Servers are the requests that a pod truly works on at once.
	Servers int
	// Stretch is how much longer CPU work takes under the pod's CPU limit.
	Stretch float64
	// RequestMilli is the CPU request of a pod, in millicores; 0 is not known.
	RequestMilli float64
	// P99Millis is the promise for all requests together.
	P99Millis float64
	// FailedShare of the requests may fail.
	FailedShare float64
	// Routes are the promises for single routes, by their key.
	Routes map[string]Promise
	// CPUMillis of a request, from elsewhere; it counts where the test has no CPU.
	CPUMillis float64
}

// Promise of a route.
type Promise struct {
	Core      bool
	P99Millis float64
}

// SubjectOf a service of a stack, and of what is known of it.
func SubjectOf(stack spec.Stack, name string, known baseline.Service) Subject {
	v := stack.Services[name]
	s := Subject{
		Name: name, Servers: v.Servers(), Stretch: v.Stretch(), RequestMilli: float64(v.Resources.Requests.CPU),
		P99Millis: stack.SLO.P99.Millis(), FailedShare: 1 - stack.SLO.Availability.Ratio(), CPUMillis: known.CPUMillis, Routes: map[string]Promise{},
	}
	for _, r := range v.Routes {
		p := Promise{Core: r.Core, P99Millis: s.P99Millis}
		if r.P99 != nil {
			p.P99Millis = r.P99.Millis()
		}
		s.Routes[r.Key()] = p
	}
	return s
}
