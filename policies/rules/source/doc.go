// Package source reads declared resources from what is at hand: Kubernetes
// manifests, the JSON of a preview, and a state export. All become the same
// resources for the same rules. What a source does not carry stays unknown: a
// manifest has no resource options, and no rule takes their absence for a fault.
package source
