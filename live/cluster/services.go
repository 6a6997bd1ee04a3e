package cluster

import (
	"context"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/agencyos/headroom/capacity/workload"
)

// Services are the workloads of a namespace with what surrounds those that serve:
// the variables that ConfigMaps state, and the disruption budgets over their pods.
// What may not be read is left open there, and budgets are said to be unread.
func (c *Conn) Services(ctx context.Context, namespace string) (set workload.Set, unread []string, err error) {
	if set, err = c.Workloads(ctx, namespace); err != nil {
		return set, nil, err
	}
	budgets, err := c.budgets(ctx, namespace)
	switch {
	case apierrors.IsForbidden(err):
		unread = append(unread, fmt.Sprintf("PodDisruptionBudgets%s (%s); one that is there has to be named under services.NAME.adopt.disruptionBudget", within(namespace), reason(err)))
	case err != nil:
		return set, nil, c.broken("listing poddisruptionbudgets"+within(namespace), err)
	}
	list := lister(func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		return c.client.AppsV1().Deployments(namespace).List(ctx, o)
	})
	err = list.each(ctx, func(o runtime.Object) error {
		d := o.(*appsv1.Deployment)
		is := workload.Ref{Namespace: d.Namespace, Kind: "Deployment", Name: d.Name}
		if i := slices.IndexFunc(set.Workloads, func(w workload.Workload) bool { return w.Ref == is }); i >= 0 {
			c.surround(ctx, d, budgets, &set.Workloads[i])
		}
		return nil
	})
	return set, unread, c.broken("listing deployments"+within(namespace), err)
}

// budget is a disruption budget and the pods that it covers.
type budget struct {
	namespace, name string
	covers          labels.Selector
}

func (c *Conn) budgets(ctx context.Context, namespace string) (found []budget, err error) {
	list := lister(func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		return c.client.PolicyV1().PodDisruptionBudgets(namespace).List(ctx, o)
	})
	err = list.each(ctx, func(o runtime.Object) error {
		b := o.(*policyv1.PodDisruptionBudget)
		covers, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
		if err == nil {
			found = append(found, budget{b.Namespace, b.Name, covers})
		}
		return err
	})
	return found, err
}

// surround completes a workload by what is read beside it.
func (c *Conn) surround(ctx context.Context, d *appsv1.Deployment, budgets []budget, w *workload.Workload) {
	for _, b := range budgets {
		if b.namespace == d.Namespace && b.covers.Matches(labels.Set(d.Spec.Template.Labels)) {
			w.Budgets = append(w.Budgets, b.name)
		}
	}
	for _, container := range d.Spec.Template.Spec.Containers {
		// By name: it may have been changed since the workloads were listed.
		i := slices.IndexFunc(w.Containers, func(known workload.Container) bool { return known.Name == container.Name })
		if i >= 0 && len(container.Ports) > 0 {
			c.environment(ctx, d.Namespace, container).state(&w.Containers[i])
		}
	}
}

// state gives a container the variables that are known, and leaves open what is not.
func (e environment) state(c *workload.Container) {
	c.Env, c.EnvElsewhere, c.EnvFrom = map[string]string{}, nil, nil
	for name, value := range e.known {
		if value == elsewhere {
			c.EnvElsewhere = append(c.EnvElsewhere, name)
		} else {
			c.Env[name] = value
		}
	}
	for _, d := range e.doubts {
		if d.name == "" {
			c.EnvFrom = append(c.EnvFrom, d.object)
		} else {
			c.EnvElsewhere = append(c.EnvElsewhere, d.name)
		}
	}
	slices.Sort(c.EnvElsewhere)
}
