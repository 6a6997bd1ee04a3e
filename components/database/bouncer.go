package database

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumix"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
	"github.com/agencyos/headroom/components/internal/kube"
)

const (
	bouncerName = "pgbouncer"
	// bouncerUser is an unprivileged user; the process needs no name in
	// /etc/passwd, and images disagree on theirs.
	bouncerUser = 65532
)

// bouncer is the PgBouncer of a database; pods is the live Deployment that is
// adopted.
type bouncer struct {
	server
	pods *appsv1.Deployment
}

// declare makes the settings, the pods that read them, and the way to them.
func (b bouncer) declare(ctx *pulumi.Context, d *Database) (*corev1.Service, error) {
	parent := pulumi.Parent(d)
	b, err := b.read(ctx, parent)
	if err != nil {
		return nil, err
	}
	limits := ini(*b.Plan.PgBouncer, b.Spec.PgBouncer.UserList.Key, b.tls(), b.reader())
	databases := pulumix.Apply(d.ServerHost, func(host string) string {
		return target{host: host, port: b.Spec.Port, name: b.Spec.Name}.databases()
	})
	adopted := b.Spec.PgBouncer.Adopt
	settings, err := corev1.NewConfigMap(ctx, bouncerName, &corev1.ConfigMapArgs{
		Metadata: b.meta(adopted.Settings),
		Data: pulumi.StringMap{
			iniFile:       pulumi.String(limits),
			databasesFile: pulumix.Cast[pulumi.StringOutput](databases),
		},
	}, parent, adopt.Object(adopted.Settings, adopt.Metadata...))
	if err != nil {
		return nil, fmt.Errorf("settings of PgBouncer: %w", err)
	}
	_, err = appsv1.NewDeployment(ctx, bouncerName, b.renderDeployment(kube.Checksum(limits, b.addressed())), parent,
		pulumi.DependsOn([]pulumi.Resource{settings}), adopt.Object(adopted.Deployment))
	if err != nil {
		return nil, fmt.Errorf("pods of PgBouncer: %w", err)
	}
	return b.reach(ctx, parent)
}

// read reads the live Deployment, whose selector can never change.
func (b bouncer) read(ctx *pulumi.Context, parent pulumi.ResourceOption) (bouncer, error) {
	id := b.Spec.PgBouncer.Adopt.Deployment
	if id == "" {
		return b, nil
	}
	var err error
	if b.pods, err = appsv1.GetDeployment(ctx, adopt.Reading(bouncerName), pulumi.ID(id), nil, parent); err != nil {
		return b, fmt.Errorf("live Deployment of PgBouncer: %w", err)
	}
	return b, nil
}

// selector finds the pods.
func (b bouncer) selector() pulumi.StringMapInput {
	if b.pods != nil {
		return b.pods.Spec.Selector().MatchLabels()
	}
	return pulumi.ToStringMap(kube.Selector(bouncerName))
}

// labels of the pods: those of a live Deployment win, for its selector needs them.
func (b bouncer) labels() pulumi.StringMapInput {
	if b.pods == nil {
		return pulumi.ToStringMap(kube.Labels(bouncerName))
	}
	live := b.pods.Spec.Template().Metadata().Labels()
	return pulumix.Cast[pulumi.StringMapOutput](pulumix.Apply(live, func(m map[string]string) map[string]string {
		return adopt.Over(kube.Labels(bouncerName), m)
	}))
}

// addressed is what the stack file says of the database's address. The host of
// a managed instance is known only after a deployment, and an annotation that
// waits for it could neither be previewed nor rendered. It changes only when the
// instance is replaced, which is protected and moves the data as well; roll the
// pods by hand then.
func (b bouncer) addressed() string {
	return target{host: b.Spec.Host, port: b.Spec.Port, name: b.Spec.Name}.databases()
}

