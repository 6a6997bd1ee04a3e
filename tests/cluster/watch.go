//go:build linux

package cluster

import (
	"fmt"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"

	"github.com/agencyos/headroom/tests/cluster/traffic"
)

// NameLabel is the label by which pods belong to a service.
const NameLabel = "app.kubernetes.io/name"

// watch follows what lives, for the histories and for the traffic.
type watch struct {
	traffic *traffic.Traffic

	mu        sync.Mutex
	histories map[traffic.Key]*History
	pods      map[traffic.Key]map[string]state
}

// state of a pod.
type state struct{ ready, pending bool }

// History of the Deployment, autoscaler and Service of a name.
func (c *Cluster) History(namespace, name string) *History {
	return c.watch.history(traffic.Key{Namespace: namespace, Service: name})
}

func (w *watch) history(k traffic.Key) *History {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.histories[k]
	if h == nil {
		h = &History{steps: map[Number]Steps{}}
		w.histories[k] = h
	}
	return h
}

// observe starts the watches.
func (c *Cluster) observe() error {
	c.watch = &watch{traffic: c.Traffic, histories: map[traffic.Key]*History{}, pods: map[traffic.Key]map[string]state{}}
	f := informers.NewSharedInformerFactory(c.Client, 0)
	w := c.watch
	handlers := map[cache.SharedIndexInformer]cache.ResourceEventHandler{
		f.Core().V1().Pods().Informer():                            handle(w.pod, w.podGone),
		f.Apps().V1().Deployments().Informer():                     handle(w.deployment, nil),
		f.Autoscaling().V2().HorizontalPodAutoscalers().Informer(): handle(w.autoscaler, nil),
		f.Discovery().V1().EndpointSlices().Informer():             handle(w.endpoints, nil),
	}
	for informer, handler := range handlers {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	ctx := c.Context()
	f.Start(ctx.Done())
	for kind, ok := range f.WaitForCacheSync(ctx.Done()) {
		if !ok {
			return fmt.Errorf("%v cannot be listed", kind)
		}
	}
	return nil
}

// handle calls a function for what an object became, and another for its end.
func handle[T any](is func(T), gone func(T)) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { is(o.(T)) },
		UpdateFunc: func(_, o any) { is(o.(T)) },
		DeleteFunc: func(o any) {
			if last, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = last.Obj
			}
			if gone != nil {
				gone(o.(T))
			}
		},
	}
}

func (w *watch) deployment(d *appsv1.Deployment) {
	if d.Spec.Replicas != nil {
		w.history(traffic.Key{Namespace: d.Namespace, Service: d.Name}).note(Replicas, int(*d.Spec.Replicas))
	}
}

func (w *watch) autoscaler(a *autoscalingv2.HorizontalPodAutoscaler) {
	h := w.history(traffic.Key{Namespace: a.Namespace, Service: a.Spec.ScaleTargetRef.Name})
	if a.Spec.MinReplicas != nil {
		h.note(Floor, int(*a.Spec.MinReplicas))
	}
	active := 0
	for _, c := range a.Status.Conditions {
		if c.Type == autoscalingv2.ScalingActive && c.Status == corev1.ConditionTrue {
			active = 1
		}
	}
	h.note(Active, active)
}

// endpoints counts those that kube-proxy and load balancers send requests to. A
// Service of these tests has one slice: it has fewer than 100 pods.
func (w *watch) endpoints(s *discoveryv1.EndpointSlice) {
	n := 0
	for _, e := range s.Endpoints {
		if e.Conditions.Ready != nil && *e.Conditions.Ready {
			n++
		}
	}
	w.history(traffic.Key{Namespace: s.Namespace, Service: s.Labels[discoveryv1.LabelServiceName]}).note(Endpoints, n)
}

func (w *watch) pod(p *corev1.Pod) {
	k := traffic.Key{Namespace: p.Namespace, Service: p.Labels[NameLabel]}
	if p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded {
		w.podGone(p)
		return
	}
	now := state{ready: p.DeletionTimestamp == nil && isReady(p), pending: p.Spec.NodeName == "" && p.DeletionTimestamp == nil}
	if s := w.traffic.Of(k); s != nil {
		follow(s, p, now)
	}
	w.count(k, p.Name, &now)
}

func (w *watch) podGone(p *corev1.Pod) {
	k := traffic.Key{Namespace: p.Namespace, Service: p.Labels[NameLabel]}
	if s := w.traffic.Of(k); s != nil {
		s.Gone(p.Name)
	}
	w.count(k, p.Name, nil)
}

// follow tells the traffic how far a pod is.
func follow(s *traffic.Service, p *corev1.Pod, now state) {
	if len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].State.Running != nil {
		s.Run(p.Name, p.Spec.NodeName, p.Status.ContainerStatuses[0].State.Running.StartedAt.Time)
	}
	switch {
	case now.ready:
		s.Ready(p.Name)
	case p.DeletionTimestamp != nil:
		s.Leave(p.Name)
	}
}

func isReady(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// count notes how many pods of a service are how far; nil for one that is gone.
func (w *watch) count(k traffic.Key, name string, now *state) {
	w.mu.Lock()
	pods := w.pods[k]
	if pods == nil {
		pods = map[string]state{}
		w.pods[k] = pods
	}
	if now == nil {
		delete(pods, name)
	} else {
		pods[name] = *now
	}
	ready, pending := 0, 0
	for _, s := range pods {
		if s.ready {
			ready++
		}
		if s.pending {
			pending++
		}
	}
	w.mu.Unlock()
	h := w.history(k)
	h.note(Ready, ready)
	h.note(Pending, pending)
}
