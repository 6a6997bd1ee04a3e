package database

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
)

const (
	podName = "postgres"
	// podUser is that of the official image, whose files belong to it
	// (https://github.com/docker-library/postgres/blob/master/Dockerfile-debian.template, 2026-11).
	podUser     = 999
	passwordKey = "password"
	dataDir     = "/var/lib/postgresql/data"
)

// inCluster tells whether the database is a pod of a local stack.
func (s server) inCluster() bool { return s.Cluster.Context != "" && s.Spec.Mode == spec.Managed }

// serveInCluster declares one PostgreSQL on a volume of its own, and the way to it.
func (s server) serveInCluster(ctx *pulumi.Context, d *Database) error {
	parent := pulumi.Parent(d)
	password := pulumi.ToSecret(s.Password.ToStringOutput()).(pulumi.StringOutput)
	login, err := s.secret(ctx, podName, podName, pulumi.StringMap{passwordKey: password}, parent)
	if err != nil {
		return err
	}
	if s.Spec.Pooler == spec.PgBouncerPooler {
		user, list := s.Spec.User, s.Spec.PgBouncer.UserList
		text := password.ApplyT(func(p string) string { return userList(user, p) }).(pulumi.StringOutput)
		if _, err := s.secret(ctx, bouncerName, list.Name, pulumi.StringMap{list.Key: text}, parent); err != nil {
			return err
		}
	}
	meta := kube.Meta(s.Cluster.Namespace, podName, podName, nil)
	service, err := corev1.NewService(ctx, podName, &corev1.ServiceArgs{
		Metadata: meta,
		Spec: corev1.ServiceSpecArgs{
			Type: pulumi.String("ClusterIP"), Selector: pulumi.ToStringMap(kube.Selector(podName)),
			Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
				Name: pulumi.String("postgres"), Port: pulumi.Int(s.Spec.Port), TargetPort: pulumi.String("postgres"),
			}},
		},
	}, parent)
	if err != nil {
		return fmt.Errorf("service of PostgreSQL: %w", err)
	}
	if _, err := appsv1.NewStatefulSet(ctx, podName, s.renderPod(meta), parent, pulumi.DependsOn([]pulumi.Resource{login})); err != nil {
		return fmt.Errorf("pod of PostgreSQL: %w", err)
	}
	d.ServerHost, d.SecretARN = service.Metadata.Name().Elem(), pulumi.String("").ToStringOutput()
	d.Host, d.Port = d.ServerHost, pulumi.Int(s.Spec.Port).ToIntOutput()
	return nil
}

func (s server) secret(ctx *pulumi.Context, name, object string, data pulumi.StringMap, parent pulumi.ResourceOption) (*corev1.Secret, error) {
	made, err := corev1.NewSecret(ctx, name, &corev1.SecretArgs{Metadata: kube.Meta(s.Cluster.Namespace, object, name, nil), StringData: data}, parent)
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", object, err)
	}
	return made, nil
}

// userList is a line of PgBouncer's file of users, in which a quote is doubled
// (https://www.pgbouncer.org/config.html#authentication-file-format, 2026-11).
func userList(user, password string) string {
	quoted := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
	return quoted(user) + " " + quoted(password) + "\n"
}

// settings are what the server is started with: the connections that the budget
// counts on, and what finds slow statements. The stack file's own win.
func (s server) settings() []string {
	all := map[string]string{
		"shared_preload_libraries": "pg_stat_statements", "track_io_timing": "on", "log_min_duration_statement": "500",
		"port": strconv.Itoa(s.Spec.Port),
	}
	maps.Copy(all, s.Spec.Parameters)
	all["max_connections"] = strconv.Itoa(s.Plan.MaxConnections)
	args := []string{"postgres"}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}

