// Package prometheus reads what a Prometheus recorded of a service: its load, its
// latencies, and what its pods used.
//
// It asks for the service by the labels namespace and service, as the autoscaler's
// metrics do, and for its pods by the names that Kubernetes gives to the pods of a
// Deployment. Several metrics may answer the same question; the first one that
// there is is taken, and Source says which.
//
// A token for the API comes from the environment, never from an argument.
package prometheus
