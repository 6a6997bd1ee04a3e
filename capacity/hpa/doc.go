// Package hpa is the horizontal pod autoscaler of Kubernetes 1.34 to 1.37 as a
// pure function of time and observation: what the controller would write to
// spec.replicas at a sync, bit for bit, without a cluster or a clock.
//
// An Autoscaler holds what the controller holds for one HPA: its past
// recommendations, its scale events and whether it scaled to zero itself. Call
// Step once per sync with what the controller would read. A Step in the steady
// state allocates nothing.
//
// Sources, all from k8s.io/kubernetes pkg/controller/podautoscaler, read
// 2026-11-23: replica_calculator.go and metrics/utilization.go (the proposal of
// a metric), horizontal.go (the order of decisions, stabilization and rate
// limits), config/v1alpha1/defaults.go (Defaults); and
// pkg/apis/autoscaling/v2/defaults.go and validation (Spec). The versions
// compared are 1.34.2, 1.35.0, 1.36.0 and 1.37.2; Version says where they differ.
// tests/oracle runs the unmodified controller of 1.36.0 against this package on
// random pods, metrics and behaviors and demands the same replicas at every sync;
// its README has the runs against the other three.
//
// What surprises:
//   - Utilization is truncated to a whole percent before it is compared, and the
//     tolerance includes both ends: at target 70 and 10 %, 77.9 % changes nothing.
//   - A resource metric scales the pods that have a sample, not spec.replicas.
//   - Pods that are not ready count as idle on the way up, so CPU scales slower
//     than a service total (External with AverageValue), which ignores pods.
//   - A negative External total with AverageValue counts as an overflow and scales up.
//   - Above max or below min the replicas are set at once: no metric, no limit.
//   - An event is forgotten after the longest period of its own direction, even
//     when a policy of the other direction looks back further.
//
// Not modeled: several HPAs on the same pods (upstream then stops scaling),
// failed writes to the API, and samples of pods that the pod lister no longer has.
// A proposal beyond the range of int32 is what the conversion of the CPU makes of
// it, as upstream, except where upstream caps it.
package hpa
