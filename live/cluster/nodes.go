package cluster

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/capacity/plan"
)

// system is the namespace of the cluster's own parts.
const system = "kube-system"

// status is what Cluster Autoscaler writes about itself, as YAML since 1.30
// (github.com/kubernetes/autoscaler cluster-autoscaler/clusterstate/api/types.go,
// 2026-11). The name of a node group is that of its Auto Scaling group.
type status struct {
	NodeGroups []struct {
		Name   string `json:"name"`
		Health struct {
			MinSize int `json:"minSize"`
			MaxSize int `json:"maxSize"`
		} `json:"health"`
	} `json:"nodeGroups"`
}

// statusMap and statusKey hold it.
const (
	statusMap = "cluster-autoscaler-status"
	statusKey = "status"
)

// nodeGroups notes the bounds by which Cluster Autoscaler goes.
func (r reader) nodeGroups(ctx context.Context, pools []plan.NodePool) {
	if len(pools) == 0 {
		return
	}
	s, err := r.autoscalerStatus(ctx)
	for _, pool := range pools {
		object := drift.Pool(pool.Name)
		if err != nil {
			r.seen.Doubt(drift.Cluster, object, "", err.Error())
			continue
		}
		r.nodeGroup(object, pool.Name, s)
	}
}

func (r reader) autoscalerStatus(ctx context.Context) (status, error) {
	var s status
	m, err := r.client.CoreV1().ConfigMaps(system).Get(ctx, statusMap, metav1.GetOptions{})
	if err != nil {
		return s, fmt.Errorf("Cluster Autoscaler's ConfigMap %s/%s tells its bounds: %w", system, statusMap, err) //nolint:staticcheck // a name
	}
	if err := yaml.Unmarshal([]byte(m.Data[statusKey]), &s); err != nil {
		return s, fmt.Errorf("the status of Cluster Autoscaler cannot be read: %w", err)
	}
	return s, nil
}

// behindForm ends the name of the Auto Scaling group of a managed node group: EKS
// adds a UUID to "eks-" and the group's name
// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html, 2026-11),
// which itself may end in 26 characters of the provider.
const behindForm = `-([0-9a-f]{26}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`

func (r reader) nodeGroup(object, name string, s status) {
	behind := regexp.MustCompile("^eks-" + regexp.QuoteMeta(name) + behindForm)
	for _, g := range s.NodeGroups {
		if g.Name == name || behind.MatchString(g.Name) {
			r.saw(object, drift.MinSize, g.Health.MinSize)
			r.saw(object, drift.MaxSize, g.Health.MaxSize)
			return
		}
	}
	r.seen.Doubt(drift.Cluster, object, "", "Cluster Autoscaler does not know it; it may be outside of its discovery tags")
}

// metricsServer notes how often resource metrics are taken. Every distribution of
// it carries the label.
func (r reader) metricsServer(ctx context.Context) {
	object := drift.MetricsServer
	found, err := r.client.AppsV1().Deployments(metav1.NamespaceAll).List(ctx, metav1.ListOptions{LabelSelector: "k8s-app=metrics-server"})
	if err == nil && len(found.Items) == 0 {
		found, err = r.client.AppsV1().Deployments(metav1.NamespaceAll).List(ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=metrics-server"})
	}
	switch {
	case err != nil:
		r.seen.Doubt(drift.Cluster, object, "", r.broken("listing Deployments of all namespaces", err).Error())
	case len(found.Items) == 0:
		r.seen.Doubt(drift.Cluster, object, "", "no Deployment has its label")
	default:
		r.saw(object, drift.Resolution, resolution(found.Items[0].Spec.Template.Spec.Containers))
	}
}

// defaultResolution of metrics-server
// (github.com/kubernetes-sigs/metrics-server cmd/metrics-server/app/options/options.go, v0.9.0).
const defaultResolution = "60s"

func resolution(containers []corev1.Container) string {
	value := defaultResolution
	for _, c := range containers {
		for _, arg := range append(append([]string{}, c.Command...), c.Args...) {
			if text, ok := strings.CutPrefix(arg, drift.Resolution+"="); ok {
				value = text
			}
		}
	}
	return value
}
