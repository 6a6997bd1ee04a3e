package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	v1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live"
)

func meta(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: "shop", Name: name} }

func amounts(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

// pod of a ReplicaSet, a StatefulSet or nobody.
func pod(name, kind, owner, hash string, killed ...string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: meta(name)}
	if kind != "" {
		p.OwnerReferences = []metav1.OwnerReference{{Kind: kind, Name: owner, Controller: new(true)}}
	}
	if hash != "" {
		p.Labels = map[string]string{"pod-template-hash": hash}
	}
	for _, c := range killed {
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Name: c,
			LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled"}}})
	}
	return p
}

func TestWorkloads(t *testing.T) {
	template := corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Resources: corev1.ResourceRequirements{Requests: amounts("500m", "256Mi")}}}}}
	other := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "other", Name: "api"}, Spec: appsv1.DeploymentSpec{Template: template}}
	conn := New(fake.NewClientset(
		&appsv1.Deployment{ObjectMeta: meta("api"), Spec: appsv1.DeploymentSpec{Replicas: new(int32(6)), Template: template}, Status: appsv1.DeploymentStatus{Replicas: 7}},
		&appsv1.StatefulSet{ObjectMeta: meta("db"), Spec: appsv1.StatefulSetSpec{Replicas: new(int32(1)), Template: template}},
		&appsv1.DaemonSet{ObjectMeta: meta("agent"), Spec: appsv1.DaemonSetSpec{Template: template}, Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 4}},
		&autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: meta("hpa"), Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: new(int32(2)), MaxReplicas: 9,
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{Kind: "Deployment", Name: "api"}}},
		other,
	), "prod")
	for namespace, want := range map[string]string{
		"shop": "Deployment shop/api 6, StatefulSet shop/db 1, DaemonSet shop/agent 4; scaled 2 to 9",
		"":     "Deployment other/api -1, Deployment shop/api 6, StatefulSet shop/db 1, DaemonSet shop/agent 4; scaled 2 to 9",
	} {
		set, err := conn.Workloads(t.Context(), namespace)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range set.Workloads {
			n := -1
			if w.Replicas != nil {
				n = *w.Replicas
			}
			got = append(got, fmt.Sprint(w.Ref, " ", n))
			if w.Where != "cluster prod" || *w.Containers[0].Request.CPUMilli != 500 || *w.Containers[0].Request.MemoryMiB != 256 {
				t.Errorf("%s: %+v", w.Ref, w)
			}
		}
		a := set.Scaler(workload.Ref{Namespace: "shop", Kind: "Deployment", Name: "api"})
		if text := fmt.Sprintf("%s; scaled %d to %d", strings.Join(got, ", "), a.Min, a.Max); text != want {
			t.Errorf("in %q: %s, want %s", namespace, text, want)
		}
	}
}

// metered answers one list of pods after the other, and repeats the last.
func metered(answers ...*v1beta1.PodMetricsList) *metricsfake.Clientset {
	client := metricsfake.NewSimpleClientset()
	client.PrependReactor("list", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		return true, answer, nil
	})
	return client
}

func usage(pod string, second int64, containers ...string) v1beta1.PodMetrics {
	m := v1beta1.PodMetrics{ObjectMeta: meta(pod), Timestamp: metav1.Unix(second, 0)}
	for _, text := range containers {
		var name, cpu, memory string
		if _, err := fmt.Sscan(text, &name, &cpu, &memory); err != nil {
			panic(err)
		}
		m.Containers = append(m.Containers, v1beta1.ContainerMetrics{Name: name, Usage: amounts(cpu, memory)})
	}
	return m
}

