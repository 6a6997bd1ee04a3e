//go:build linux

package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/agencyos/headroom/tests/cluster/traffic"
)

// Shape is a group of equal nodes.
type Shape struct {
	// Pool of the nodes: only the pods of namespaces that are bound to it run
	// there. Empty: where all others run.
	Pool string
	// Zone and Count, numbered from First.
	Zone         string
	First, Count int
	// CPU, Memory and Pods that are allocatable.
	CPU, Memory string
	Pods        int
}

const (
	poolLabel = "headroom.dev/pool"
	common    = "common"
	// selectorAnnotation binds a namespace to nodes
	// (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector, 2026-11).
	selectorAnnotation = "scheduler.alpha.kubernetes.io/node-selector"
)

// AddNodes adds machines that are Ready within a second.
func (c *Cluster) AddNodes(ctx context.Context, s Shape) error {
	if s.Pool == "" {
		s.Pool = common
	}
	for i := s.First; i < s.First+s.Count; i++ {
		if _, err := c.Client.CoreV1().Nodes().Create(ctx, s.node(i), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func (s Shape) node(i int) *corev1.Node {
	name := fmt.Sprintf("%s-%s-%d", s.Pool, s.Zone, i)
	room := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(s.CPU), corev1.ResourceMemory: resource.MustParse(s.Memory), corev1.ResourcePods: *resource.NewQuantity(int64(s.Pods), resource.DecimalSI)}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{traffic.KubeletAnnotation: traffic.KubeletPath(name)},
			Labels: map[string]string{poolLabel: s.Pool, corev1.LabelTopologyZone: s.Zone, corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64"}},
		Status: corev1.NodeStatus{Capacity: room, Allocatable: room},
	}
}

// AddNamespace adds a namespace whose pods run on the nodes of a pool.
func (c *Cluster) AddNamespace(ctx context.Context, name, pool string) error {
	if pool == "" {
		pool = common
	}
	n := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{selectorAnnotation: poolLabel + "=" + pool}}}
	_, err := c.Client.CoreV1().Namespaces().Create(ctx, n, metav1.CreateOptions{})
	return err
}
