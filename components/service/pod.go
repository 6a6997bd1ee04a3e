package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
)

// noteChecksum on the pods makes a change of the settings roll them: a running
// process does not read its environment again.
const noteChecksum = "headroom.dev/settings-checksum"

// replicasPath is the autoscaler's. imagePath is the delivery's: it moves the
// image between two runs of Pulumi, and a run must not move it back.
//
// The Kubernetes provider resolves ignored paths against the live object, but
// not through lists (provider/pkg/await/await.go, handleSSAIgnoreFields). For
// the image the engine does it instead: it replaces an ignored input by the
// recorded one (pkg/resource/deploy/step_generator.go, processIgnoreChanges),
// and with `refresh: always` in Pulumi.yaml the recorded one has just been read
// from the cluster. Sending the live value again takes nothing from the other
// field manager. Without that refresh the recorded image would be old; the
// server then answers a conflict, not a rollback.
const (
	replicasPath = "spec.replicas"
	imagePath    = "spec.template.spec.containers[0].image"
)

func liveFields() []string { return []string{replicasPath, imagePath} }

// probe asks an HTTP path of the container.
type probe struct {
	path                                 string
	period, timeout, failures, successes int
}

// probes are startup, readiness and liveness. The startup probe covers three
// times the measured startup before the liveness probe may kill a pod;
// readiness answers first, so that a busy pod loses traffic long before it is
// restarted.
func (w workload) probes() (startup, ready, live probe) {
	const period = 2
	attempts := max(10, int(math.Ceil(3*w.StartupSeconds/period)))
	startup = probe{path: w.Spec.Probes.Readiness, period: period, timeout: 2, failures: attempts, successes: 1}
	ready = probe{path: w.Spec.Probes.Readiness, period: 5, timeout: 2, failures: 3, successes: 1}
	live = probe{path: w.Spec.Probes.Liveness, period: 10, timeout: 5, failures: 6, successes: 1}
	return startup, ready, live
}

// requests and limits of the container; nil leaves the field out.
func (w workload) requests() pulumi.StringMapInput { return amounts(w.Spec.Resources.Requests) }

func (w workload) limits() pulumi.StringMapInput { return amounts(w.Spec.Resources.Limits) }

func amounts(a spec.Amounts) pulumi.StringMapInput {
	out := kube.Amounts(a)
	if len(out) == 0 {
		return nil
	}
	return pulumi.ToStringMap(out)
}

// share is the form of maxSurge and maxUnavailable.
func share(percent float64) pulumi.String { return pulumi.String(fmt.Sprintf("%.0f%%", percent)) }

// readySeconds is the longest that one pod may take to count as available: a
// node for it, its start with the reserve of the startup probe, and
// minReadySeconds.
func (w workload) readySeconds() int {
	startup, _, _ := w.probes()
	return int(math.Ceil(w.NodeBootSeconds)) + startup.period*startup.failures + w.Plan.Rollout.MinReadySeconds
}

// progressSeconds is progressDeadlineSeconds: no step of a rollout may take
// longer. The default of Kubernetes is the least.
func (w workload) progressSeconds() int { return max(600, 2*w.readySeconds()) }

// timeouts let a rollout at the ceiling finish: each step replaces surge plus
// maxUnavailable pods, and the last one may wait for a node.
func (w workload) timeouts() pulumi.ResourceOption {
	seconds := fmt.Sprintf("%ds", max(w.progressSeconds(), w.rolloutSteps()*w.readySeconds()))
	return pulumi.Timeouts(&pulumi.CustomTimeouts{Create: seconds, Update: seconds})
}

func (w workload) rolloutSteps() int {
	r, most := w.Plan.Rollout, w.Plan.MaxReplicas
	surge, unavailable := budget.Fenceposts(most, r.MaxSurgePercent, r.MaxUnavailablePercent)
	return int(math.Ceil(float64(most) / float64(max(1, surge+unavailable))))
}

// checksum identifies an app environment.
func checksum(p plan.Service) string {
	hash := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(p.Env)) {
		fmt.Fprintf(hash, "%s=%s\n", key, p.Env[key])
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}
