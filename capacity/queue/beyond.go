package queue

import "math"

// ResponseQuantile is the quantile of the response time of a request that waits
// in this station but spends a service time of its own, with the given mean in
// seconds and cv²: a web worker queues requests for its CPU, while their
// service also waits for a database that other requests do not wait for. With
// the station's own service it equals SojournQuantile. +Inf when saturated, when
// q ≥ 1, or when service or cv² has no meaning.
func (s Station) ResponseQuantile(q, service, cv2 float64) float64 {
	own := Station{Servers: 1, Service: service, ServiceCV2: cv2}
	switch {
	case s.Saturated() || !own.valid() || !(q < 1):
		return math.Inf(1)
	case q <= 0:
		return 0
	case own.constant():
		return service + s.WaitQuantile(q)
	}
	return service * s.response(service, cv2).quantile(q)
}

// ResponseTail is the share of requests that take longer than t seconds, waiting
// here and being served elsewhere as in ResponseQuantile; 1 when saturated.
func (s Station) ResponseTail(t, service, cv2 float64) float64 {
	own := Station{Servers: 1, Service: service, ServiceCV2: cv2}
	switch {
	case s.Saturated() || !own.valid() || !(t >= 0):
		return 1
	case math.IsInf(t, 1):
		return 0
	case own.constant():
		if t < service {
			return 1
		}
		return s.WaitTail(t - service)
	}
	return s.response(service, cv2).tail(t / service)
}

// response is the distribution of the wait here and the given service, in units
// of that service.
func (s Station) response(service, cv2 float64) response {
	return response{wait: s.WaitProbability(), decay: s.decay() * service, shape: 1 / cv2}
}
