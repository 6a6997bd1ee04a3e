// Package cluster reads a running Kubernetes cluster: what is set on the objects
// that a plan decides about, and what pods use. It changes nothing there: it only
// gets and lists.
package cluster
