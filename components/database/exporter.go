package database

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"

	"github.com/agencyos/headroom/capacity/exporters"
	"github.com/agencyos/headroom/components/internal/kube"
)

// exporterPort is the default of the exporter of PgBouncer.
const exporterPort = 9127

// reader may ask PgBouncer how it is, and change nothing.
func (b bouncer) reader() string {
	if b.Exporter != nil && b.Exporter.User != "" {
		return b.Exporter.User
	}
	return "pgbouncer_stats"
}

// renderExporter is the container beside PgBouncer: every replica has pools of
// its own, so one exporter for all would see a different one each time.
func (b bouncer) renderExporter() corev1.ContainerArray {
	if b.Exporter == nil {
		return nil
	}
	return corev1.ContainerArray{kube.Exporter{
		Image: b.Exporter.Image, Args: exporters.PgBouncerArgs(b.reader(), bouncerPort), Port: exporterPort, Workload: b.Beside,
		Env: corev1.EnvVarArray{kube.SecretVariable("PGPASSWORD", *b.Exporter.Secret)},
	}.Container()}
}