func (s server) renderPod(meta metav1.ObjectMetaPtrInput) *appsv1.StatefulSetArgs {
	asked := kube.Amounts(s.Spec.Resources)
	scratch := func(name string) corev1.VolumeArgs {
		return corev1.VolumeArgs{Name: pulumi.String(name), EmptyDir: corev1.EmptyDirVolumeSourceArgs{}}
	}
	mount := func(name, path string) corev1.VolumeMountArgs {
		return corev1.VolumeMountArgs{Name: pulumi.String(name), MountPath: pulumi.String(path)}
	}
	ready := func(period, failures int) corev1.ProbePtrInput {
		return corev1.ProbeArgs{
			Exec: corev1.ExecActionArgs{Command: pulumi.ToStringArray([]string{
				"pg_isready", "--host", "127.0.0.1", "--port", strconv.Itoa(s.Spec.Port), "--username", s.Spec.User, "--dbname", s.Spec.Name})},
			PeriodSeconds: pulumi.Int(period), TimeoutSeconds: pulumi.Int(3), FailureThreshold: pulumi.Int(failures),
		}
	}
	pod := corev1.PodSpecArgs{
		AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false),
		// A smart shutdown would wait for pooled clients; the image stops fast.
		TerminationGracePeriodSeconds: pulumi.Int(60),
		SecurityContext: corev1.PodSecurityContextArgs{
			RunAsNonRoot: pulumi.Bool(true), RunAsUser: pulumi.Int(podUser), RunAsGroup: pulumi.Int(podUser), FsGroup: pulumi.Int(podUser),
			SeccompProfile: corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
		},
		Containers: corev1.ContainerArray{corev1.ContainerArgs{
			Name: pulumi.String(podName), Image: pulumi.String(s.Spec.Image), Args: pulumi.ToStringArray(s.settings()), Env: s.environment(),
			Ports: corev1.ContainerPortArray{corev1.ContainerPortArgs{Name: pulumi.String("postgres"), ContainerPort: pulumi.Int(s.Spec.Port)}},
			Resources: corev1.ResourceRequirementsArgs{
				Requests: pulumi.ToStringMap(asked), Limits: pulumi.ToStringMap(map[string]string{"memory": asked["memory"]}),
			},
			ReadinessProbe: ready(5, 3), LivenessProbe: ready(15, 6), SecurityContext: kube.HardenedContainer(),
			VolumeMounts: corev1.VolumeMountArray{mount("data", dataDir), mount("run", "/var/run/postgresql"), mount("tmp", "/tmp")},
		}},
		Volumes: corev1.VolumeArray{scratch("run"), scratch("tmp")},
	}
	return &appsv1.StatefulSetArgs{Metadata: meta, Spec: appsv1.StatefulSetSpecArgs{
		Replicas: pulumi.Int(1), ServiceName: pulumi.String(podName),
		Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(kube.Selector(podName))},
		Template: corev1.PodTemplateSpecArgs{Metadata: metav1.ObjectMetaArgs{Labels: pulumi.ToStringMap(kube.Labels(podName))}, Spec: pod},
		VolumeClaimTemplates: corev1.PersistentVolumeClaimTypeArray{corev1.PersistentVolumeClaimTypeArgs{
			Metadata: metav1.ObjectMetaArgs{Name: pulumi.String("data")},
			Spec: corev1.PersistentVolumeClaimSpecArgs{
				AccessModes: pulumi.ToStringArray([]string{"ReadWriteOnce"}),
				Resources: corev1.VolumeResourceRequirementsArgs{Requests: pulumi.ToStringMap(map[string]string{
					"storage": kube.MiB(int64(s.Spec.Storage.GiB) * 1024)})},
			},
		}},
	}}
}

// environment is what the image makes the database from when its volume is empty.
func (s server) environment() corev1.EnvVarArray {
	plain := func(name, value string) corev1.EnvVarArgs {
		return corev1.EnvVarArgs{Name: pulumi.String(name), Value: pulumi.String(value)}
	}
	return corev1.EnvVarArray{
		plain("POSTGRES_USER", s.Spec.User), plain("POSTGRES_DB", s.Spec.Name),
		// A volume's own directory holds lost+found, and initdb wants an empty one.
		plain("PGDATA", dataDir+"/pgdata"),
		corev1.EnvVarArgs{Name: pulumi.String("POSTGRES_PASSWORD"), ValueFrom: corev1.EnvVarSourceArgs{
			SecretKeyRef: corev1.SecretKeySelectorArgs{Name: pulumi.String(podName), Key: pulumi.String(passwordKey)},
		}},
	}
}
