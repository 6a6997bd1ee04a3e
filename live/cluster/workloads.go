package cluster

import (
	"context"
	"encoding/json"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/pager"

	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live"
)

// page is how many objects one request asks for, so that no answer is larger than
// an API server likes to give.
const page = 500

// lister asks for a part of the objects of one kind.
type lister func(context.Context, metav1.ListOptions) (runtime.Object, error)

// each visits all objects of one kind, part by part.
func (l lister) each(ctx context.Context, visit func(runtime.Object) error) error {
	p := pager.New(pager.ListPageFunc(l))
	p.PageSize = page
	return p.EachListItem(ctx, metav1.ListOptions{}, visit)
}

// Workloads of a namespace with their autoscalers, of all namespaces where it is
// empty.
func (c *Conn) Workloads(ctx context.Context, namespace string) (workload.Set, error) {
	apps, scaling := c.client.AppsV1(), c.client.AutoscalingV2()
	var all workload.Set
	for _, k := range []struct {
		kind, plural string
		list         lister
	}{
		{"Deployment", "deployments", func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return apps.Deployments(namespace).List(ctx, o)
		}},
		{"StatefulSet", "statefulsets", func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return apps.StatefulSets(namespace).List(ctx, o)
		}},
		{"DaemonSet", "daemonsets", func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return apps.DaemonSets(namespace).List(ctx, o)
		}},
		{"HorizontalPodAutoscaler", "horizontalpodautoscalers", func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return scaling.HorizontalPodAutoscalers(namespace).List(ctx, o)
		}},
	} {
		err := k.list.each(ctx, func(o runtime.Object) error {
			read, err := c.decode(k.kind, o)
			all.Add(read)
			return err
		})
		if err != nil {
			return workload.Set{}, c.broken("listing "+k.plural+within(namespace), err)
		}
	}
	return all, nil
}

// decode reads an object in the form that the API writes, as a manifest is read.
// What a list holds does not say its kind.
func (c *Conn) decode(kind string, o runtime.Object) (workload.Set, error) {
	o.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{Kind: kind})
	where := kind
	if named, err := apimeta.Accessor(o); err == nil {
		where += " " + named.GetNamespace() + "/" + named.GetName()
	}
	data, err := json.Marshal(o)
	if err != nil {
		return workload.Set{}, live.Fail(where + " of cluster " + c.name + " cannot be read: " + err.Error())
	}
	set, err := workload.Decode("cluster "+c.name, data)
	if err != nil {
		return workload.Set{}, live.Fail(where + " of cluster " + c.name + " cannot be read: " + err.Error())
	}
	return set, nil
}

// within says where, in a message.
func within(namespace string) string {
	if namespace == "" {
		return " in all namespaces"
	}
	return " in namespace " + namespace
}

// Version is the minor version of the API server, such as "1.35".
func (c *Conn) Version(ctx context.Context) (string, error) {
	if ctx.Err() != nil {
		return "", c.broken("asking for the version", ctx.Err())
	}
	v, err := c.client.Discovery().ServerVersion()
	if err != nil {
		return "", c.broken("asking for the version", err)
	}
	// EKS and others write 35+.
	return v.Major + "." + strings.TrimRight(v.Minor, "+"), nil
}
