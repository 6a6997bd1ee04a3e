// Package history reduces what a monitoring system recorded of a service in
// production to steps of load per pod, so that the same facts are fitted to them as
// to a load test.
//
// Production differs from a test in three ways, and the reduction says so. Its pods
// seldom reach their knee, so that the highest load they carried is only a lower
// bound of it. Its latencies come as histograms, so that a p99 is known as well as
// the bucket that it falls into. And its load rises and falls by the hour, so that
// what belongs to one load is put together from many windows of time.
//
// The package is pure: the queries and their answers are of live/prometheus.
package history
