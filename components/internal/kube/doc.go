// Package kube holds what every Kubernetes component renders alike: labels,
// quantities in the server's own spelling, hardened pods and their spread.
package kube
