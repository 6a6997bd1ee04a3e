// Package operator holds the custom resources of a stack against the real
// Prometheus operator, in this process: its types decode them strictly, its
// validation accepts them, and what it makes of them is loaded by Prometheus and
// Alertmanager and does what was meant. It is a module of its own, because the
// operator brings the Kubernetes client and every cloud's SDK.
package operator
