package service

import (
	"fmt"
	"strconv"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/components/internal/adopt"
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
	// noteRequests and cpu or memory is what a pod asks of its node.
	noteRequests = "headroom.dev/requests-"
	// noteTarget is the Deployment that the settings are for.
	noteTarget = "headroom.dev/deployment"
)

// settingsSuffix makes a service's name that of its settings.
const settingsSuffix = "-headroom"

// settingsName is the ConfigMap that an external Deployment includes by envFrom.
func (w workload) settingsName() string { return w.Spec.SettingsName(w.name) }

// renderSettings is the app environment; in an adopted ConfigMap it stands
// beside what is there.
func (w workload) renderSettings(before live) *corev1.ConfigMapArgs {
	if before.settings == nil {
		return &corev1.ConfigMapArgs{
			Metadata: kube.Meta(w.Namespace, w.settingsName(), w.name, w.annotations()),
			Data:     pulumi.ToStringMap(w.Plan.Env),
		}
	}
	meta := before.settings.Metadata
	return &corev1.ConfigMapArgs{
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String(w.settingsName()), Namespace: pulumi.String(w.Namespace),
			Labels:      over(meta.Labels(), kube.Labels(w.name)),
			Annotations: over(meta.Annotations(), w.annotations()),
		},
		Data: over(before.settings.Data, w.Plan.Env, plan.EnvNames...),
	}
}

// over is adopt.Over on a map that is read.
func over(read pulumi.StringMapOutput, set map[string]string, ours ...string) pulumi.StringMapOutput {
	return pulumix.Cast[pulumi.StringMapOutput](pulumix.Apply(read, func(m map[string]string) map[string]string {
		return adopt.Over(m, set, ours...)
	}))
}

// annotations say what the plan proved the rollout and the room on nodes with. Who
// owns an external Deployment must roll and size it like that for the proof to hold.
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
	for resource, amount := range kube.Amounts(w.Spec.Resources.Requests) {
		notes[noteRequests+resource] = amount
	}
	if target := w.Spec.Target(w.name); w.settingsName() != target+settingsSuffix {
		notes[noteTarget] = target
	}
	if p := w.Plan.Pool; p != nil {
		notes[noteEngines] = strconv.Itoa(p.Engines)
	}
	return notes
}
