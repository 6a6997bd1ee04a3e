package kube

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/monitors"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Exporter is a container that turns the state of a server into metrics.
type Exporter struct {
	Image string
	Args  []string
	Port  int
	Env   corev1.EnvVarArray
	// Workload is what the plan counted it with.
	Workload plan.Workload
	Mounts   corev1.VolumeMountArray
}

// Container needs no privilege. Its memory request is also the limit: what leaks
// must not take the node with it.
func (e Exporter) Container() corev1.ContainerArgs {
	memory := MiB(e.Workload.MiB)
	return corev1.ContainerArgs{
		Name: pulumi.String(spec.ExporterContainer), Image: pulumi.String(e.Image), Args: pulumi.ToStringArray(e.Args), Env: e.Env,
		Ports: corev1.ContainerPortArray{corev1.ContainerPortArgs{Name: pulumi.String(monitors.MetricsPort), ContainerPort: pulumi.Int(e.Port)}},
		Resources: corev1.ResourceRequirementsArgs{
			Requests: pulumi.ToStringMap(map[string]string{"cpu": Milli(e.Workload.MilliCPU), "memory": memory}),
			Limits:   pulumi.ToStringMap(map[string]string{"memory": memory}),
		},
		ReadinessProbe: e.accepts(3), LivenessProbe: e.accepts(6),
		SecurityContext: HardenedContainer(), VolumeMounts: e.Mounts,
	}
}

// accepts asks only whether the process does: a probe that scraped would restart
// the exporter whenever its server is down, hide just that, and take a pooler out
// of service with the exporter beside it.
func (e Exporter) accepts(failures int) corev1.ProbePtrInput {
	return corev1.ProbeArgs{TcpSocket: corev1.TCPSocketActionArgs{Port: pulumi.Int(e.Port)},
		PeriodSeconds: pulumi.Int(30), TimeoutSeconds: pulumi.Int(2), FailureThreshold: pulumi.Int(failures)}
}

// Variable of a container.
func Variable(name, value string) corev1.EnvVarArgs {
	return corev1.EnvVarArgs{Name: pulumi.String(name), Value: pulumi.String(value)}
}

// SecretVariable reads an existing Secret.
func SecretVariable(name string, ref spec.SecretRef) corev1.EnvVarArgs {
	return corev1.EnvVarArgs{Name: pulumi.String(name), ValueFrom: corev1.EnvVarSourceArgs{
		SecretKeyRef: corev1.SecretKeySelectorArgs{Name: pulumi.String(ref.Name), Key: pulumi.String(ref.Key)}}}
}
