package monitoring

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/monitors"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
)

// exporterUser is an unprivileged user; the programs need no name in /etc/passwd.
const exporterUser = 65532

// exporter is a program that turns the state of a server into metrics.
type exporter struct {
	name  string
	image string
	port  int
	args  []string
	// env are plain variables, secrets those of an existing Secret.
	env     map[string]string
	secrets map[string]spec.SecretRef
	// addresses are variables that name a server. They stand in the ConfigMap: the
	// host of a new server is known only once it exists, and pods that held it
	// could neither be previewed nor rendered.
	addresses map[string]pulumi.StringInput
	// files of its configuration, by name; mounted at configDir.
	files map[string]pulumi.StringInput
	// account is its ServiceAccount; empty for one without rights.
	account string
	// checksum of what the ConfigMap says, as far as the stack file tells.
	checksum string
}

const configDir = "/etc/exporter"

// exporters declares those that the plan counted; PgBouncer's runs in its pods.
func (w watcher) exporters(ctx *pulumi.Context, parent pulumi.Resource) error {
	known := map[string]func() exporter{
		plan.PostgresExporter: w.postgres, plan.RedisExporter: w.redis, plan.CloudflareExporter: w.cloudflare,
		plan.BlackboxExporter: w.blackbox, plan.CloudWatchExporter: w.cloudWatch,
	}
	for _, workload := range w.Plan.Monitoring {
		describe, ok := known[workload.Name]
		if !ok {
			continue
		}
		if workload.Name == plan.CloudWatchExporter {
			if err := w.readCloudWatch(ctx, parent); err != nil {
				return err
			}
		}
		if err := w.run(ctx, parent, describe(), workload); err != nil {
			return fmt.Errorf("%s: %w", workload.Name, err)
		}
	}
	return nil
}

// run declares an exporter with its configuration, and for the blackbox exporter
// the address by which Prometheus asks through it.
func (w watcher) run(ctx *pulumi.Context, parent pulumi.Resource, e exporter, workload plan.Workload) error {
	var settings []pulumi.Resource
	if data := e.renderData(); len(data) > 0 {
		object, err := corev1.NewConfigMap(ctx, e.name, &corev1.ConfigMapArgs{Metadata: w.meta(e.name), Data: data}, pulumi.Parent(parent))
		if err != nil {
			return err
		}
		settings = append(settings, object)
	}
	_, err := appsv1.NewDeployment(ctx, e.name, w.renderExporter(e, workload), pulumi.Parent(parent), pulumi.DependsOn(settings))
	if err != nil || e.name != plan.BlackboxExporter {
		return err
	}
	_, err = corev1.NewService(ctx, e.name, &corev1.ServiceArgs{Metadata: w.meta(e.name), Spec: corev1.ServiceSpecArgs{
		Type: pulumi.String("ClusterIP"), Selector: pulumi.ToStringMap(kube.Selector(e.name)),
		Ports: corev1.ServicePortArray{corev1.ServicePortArgs{Name: pulumi.String("probe"), Port: pulumi.Int(e.port), TargetPort: pulumi.String(monitors.MetricsPort)}},
	}}, pulumi.Parent(parent))
	return err
}

func (w watcher) meta(name string) metav1.ObjectMetaPtrInput {
	return kube.Meta(w.Spec.Cluster.Namespace, name, name, nil)
}

func (e exporter) renderData() pulumi.StringMap {
	data := pulumi.StringMap{}
	for name, text := range e.files {
		data[name] = text
	}
	for name, address := range e.addresses {
		data[name] = address
	}
	return data
}

// renderExporter replaces the pod rather than adding one: every pod holds the
// connections that the plan counted once.
func (w watcher) renderExporter(e exporter, workload plan.Workload) *appsv1.DeploymentArgs {
	meta := metav1.ObjectMetaArgs{Labels: pulumi.ToStringMap(kube.Labels(e.name))}
	if e.checksum != "" {
		meta.Annotations = pulumi.StringMap{kube.NoteChecksum: pulumi.String(e.checksum)}
	}
	return &appsv1.DeploymentArgs{
		Metadata: w.meta(e.name),
		Spec: appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(workload.Pods),
			Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(kube.Selector(e.name))},
			Strategy: appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")},
			Template: corev1.PodTemplateSpecArgs{Metadata: meta, Spec: e.renderPod(workload)},
		},
	}
}

func (e exporter) renderPod(workload plan.Workload) corev1.PodSpecArgs {
	container := kube.Exporter{Image: e.image, Args: e.args, Port: e.port, Env: e.renderEnv(), Workload: workload}
	pod := corev1.PodSpecArgs{
		AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false), SecurityContext: kube.HardenedPod(exporterUser),
	}
	if e.account != "" {
		pod.ServiceAccountName = pulumi.String(e.account)
	}
	if len(e.files) > 0 {
		const volume = "config"
		container.Mounts = corev1.VolumeMountArray{corev1.VolumeMountArgs{Name: pulumi.String(volume), MountPath: pulumi.String(configDir), ReadOnly: pulumi.Bool(true)}}
		pod.Volumes = corev1.VolumeArray{corev1.VolumeArgs{Name: pulumi.String(volume), ConfigMap: corev1.ConfigMapVolumeSourceArgs{Name: pulumi.String(e.name)}}}
	}
	pod.Containers = corev1.ContainerArray{container.Container()}
	return pod
}

// renderEnv lists the variables in the order of their names.
func (e exporter) renderEnv() corev1.EnvVarArray {
	var out corev1.EnvVarArray
	for _, name := range sorted(e.addresses) {
		out = append(out, corev1.EnvVarArgs{Name: pulumi.String(name), ValueFrom: corev1.EnvVarSourceArgs{
			ConfigMapKeyRef: corev1.ConfigMapKeySelectorArgs{Name: pulumi.String(e.name), Key: pulumi.String(name)}}})
	}
	for _, name := range sorted(e.env) {
		out = append(out, kube.Variable(name, e.env[name]))
	}
	for _, name := range sorted(e.secrets) {
		out = append(out, kube.SecretVariable(name, e.secrets[name]))
	}
	return out
}
