// Package oracle holds capacity/hpa to the real thing: the unmodified controller
// of k8s.io/kubernetes 1.36.0 runs in virtual time (testing/synctest) beside it,
// both see the same random pods, metrics, behaviors and hours of load, and after
// every sync both must have the same replicas and the same conditions.
//
//	go test ./...                                    a run for CI
//	go test -run Differential -oracle.syncs 1000000  a soak
//	go test -run Differential -oracle.seed 17 -oracle.syncs 480 -oracle.record testdata
//
// The last replays one seed and records what upstream did. A divergence is fixed
// in capacity/hpa and its recording kept in testdata, which TestRecordings
// replays. The module is nested so that the replace lines, which k8s.io/kubernetes
// needs, stay out of the main one. The first build takes minutes.
package oracle