// tls of the server side: an instance of ours insists on it, an external one may
// have none.
func (b bouncer) tls() string {
	if b.Spec.Mode == spec.External || b.inCluster() {
		return "prefer"
	}
	return "require"
}

// keptOfService is what the server chose for it.
var keptOfService = append([]string{
	"spec.clusterIP", "spec.clusterIPs", "spec.internalTrafficPolicy", "spec.ipFamilies", "spec.ipFamilyPolicy", "spec.sessionAffinity",
}, adopt.Metadata...)

// reach declares the Service and the disruption budget.
func (b bouncer) reach(ctx *pulumi.Context, parent pulumi.ResourceOption) (*corev1.Service, error) {
	adopted := b.Spec.PgBouncer.Adopt
	_, err := policyv1.NewPodDisruptionBudget(ctx, bouncerName, &policyv1.PodDisruptionBudgetArgs{
		Metadata: b.meta(adopted.DisruptionBudget),
		Spec: policyv1.PodDisruptionBudgetSpecArgs{
			MaxUnavailable: pulumi.Int(1), UnhealthyPodEvictionPolicy: pulumi.String("AlwaysAllow"),
			Selector: metav1.LabelSelectorArgs{MatchLabels: b.selector()},
		},
	}, parent, adopt.Object(adopted.DisruptionBudget, adopt.Metadata...))
	if err != nil {
		return nil, fmt.Errorf("disruption budget of PgBouncer: %w", err)
	}
	service, err := corev1.NewService(ctx, bouncerName, &corev1.ServiceArgs{
		Metadata: b.meta(adopted.Service),
		Spec: corev1.ServiceSpecArgs{
			Type: pulumi.String("ClusterIP"), Selector: b.selector(),
			Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
				Name: pulumi.String("postgres"), Port: pulumi.Int(bouncerPort), TargetPort: pulumi.String("postgres"),
			}},
		},
	}, parent, adopt.Object(adopted.Service, keptOfService...))
	if err != nil {
		return nil, fmt.Errorf("service of PgBouncer: %w", err)
	}
	return service, nil
}

// meta is that of an object; a live one keeps its name.
func (b bouncer) meta(live spec.ObjectID) metav1.ObjectMetaPtrInput {
	return kube.Meta(b.Cluster.Namespace, live.Name(bouncerName), bouncerName, nil)
}

// renderDeployment replaces one pod at a time and starts no extra one: every
// pod may open its whole pool. minReadySeconds bounds the old pods that are
// terminating beside them.
func (b bouncer) renderDeployment(checksum string) *appsv1.DeploymentArgs {
	return &appsv1.DeploymentArgs{
		Metadata: b.meta(b.Spec.PgBouncer.Adopt.Deployment),
		Spec: appsv1.DeploymentSpecArgs{
			Replicas:        pulumi.Int(b.Plan.PgBouncer.Replicas),
			MinReadySeconds: pulumi.Int(b.Plan.PgBouncer.MinReadySeconds),
			Selector:        metav1.LabelSelectorArgs{MatchLabels: b.selector()},
			Strategy: appsv1.DeploymentStrategyArgs{
				Type:          pulumi.String("RollingUpdate"),
				RollingUpdate: appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Int(0), MaxUnavailable: pulumi.Int(1)},
			},
			Template: corev1.PodTemplateSpecArgs{
				Metadata: metav1.ObjectMetaArgs{
					Labels: b.labels(),
					// PgBouncer reads its file at the start: new settings roll the pods.
					Annotations: pulumi.StringMap{kube.NoteChecksum: pulumi.String(checksum)},
				},
				Spec: b.renderPod(),
			},
		},
	}
}

