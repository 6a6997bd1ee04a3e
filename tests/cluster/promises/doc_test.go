// Package promises measures on a real control plane what the plan promises, with
// the manifests as cmd/preview renders them. TestPromises prints a table: what was
// promised, what was measured, and whether it held. What is real in it and what is
// simulated is written in docs/cluster.md.
package promises
