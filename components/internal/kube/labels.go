package kube

import "github.com/agencyos/headroom/capacity/spec"

// Selector is the smallest set of labels that finds a workload's pods. It is
// immutable in a Deployment, so nothing that may change belongs into it.
func Selector(name string) map[string]string { return map[string]string{spec.LabelName: name} }

// Labels are those of every object of a workload.
func Labels(name string) map[string]string {
	return map[string]string{
		spec.LabelName:                 name,
		"app.kubernetes.io/part-of":    "headroom",
		"app.kubernetes.io/managed-by": "pulumi",
	}
}
