// Package workload is what runs pods in Kubernetes, as objects state it: the
// containers with what they ask for, and the autoscalers over them. It reads the
// form that the API writes, which is that of a manifest, and knows no cluster.
package workload
