// Package rules holds the alerts, the autoscaler's metrics and the dashboards
// against the real Prometheus: its parser, its rule loader and its query engine,
// in this process. It is a module of its own, because Prometheus brings the SDKs
// of every cloud that it discovers targets in.
package rules
