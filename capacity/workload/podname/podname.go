// Package podname tells the pods of a workload by their names.
package podname

import "regexp"

// Parts of the names that controllers give to pods. Generated parts have neither
// vowels nor digits that look like letters, which keeps most names apart
// (k8s.io/apimachinery pkg/util/rand/rand.go, v0.36); a hash of a template has up
// to ten.
const (
	random = "[bcdfghjklmnpqrstvwxz2456789]{5}"
	hash   = "[bcdfghjklmnpqrstvwxz2456789]{6,10}"
	// longestBase is what stays of a name before the random part
	// (k8s.io/apiserver pkg/storage/names/generate.go, v0.36).
	longestBase = 58
)

// Of is a regular expression of the names of a workload's pods, anchored as
// Prometheus does by itself.
func Of(kind, workload string) string {
	name := regexp.QuoteMeta(workload)
	switch {
	case kind == "StatefulSet":
		return name + "-[0-9]+"
	case kind == "Pod":
		return name
	case kind == "Job":
		return name + index + random
	case kind == "CronJob": // its Jobs carry the minute that they were due
		return name + "-[0-9]+" + index + random
	case kind == "Deployment" && len(workload)+len("-0123456789-") > longestBase:
		return regexp.QuoteMeta(workload[:min(len(workload), longestBase-len("-012345-"))]) + ".*" + random
	case kind == "Deployment":
		return name + "-" + hash + "-" + random
	}
	return name + "-" + random
}

// index of a pod of an Indexed Job
// (https://kubernetes.io/docs/concepts/workloads/controllers/job/, 2026-11).
const index = "-(?:[0-9]+-)?"