func TestUse(t *testing.T) {
	conn := New(fake.NewClientset(
		pod("api-7c9f8d6b5b-x2v9k", "ReplicaSet", "api-7c9f8d6b5b", "7c9f8d6b5b", "app"),
		pod("api-7c9f8d6b5b-abcde", "ReplicaSet", "api-7c9f8d6b5b", "7c9f8d6b5b"),
		pod("db-0", "StatefulSet", "db", ""), pod("lone", "", "", ""),
	), "prod")
	first := &v1beta1.PodMetricsList{Items: []v1beta1.PodMetrics{
		usage("api-7c9f8d6b5b-x2v9k", 1, "app 100m 100Mi", "proxy 10m 20Mi"), usage("api-7c9f8d6b5b-abcde", 1, "app 300m 80Mi"),
		usage("db-0", 1, "db 1 1Gi"), usage("gone-x2v9k", 1, "gone 9 9Gi"),
	}}
	second := &v1beta1.PodMetricsList{Items: []v1beta1.PodMetrics{usage("api-7c9f8d6b5b-x2v9k", 1, "app 100m 100Mi"), usage("api-7c9f8d6b5b-abcde", 16, "app 500m 90Mi")}}
	told := 0
	got, err := (&Meter{conn, metered(first, second, second)}).Use(t.Context(), "shop", Sampling{Samples: 3, Interval: time.Millisecond, Tell: func(int, int) { told++ }})
	if err != nil {
		t.Fatal(err)
	}
	at := func(kind, name, container string) audit.Container {
		return audit.Container{Ref: workload.Ref{Namespace: "shop", Kind: kind, Name: name}, Name: container}
	}
	want := audit.Measured{
		Source:    "metrics.k8s.io of cluster prod, a moment's use (samples: 3 in 2ms, pods: 4)",
		Momentary: true,
		Containers: map[audit.Container]audit.Usage{
			// The busiest pod in the two samples that differ: 300m and 100Mi, then 500m and 90Mi.
			at("Deployment", "api", "app"):   {CPUMilli: audit.NewUse([]float64{300, 500}), MemoryMiB: audit.NewUse([]float64{100, 90}), Killed: 1},
			at("Deployment", "api", "proxy"): {CPUMilli: audit.NewUse([]float64{10}), MemoryMiB: audit.NewUse([]float64{20})},
			at("StatefulSet", "db", "db"):    {CPUMilli: audit.NewUse([]float64{1000}), MemoryMiB: audit.NewUse([]float64{1024})},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || told != 3 {
		t.Errorf("told %d times (-want +got):\n%s", told, diff)
	}
}

// A cluster that does not tell what pods use is told from one that does not answer.
func TestUseRefused(t *testing.T) {
	gone := &url.Error{Op: "Get", URL: "https://prod", Err: syscall.ECONNREFUSED}
	pods := schema.GroupResource{Group: "metrics.k8s.io", Resource: "pods"}
	for name, tc := range map[string]struct {
		reason  string
		metrics error
		pods    error
		noUse   bool
		want    string
	}{
		"NoAPI":       {reason: "metrics-server is not installed", metrics: apierrors.NewNotFound(pods, ""), noUse: true, want: "cluster prod has no metrics.k8s.io, or metrics-server is down"},
		"Down":        {reason: "metrics-server does not run", metrics: apierrors.NewServiceUnavailable("no endpoints"), noUse: true, want: "metrics-server is down"},
		"Forbidden":   {reason: "the role lacks metrics.k8s.io", metrics: apierrors.NewForbidden(pods, "", errors.New("no")), noUse: true, want: "cluster prod does not allow reading pods of metrics.k8s.io in namespace shop"},
		"Unreachable": {reason: "nobody answers", metrics: gone, want: "cluster prod does not answer"},
		"NoPods":      {reason: "the role lacks pods", pods: apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("no")), want: "cluster prod does not allow listing pods in namespace shop"},
		"Unknown":     {reason: "the token has expired", pods: apierrors.NewUnauthorized("no"), want: "does not know who asks"},
	} {
		t.Run(name, func(t *testing.T) {
			core, metrics := fake.NewClientset(), metricsfake.NewSimpleClientset()
			refuse := func(f *clienttesting.Fake, err error) {
				if err != nil {
					f.PrependReactor("list", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, err })
				}
			}
			refuse(&core.Fake, tc.pods)
			refuse(&metrics.Fake, tc.metrics)
			_, err := (&Meter{New(core, "prod"), metrics}).Use(t.Context(), "shop", Sampling{Samples: 1})
			if err == nil || !strings.Contains(err.Error(), tc.want) || errors.Is(err, ErrNoUse) != tc.noUse {
				t.Errorf("%s: error %v (no use: %v), want %q", tc.reason, err, errors.Is(err, ErrNoUse), tc.want)
			}
		})
	}
}

func TestUseStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := (&Meter{New(fake.NewClientset(), "prod"), metered(&v1beta1.PodMetricsList{})}).Use(ctx, "shop", Sampling{Samples: 2, Interval: time.Hour, Tell: func(int, int) { cancel() }})
	if err == nil || err.Error() != "stopped while sampling" {
		t.Errorf("error %v", err)
	}
}

func TestWorkloadsRefused(t *testing.T) {
	core := fake.NewClientset()
	core.PrependReactor("list", "horizontalpodautoscalers", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(schema.GroupResource{Group: "autoscaling", Resource: "horizontalpodautoscalers"}, "", errors.New("role headroom"))
	})
	_, err := New(core, "prod").Workloads(t.Context(), "shop")
	var said *live.Error
	if !errors.As(err, &said) || said.Message != "cluster prod does not allow listing horizontalpodautoscalers in namespace shop" || !strings.Contains(strings.Join(said.Hints, " "), "role headroom") {
		t.Errorf("%v", err)
	}
}
