package service

import (
	"fmt"
	"strconv"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/kube"
)

// The annotations of a settings ConfigMap. The policy rules read them, because
// an external Deployment is not among the resources.
const (
	noteEngines        = "headroom.dev/db-engines"
	noteDeregistration = "headroom.dev/deregistration-seconds"
	notePreStop        = "headroom.dev/pre-stop-seconds"
	noteDrain          = "headroom.dev/drain-seconds"
	noteMaxSurge       = "headroom.dev/max-surge-percent"
	noteMaxUnavailable = "headroom.dev/max-unavailable-percent"
	noteGrace          = "headroom.dev/grace-seconds"
	noteMinReady       = "headroom.dev/min-ready-seconds"
)

// settingsName is the ConfigMap that an external Deployment includes by envFrom.
func (w workload) settingsName() string { return w.name + "-headroom" }

func (w workload) renderSettings() *corev1.ConfigMapArgs {
	return &corev1.ConfigMapArgs{
		Metadata: kube.Meta(w.Namespace, w.settingsName(), w.name, w.annotations()),
		Data:     pulumi.ToStringMap(w.Plan.Env),
	}
}

// annotations say what the plan proved the rollout with. Who owns an external
// Deployment must roll it like that for the proof to hold.
func (w workload) annotations() map[string]string {
	r := w.Plan.Rollout
	notes := map[string]string{
		noteDeregistration: strconv.Itoa(r.DeregistrationSeconds),
		notePreStop:        strconv.Itoa(r.PreStopSeconds),
		noteDrain:          fmt.Sprintf("%.0f", w.Spec.Rollout.Drain.Seconds()),
		noteMaxSurge:       fmt.Sprintf("%g", r.MaxSurgePercent),
		noteMaxUnavailable: fmt.Sprintf("%g", r.MaxUnavailablePercent),
		noteGrace:          strconv.Itoa(r.GraceSeconds),
		noteMinReady:       strconv.Itoa(r.MinReadySeconds),
	}
	if p := w.Plan.Pool; p != nil {
		notes[noteEngines] = strconv.Itoa(p.Engines)
	}
	return notes
}