func (b bouncer) renderPod() corev1.PodSpecArgs {
	return corev1.PodSpecArgs{
		TerminationGracePeriodSeconds: pulumi.Int(b.Plan.PgBouncer.GraceSeconds),
		AutomountServiceAccountToken:  pulumi.Bool(false),
		EnableServiceLinks:            pulumi.Bool(false),
		SecurityContext:               kube.HardenedPod(bouncerUser),
		TopologySpreadConstraints:     kube.Spread(bouncerName),
		Containers:                    append(corev1.ContainerArray{b.renderContainer()}, b.renderExporter()...),
		Volumes: corev1.VolumeArray{
			corev1.VolumeArgs{Name: pulumi.String("config"), ConfigMap: corev1.ConfigMapVolumeSourceArgs{
				Name: pulumi.String(b.Spec.PgBouncer.Adopt.Settings.Name(bouncerName)),
			}},
			corev1.VolumeArgs{Name: pulumi.String("users"), Secret: corev1.SecretVolumeSourceArgs{
				SecretName: pulumi.String(b.Spec.PgBouncer.UserList.Name),
			}},
		},
	}
}

func (b bouncer) renderContainer() corev1.ContainerArgs {
	asked := kube.Amounts(b.Spec.PgBouncer.Resources)
	mount := func(name, path string) corev1.VolumeMountArgs {
		return corev1.VolumeMountArgs{Name: pulumi.String(name), MountPath: pulumi.String(path), ReadOnly: pulumi.Bool(true)}
	}
	return corev1.ContainerArgs{
		Name: pulumi.String(bouncerName), Image: pulumi.String(b.Spec.PgBouncer.Image),
		// Spelled out: the entry points of the usual images write a file of their own.
		Command: pulumi.ToStringArray([]string{"pgbouncer", configDir + "/" + iniFile}),
		Ports:   corev1.ContainerPortArray{corev1.ContainerPortArgs{Name: pulumi.String("postgres"), ContainerPort: pulumi.Int(bouncerPort)}},
		Resources: corev1.ResourceRequirementsArgs{
			Requests: pulumi.ToStringMap(asked),
			Limits:   pulumi.ToStringMap(map[string]string{"memory": asked["memory"]}),
		},
		ReadinessProbe: tcpProbe(5, 2),
		LivenessProbe:  tcpProbe(10, 6),
		Lifecycle: corev1.LifecycleArgs{PreStop: corev1.LifecycleHandlerArgs{
			Exec: corev1.ExecActionArgs{Command: pulumi.ToStringArray([]string{"sh", "-c", b.leave()})},
		}},
		SecurityContext: kube.HardenedContainer(),
		VolumeMounts:    corev1.VolumeMountArray{mount("config", configDir), mount("users", secretDir)},
	}
}

// leave is how a pod goes: it serves until the endpoint's removal has reached
// every node, then lets transactions end and disconnects the clients.
//
// SIGTERM, all that Kubernetes sends, waits for the clients to leave since
// PgBouncer 1.23, and pooled clients stay: the pod would be killed in
// mid-transaction. SIGINT waits only for the server connections to be released.
// A second signal ends the process at once, so the hook stays until the process
// is gone: only after it does Kubernetes send SIGTERM. Process 1 is PgBouncer,
// which the command starts without a shell
// (https://github.com/pgbouncer/pgbouncer/blob/master/doc/usage.md, Signals, 2026-11;
// https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/, 2026-11).
func (b bouncer) leave() string {
	p := b.Plan.PgBouncer
	return fmt.Sprintf("sleep %d; kill -INT 1; sleep %d", p.PreStopSeconds, p.GraceSeconds-p.PreStopSeconds)
}

// tcpProbe asks only whether the process accepts: a probe through to the
// database would take every pooler down with it.
func tcpProbe(period, failures int) corev1.ProbePtrInput {
	return corev1.ProbeArgs{
		TcpSocket:     corev1.TCPSocketActionArgs{Port: pulumi.Int(bouncerPort)},
		PeriodSeconds: pulumi.Int(period), TimeoutSeconds: pulumi.Int(2), FailureThreshold: pulumi.Int(failures),
	}
}
