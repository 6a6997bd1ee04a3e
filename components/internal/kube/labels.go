package kube

// LabelName is the label that selects the pods of a workload.
const LabelName = "app.kubernetes.io/name"

// Selector is the smallest set of labels that finds a workload's pods. It is
// immutable in a Deployment, so nothing that may change belongs into it.
func Selector(name string) map[string]string { return map[string]string{LabelName: name} }

// Labels are those of every object of a workload.
func Labels(name string) map[string]string {
	return map[string]string{
		LabelName:                      name,
		"app.kubernetes.io/part-of":    "headroom",
		"app.kubernetes.io/managed-by": "pulumi",
	}
}
