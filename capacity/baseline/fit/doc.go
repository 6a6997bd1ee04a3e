// Package fit turns the steps of a load test into the facts of a baseline.
//
// The knee is the largest load before the first of these breaks: answers keep up
// with the load, nothing is dropped, failures stay within the SLO, the p99 stays
// within the SLO, throughput still rises with concurrency (Kneedle), and the
// Universal Scalability Law has not peaked. Steps that do not keep up are
// saturated: their latencies describe the test, not the service, and nothing is
// fitted to them.
//
// The two highest steps that are not saturated are held out. From the others come
// the CPU per request and the idle burn (the utilization law U = X·D + idle, by
// regression), and the time in service and its variability, which is what latency
// is when nothing waits. Then the held-out steps are predicted by the queue that
// plans are made with, and the error of that is stated.
//
// Everything is deterministic, and no step's name or order matters.
package fit
