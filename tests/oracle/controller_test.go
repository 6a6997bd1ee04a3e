package oracle

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"

	"github.com/agencyos/headroom/capacity/hpa"
)

const (
	namespace, name = "shop", "web"
	label           = "app"
)

// picture is what the controller sees until the next one: the observation of
// capacity/hpa, with the names that upstream needs.
type picture struct {
	observation hpa.Observation
	names       []string // of the pods
	series      []string // of the metrics
}

// controller is the upstream controller with one HPA, in the bubble of the test.
type controller struct {
	epoch      time.Time
	latency    time.Duration
	hpas, pods cache.Indexer
	informer   *informer

	replicas atomic.Int32 // spec.replicas of the workload
	now      atomic.Pointer[picture]
	syncs    atomic.Int64
	syncedAt atomic.Int64 // since the epoch, of the last sync
}

// start runs the controller, without an HPA yet, until the returned function,
// which waits for it.
func start(settings hpa.Settings, latency time.Duration) (*controller, func()) {
	c := &controller{epoch: time.Now(), latency: latency, hpas: newIndexer(), pods: newIndexer(), informer: &informer{}}
	ctx, cancel := context.WithCancel(klog.NewContext(context.Background(), logr.Discard()))
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{appsv1.SchemeGroupVersion})
	mapper.Add(appsv1.SchemeGroupVersion.WithKind("Deployment"), meta.RESTScopeNamespace)
	upstream := podautoscaler.NewHorizontalController(ctx, eventClient{}, scaleClient{c: c}, hpaClient{c: c}, mapper, metricsClient{c},
		hpaInformer{informer: c.informer, indexer: c.hpas}, podInformer{indexer: c.pods},
		hpa.DefaultSyncPeriod, settings.DownscaleStabilization, settings.Tolerance, settings.CPUInitialization, settings.InitialReadiness)
	var running sync.WaitGroup
	running.Go(func() { upstream.Run(ctx, 1) })
	synctest.Wait()
	return c, func() { cancel(); running.Wait() }
}

// create makes the HPA. Its first sync follows a period later, from 1.37 at once.
func (c *controller) create(spec hpa.Spec) {
	object := newHPA(spec)
	if err := c.hpas.Add(object); err != nil {
		panic(err)
	}
	c.informer.handler.OnAdd(object, false)
}

// edit replaces the spec of the live object.
func (c *controller) edit(spec hpa.Spec) {
	before := c.object()
	after := newHPA(spec)
	after.Status = *before.Status.DeepCopy()
	if err := c.hpas.Update(after); err != nil {
		panic(err)
	}
	c.informer.handler.OnUpdate(before, after)
}

func (c *controller) object() *autoscalingv2.HorizontalPodAutoscaler {
	o, _, err := c.hpas.GetByKey(namespace + "/" + name)
	if err != nil {
		panic(err)
	}
	return o.(*autoscalingv2.HorizontalPodAutoscaler)
}

// mustSync lets the next sync happen and returns when, since the epoch. It must
// be the only one: a controller that no longer syncs also keeps its replicas.
func (c *controller) mustSync(t *testing.T, wait time.Duration) time.Duration {
	t.Helper()
	before := c.syncs.Load()
	time.Sleep(wait)
	synctest.Wait()
	if n := c.syncs.Load() - before; n != 1 {
		t.Fatalf("%d syncs in one period, want 1", n)
	}
	return time.Duration(c.syncedAt.Load())
}

// answer is what a sync leaves behind, as conditions "status/reason".
type answer struct {
	Replicas              int32
	Active, Limited, Able string
}

func (c *controller) answer() answer {
	a := answer{Replicas: c.replicas.Load()}
	for _, cond := range c.object().Status.Conditions {
		switch cond.Type {
		case autoscalingv2.ScalingActive:
			a.Active = string(cond.Status)
		case autoscalingv2.ScalingLimited:
			a.Limited = string(cond.Status) + "/" + cond.Reason
		case autoscalingv2.AbleToScale:
			a.Able = cond.Reason
			if cond.Status != corev1.ConditionTrue {
				a.Able = "not: " + a.Able
			}
		}
	}
	return a
}
