package cache

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
)

const (
	podName = "redis"
	// podUser is an unprivileged user; the process needs no name in /etc/passwd.
	podUser = 65532
)

// serveInCluster declares settings, users, the one pod and the way to it.
func (b builder) serveInCluster(ctx *pulumi.Context, c *Cache) error {
	parent := pulumi.Parent(c)
	text := conf(b.Spec, b.Plan.Policy, secretDir+"/"+usersFile)
	settings, err := corev1.NewConfigMap(ctx, podName, &corev1.ConfigMapArgs{
		Metadata: b.meta(), Data: pulumi.StringMap{confFile: pulumi.String(text)},
	}, parent)
	if err != nil {
		return fmt.Errorf("settings of Redis: %w", err)
	}
	users, err := corev1.NewSecret(ctx, podName, &corev1.SecretArgs{Metadata: b.meta(), StringData: b.logins()}, parent)
	if err != nil {
		return fmt.Errorf("users of Redis: %w", err)
	}
	_, err = appsv1.NewDeployment(ctx, podName, b.renderDeployment(text), parent, pulumi.DependsOn([]pulumi.Resource{settings, users}))
	if err != nil {
		return fmt.Errorf("pod of Redis: %w", err)
	}
	service, err := corev1.NewService(ctx, podName, &corev1.ServiceArgs{
		Metadata: b.meta(),
		Spec: corev1.ServiceSpecArgs{
			Type: pulumi.String("ClusterIP"), Selector: pulumi.ToStringMap(kube.Selector(podName)),
			Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
				Name: pulumi.String("redis"), Port: pulumi.Int(b.Spec.Port), TargetPort: pulumi.String("redis"),
			}},
		},
	}, parent)
	if err != nil {
		return fmt.Errorf("service of Redis: %w", err)
	}
	c.Host = service.Metadata.Name().Elem()
	c.ReaderHost = c.Host
	return nil
}

func (b builder) meta() metav1.ObjectMetaPtrInput {
	return kube.Meta(b.Cluster.Namespace, podName, podName, nil)
}

// logins are the file of users for the server, and the password for services to
// refer to.
func (b builder) logins() pulumi.StringMap {
	password := pulumi.ToSecret(b.Password.ToStringOutput()).(pulumi.StringOutput)
	user := b.Spec.User
	return pulumi.StringMap{
		usersFile:  password.ApplyT(func(p string) string { return acl(user, p) }).(pulumi.StringOutput),
		"password": password,
	}
}

// renderDeployment has one pod at a time: two would be two caches behind one name.
func (b builder) renderDeployment(text string) *appsv1.DeploymentArgs {
	return &appsv1.DeploymentArgs{
		Metadata: b.meta(),
		Spec: appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(1),
			Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(kube.Selector(podName))},
			Strategy: appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")},
			Template: corev1.PodTemplateSpecArgs{
				Metadata: metav1.ObjectMetaArgs{
					Labels: pulumi.ToStringMap(kube.Labels(podName)),
					// Redis reads its file at the start: new settings roll the pod.
					Annotations: pulumi.StringMap{kube.NoteChecksum: pulumi.String(kube.Checksum(text))},
				},
				Spec: b.renderPod(),
			},
		},
	}
}

func (b builder) renderPod() corev1.PodSpecArgs {
	memory := kube.Amounts(spec.Amounts{Memory: b.Spec.MaxMemory})
	mount := func(name, path string) corev1.VolumeMountArgs {
		return corev1.VolumeMountArgs{Name: pulumi.String(name), MountPath: pulumi.String(path), ReadOnly: pulumi.Bool(true)}
	}
	probe := func(period, failures int) corev1.ProbePtrInput {
		return corev1.ProbeArgs{
			TcpSocket:     corev1.TCPSocketActionArgs{Port: pulumi.String("redis")},
			PeriodSeconds: pulumi.Int(period), TimeoutSeconds: pulumi.Int(2), FailureThreshold: pulumi.Int(failures),
		}
	}
	return corev1.PodSpecArgs{
		AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false),
		SecurityContext: kube.HardenedPod(podUser),
		Containers: corev1.ContainerArray{corev1.ContainerArgs{
			Name: pulumi.String(podName), Image: pulumi.String(b.Spec.Image),
			// Spelled out: the entry point of the usual image changes files as root.
			Command: pulumi.ToStringArray([]string{"redis-server", confDir + "/" + confFile}),
			Ports:   corev1.ContainerPortArray{corev1.ContainerPortArgs{Name: pulumi.String("redis"), ContainerPort: pulumi.Int(b.Spec.Port)}},
			Resources: corev1.ResourceRequirementsArgs{
				Requests: pulumi.ToStringMap(kube.Amounts(b.Spec.Pod())),
				Limits:   pulumi.ToStringMap(memory),
			},
			ReadinessProbe: probe(5, 2), LivenessProbe: probe(10, 6),
			SecurityContext: kube.HardenedContainer(),
			VolumeMounts:    corev1.VolumeMountArray{mount("config", confDir), mount("users", secretDir)},
		}},
		Volumes: corev1.VolumeArray{
			corev1.VolumeArgs{Name: pulumi.String("config"), ConfigMap: corev1.ConfigMapVolumeSourceArgs{Name: pulumi.String(podName)}},
			corev1.VolumeArgs{Name: pulumi.String("users"), Secret: corev1.SecretVolumeSourceArgs{SecretName: pulumi.String(podName)}},
		},
	}
}
