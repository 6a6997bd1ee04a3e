package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	v1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metrics "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live"
)

// ErrNoUse says that the cluster runs and tells nobody what its pods use.
var ErrNoUse = errors.New("the use of pods is not told")

// Meter reads what pods use at this moment, from metrics.k8s.io.
type Meter struct {
	conn   *Conn
	client metrics.Interface
}

// Meter of the cluster; nothing is asked yet.
func (c *Conn) Meter() (*Meter, error) {
	client, err := metrics.NewForConfig(c.config)
	if err != nil {
		return nil, live.Fail("context " + c.name + " of the kubeconfig cannot be used: " + err.Error())
	}
	return &Meter{c, client}, nil
}

// Sampling is how a moment is measured.
type Sampling struct {
	// Samples to take, so far apart; metrics-server makes a new one every 15 s.
	Samples  int
	Interval time.Duration
	// Tell is called after every sample; nil tells nobody.
	Tell func(done, all int)
}

// Use takes a few samples of the containers of a namespace, of all namespaces where
// it is empty. It is ErrNoUse when the cluster has no metrics API or does not let it
// be read.
func (m *Meter) Use(ctx context.Context, namespace string, s Sampling) (audit.Measured, error) {
	pods, err := m.pods(ctx, namespace)
	if err != nil {
		return audit.Measured{}, err
	}
	t := tally{pods: pods, seen: map[string]bool{}, series: map[audit.Container]*series{}}
	for i := range s.Samples {
		if err := m.sample(ctx, namespace, &t); err != nil {
			return audit.Measured{}, err
		}
		if s.Tell != nil {
			s.Tell(i+1, s.Samples)
		}
		if i+1 == s.Samples {
			break
		}
		select {
		case <-ctx.Done():
			return audit.Measured{}, m.conn.broken("sampling", ctx.Err())
		case <-time.After(s.Interval):
		}
	}
	return audit.Measured{Momentary: true, Containers: t.usage(),
		Source: fmt.Sprintf("metrics.k8s.io of cluster %s, a moment's use (samples: %d in %s, pods: %d)", m.conn.name, s.Samples, s.Interval*time.Duration(s.Samples-1), len(pods))}, nil
}

// owner is the workload of a pod, and the containers of it that were killed.
type owner struct {
	workload.Ref
	killed []string
}

// pods by their namespace and name.
func (m *Meter) pods(ctx context.Context, namespace string) (map[string]owner, error) {
	found := map[string]owner{}
	list := lister(func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		return m.conn.client.CoreV1().Pods(namespace).List(ctx, o)
	})
	err := list.each(ctx, func(o runtime.Object) error {
		pod := o.(*corev1.Pod)
		one := owner{Ref: ownerOf(pod)}
		for _, c := range slices.Concat(pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses) {
			if end := c.LastTerminationState.Terminated; end != nil && end.Reason == "OOMKilled" {
				one.killed = append(one.killed, c.Name)
			}
		}
		found[pod.Namespace+"/"+pod.Name] = one
		return nil
	})
	return found, m.conn.broken("listing pods"+within(namespace), err)
}

// ownerOf is the workload that a pod is of. A Deployment owns it through a
// ReplicaSet that is named after it and the hash of the template.
func ownerOf(pod *corev1.Pod) workload.Ref {
	ref := workload.Ref{Namespace: pod.Namespace, Kind: "Pod", Name: pod.Name}
	if by := metav1.GetControllerOf(pod); by != nil {
		ref.Kind, ref.Name = by.Kind, by.Name
	}
	if hash := pod.Labels["pod-template-hash"]; ref.Kind == "ReplicaSet" && hash != "" {
		ref.Kind, ref.Name = "Deployment", strings.TrimSuffix(ref.Name, "-"+hash)
	}
	return ref
}

// tally collects samples.
type tally struct {
	pods map[string]owner
	// seen are the samples that were counted, by pod and time: the API repeats one
	// until it has the next.
	seen   map[string]bool
	series map[audit.Container]*series
}

// series is the use of the pod that used most, by sample.
type series struct{ cpu, memory []float64 }

func (m *Meter) sample(ctx context.Context, namespace string, t *tally) error {
	most := map[audit.Container][2]float64{}
	list := lister(func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		return m.client.MetricsV1beta1().PodMetricses(namespace).List(ctx, o)
	})
	err := list.each(ctx, func(o runtime.Object) error {
		pod := o.(*v1beta1.PodMetrics)
		own, known := t.pods[pod.Namespace+"/"+pod.Name]
		key := pod.Namespace + "/" + pod.Name + "@" + pod.Timestamp.String()
		if !known || t.seen[key] {
			return nil
		}
		t.seen[key] = true
		for _, c := range pod.Containers {
			at := audit.Container{Ref: own.Ref, Name: c.Name}
			was := most[at]
			most[at] = [2]float64{max(was[0], 1000*c.Usage.Cpu().AsApproximateFloat64()), max(was[1], c.Usage.Memory().AsApproximateFloat64()/(1<<20))}
		}
		return nil
	})
	if err != nil {
		return m.untold(namespace, err)
	}
	for at, use := range most {
		if t.series[at] == nil {
			t.series[at] = &series{}
		}
		t.series[at].cpu, t.series[at].memory = append(t.series[at].cpu, use[0]), append(t.series[at].memory, use[1])
	}
	return nil
}

// untold tells a cluster that does not say what pods use from one that does not
// answer.
func (m *Meter) untold(namespace string, err error) error {
	said := m.conn.broken("reading pods of metrics.k8s.io"+within(namespace), err)
	switch {
	case apierrors.IsForbidden(err):
		return fmt.Errorf("%w: %w (%s)", ErrNoUse, said, reason(err))
	case apierrors.IsNotFound(err), apierrors.IsServiceUnavailable(err):
		return fmt.Errorf("%w: cluster %s has no metrics.k8s.io, or metrics-server is down (%s)", ErrNoUse, m.conn.name, reason(err))
	}
	return said
}

func (t tally) usage() map[audit.Container]audit.Usage {
	out := map[audit.Container]audit.Usage{}
	for at, s := range t.series {
		out[at] = audit.Usage{CPUMilli: audit.NewUse(s.cpu), MemoryMiB: audit.NewUse(s.memory)}
	}
	for _, pod := range t.pods {
		for _, name := range pod.killed {
			at := audit.Container{Ref: pod.Ref, Name: name}
			u := out[at]
			u.Killed++
			out[at] = u
		}
	}
	return out
}
