package oracle

import (
	"context"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	autoscalinginformers "k8s.io/client-go/informers/autoscaling/v2"
	coreinformers "k8s.io/client-go/informers/core/v1"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"
	autoscalinglisters "k8s.io/client-go/listers/autoscaling/v2"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"
)

// The stubs answer what the controller asks of an API server. Each embeds its
// interface and implements only the methods that are called; any other panics.

func newIndexer() cache.Indexer {
	return cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
}

// informer is always synced and hands its handler over.
type informer struct {
	cache.SharedIndexInformer
	handler cache.ResourceEventHandler
}

func (*informer) HasSynced() bool       { return true }
func (*informer) GetStore() cache.Store { return newIndexer() }

func (i *informer) AddEventHandlerWithResyncPeriod(h cache.ResourceEventHandler, _ time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	i.handler = h
	return nil, nil
}

type hpaInformer struct {
	autoscalinginformers.HorizontalPodAutoscalerInformer
	informer *informer
	indexer  cache.Indexer
}

func (i hpaInformer) Informer() cache.SharedIndexInformer { return i.informer }
func (i hpaInformer) Lister() autoscalinglisters.HorizontalPodAutoscalerLister {
	return autoscalinglisters.NewHorizontalPodAutoscalerLister(i.indexer)
}

type podInformer struct {
	coreinformers.PodInformer
	indexer cache.Indexer
}

func (i podInformer) Informer() cache.SharedIndexInformer { return &informer{} }
func (i podInformer) Lister() corelisters.PodLister       { return corelisters.NewPodLister(i.indexer) }

// hpaClient takes the status that the controller writes.
type hpaClient struct {
	autoscalingclient.HorizontalPodAutoscalerInterface
	c *controller
}

func (h hpaClient) HorizontalPodAutoscalers(string) autoscalingclient.HorizontalPodAutoscalerInterface {
	return h
}

func (h hpaClient) UpdateStatus(_ context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, _ metav1.UpdateOptions) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	before, _, err := h.c.hpas.Get(hpa)
	if err != nil {
		return nil, err
	}
	// The controller fills in the scale-down window of its copy; the API server
	// keeps the spec on a write to the status.
	after := before.(*autoscalingv2.HorizontalPodAutoscaler).DeepCopy()
	after.Status = *hpa.Status.DeepCopy()
	if err := h.c.hpas.Update(after); err != nil {
		return nil, err
	}
	h.c.informer.handler.OnUpdate(before, after)
	return after, nil
}

// scaleClient is the scale subresource. Reading it takes the latency of the API,
// so that all clocks that the controller reads afterwards agree.
type scaleClient struct {
	scale.ScaleInterface
	c *controller
}

func (s scaleClient) Scales(string) scale.ScaleInterface { return s }

func (s scaleClient) Get(context.Context, schema.GroupResource, string, metav1.GetOptions) (*autoscalingv1.Scale, error) {
	if s.c.latency > 0 {
		time.Sleep(s.c.latency)
	}
	s.c.syncs.Add(1)
	s.c.syncedAt.Store(int64(time.Since(s.c.epoch)))
	return &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       autoscalingv1.ScaleSpec{Replicas: s.c.replicas.Load()},
		Status:     autoscalingv1.ScaleStatus{Replicas: s.c.now.Load().observation.StatusReplicas, Selector: label + "=" + name},
	}, nil
}

func (s scaleClient) Update(_ context.Context, _ schema.GroupResource, scale *autoscalingv1.Scale, _ metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
	s.c.replicas.Store(scale.Spec.Replicas)
	return scale, nil
}

// eventClient drops events.
type eventClient struct{ coreclient.EventInterface }

func (e eventClient) Events(string) coreclient.EventInterface { return e }

func (eventClient) CreateWithEventNamespace(e *corev1.Event) (*corev1.Event, error) { return e, nil }
func (eventClient) UpdateWithEventNamespace(e *corev1.Event) (*corev1.Event, error) { return e, nil }
func (eventClient) PatchWithEventNamespace(e *corev1.Event, _ []byte) (*corev1.Event, error) {
	return e, nil
}
