//go:build linux

package promises

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/sim/station"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live/prometheus"
	"github.com/agencyos/headroom/tests/cluster"
	"github.com/agencyos/headroom/tests/cluster/traffic"
)

// planted is a Deployment of two pods whose use is known.
type planted struct {
	// used in millicores and MiB by each pod, and the share of throttled periods.
	cpu, memory, throttled float64
	requests, limits       spec.Amounts
	// target of an autoscaler by CPU utilization; 0 has none.
	target int32
}

// plants by their names. The figures lie off the steps to which a suggestion is
// rounded.
var plants = map[string]planted{
	"over":   {cpu: 101, memory: 100, requests: spec.Amounts{CPU: 1000, Memory: 1024}, limits: spec.Amounts{Memory: 1024}},
	"under":  {cpu: 381, memory: 200, throttled: 0.4, requests: spec.Amounts{CPU: 100, Memory: 128}, limits: spec.Amounts{CPU: 400, Memory: 210}},
	"un":     {cpu: 151, memory: 80, target: 70},
	"killed": {cpu: 221, memory: 200, requests: spec.Amounts{CPU: 300, Memory: 300}, limits: spec.Amounts{CPU: 300, Memory: 300}},
	"well":   {cpu: 201, memory: 200, requests: spec.Amounts{CPU: 250, Memory: 256}, limits: spec.Amounts{Memory: 256}, target: 85},
}

// auditSpace is where they are planted.
const auditSpace = "audit"

// judged is what the command says about a container.
type judged struct {
	Class           workload.Quality
	Pods            int
	Autoscaler      string
	CPU, Memory     audit.Verdict
	CPUUsed         float64
	MemoryUsed      float64
	CPUWanted       float64
	MemoryWanted    float64
	MemoryLimit     float64
	Throttling, OOM audit.Risk
	Killed          int
}

// audited runs headroom audit, with the rights that its guide asks for and no
// others, on Deployments whose use is known: by a moment of metrics-server, then by
// a window of Prometheus.
func audited(t *testing.T, w *world) {
	must(t, "namespace", w.AddNamespace(t.Context(), auditSpace, ""))
	for name, p := range plants {
		p.grow(t, w, name)
	}
	kubeconfig := engineer(t, w, "audit.md", auditSpace, "headroom-audit")
	strangers(t, w, kubeconfig)
	began := measuredPods(t, w)
	kill(t, w, "killed")
	byMoment(t, w, kubeconfig)
	if err := wait(t.Context(), time.Until(whole5m(began).Add(20*time.Second))); err != nil {
		t.Fatal(err) // a sample of the window's end is scraped within 20 s
	}
	byHistory(t, w, kubeconfig)
}

// strangers are refused: the rights of the others would show nothing otherwise.
func strangers(t *testing.T, w *world, kubeconfig string) {
	t.Helper()
	out, messages, code := w.headroom(t, "audit", "--kubeconfig", kubeconfig, "--namespace", "kube-system")
	if code != 2 || out != "" || !strings.HasPrefix(messages, "headroom: cluster tests does not allow listing deployments in namespace kube-system\n") {
		t.Errorf("an audit without rights exits %d and says %s%s", code, messages, out)
	}
}

// whole5m is the end of the first of Prometheus's windows that has no time before a
// moment.
func whole5m(since time.Time) time.Time {
	return since.Add(prometheus.Window - 1).Truncate(prometheus.Window).Add(prometheus.Window)
}

// grow applies the Deployment, its autoscaler and what its pods will be seen to use.
func (p planted) grow(t *testing.T, w *world, name string) {
	t.Helper()
	idle := station.Config{Servers: 1, CPU: station.Work{Mean: 0.01}, Kinds: []station.Kind{{Share: 1, Service: station.Work{Mean: 0.01}}}}
	_, err := w.Traffic.Add(traffic.Key{Namespace: auditSpace, Service: name},
		traffic.Config{Station: idle, IdleCPU: p.cpu, Memory: p.memory, Throttled: p.throttled, Requests: "requests_total", InProgress: "in_progress"})
	must(t, name, err)
	labels, two := map[string]string{cluster.NameLabel: name}, int32(2)
	meta := metav1.ObjectMeta{Name: name, Namespace: auditSpace}
	container := corev1.Container{Name: name, Image: "registry.agencyos.example/" + name + ":1.0.0",
		Resources: corev1.ResourceRequirements{Requests: quantities(p.requests), Limits: quantities(p.limits)}}
	must(t, name, w.Apply(t.Context(), object(t, &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: meta,
		Spec: appsv1.DeploymentSpec{Replicas: &two, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{container}}}}})))
	if p.target == 0 {
		return
	}
	cpu := autoscalingv2.MetricSpec{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{Name: corev1.ResourceCPU,
		Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &p.target}}}
	must(t, name, w.Apply(t.Context(), object(t, &autoscalingv2.HorizontalPodAutoscaler{TypeMeta: metav1.TypeMeta{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"}, ObjectMeta: meta,
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &two, MaxReplicas: 4, Metrics: []autoscalingv2.MetricSpec{cpu},
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name}}})))
}

// measuredPods waits until metrics-server tells the use of all pods, and says since
// when Prometheus has samples of all.
func measuredPods(t *testing.T, w *world) time.Time {
	t.Helper()
	must(t, "metrics of all pods", eventually(t.Context(), patience, func() error {
		var found struct{ Items []struct{} }
		text, err := w.Client.CoreV1().RESTClient().Get().AbsPath("/apis/metrics.k8s.io/v1beta1/namespaces/"+auditSpace+"/pods").SetHeader("Accept", "application/json").DoRaw(t.Context())
		if err == nil {
			err = json.Unmarshal(text, &found)
		}
		if want := 2 * len(plants); err == nil && len(found.Items) != want {
			err = fmt.Errorf("metrics-server tells the use of %d pods of %d", len(found.Items), want)
		}
		return err
	}))
	return time.Now().Add(30 * time.Second) // the next sample of each is taken and scraped by then
}

// kill tells of one pod what its kubelet would after a kill for memory.
func kill(t *testing.T, w *world, name string) {
	t.Helper()
	pods := w.Client.CoreV1().Pods(auditSpace)
	found, err := pods.List(t.Context(), metav1.ListOptions{LabelSelector: cluster.NameLabel + "=" + name})
	must(t, "pods", err)
	must(t, "a kill", edit(t.Context(), found.Items[0].Name, pods.Get, pods.UpdateStatus, func(pod *corev1.Pod) {
		status := &pod.Status.ContainerStatuses[0]
		status.RestartCount, status.LastTerminationState.Terminated = 1, &corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}
	}))
}

// byMoment raises what a moment shows to be too small, and lowers nothing.
func byMoment(t *testing.T, w *world, kubeconfig string) {
	args := []string{"audit", "--kubeconfig", kubeconfig, "--namespace", auditSpace, "--samples", "2", "--interval", "16s"}
	r := report(t, w, args...)
	if !r.Momentary || !strings.HasPrefix(r.Measured, "metrics.k8s.io of cluster tests, a moment's use (samples: 2 in 16s, pods: 10)") {
		t.Errorf("measured by %q", r.Measured)
	}
	want := map[string]judged{
		"killed": {workload.Guaranteed, 2, "", audit.Fine, audit.Fine, 221, 200, 300, 400, 400, audit.None, audit.Likely, 1},
		"over":   {workload.Burstable, 2, "", audit.Over, audit.Over, 101, 100, 1000, 1024, 1024, audit.None, audit.None, 0},
		"un":     {workload.BestEffort, 2, "un", audit.Un, audit.Un, 151, 80, 220, 96, 96, audit.None, audit.Possible, 0},
		"under":  {workload.Burstable, 2, "", audit.Under, audit.Under, 381, 200, 440, 232, 232, audit.Possible, audit.Likely, 0},
		"well":   {workload.Burstable, 2, "well", audit.Fine, audit.Fine, 201, 200, 250, 256, 256, audit.None, audit.None, 0},
	}
	if diff := cmp.Diff(want, rows(r), cmpopts.EquateApprox(0.005, 0)); diff != "" {
		t.Errorf("by metrics.k8s.io (-want +got):\n%s", diff)
	}
	findings(t, w, "metrics.k8s.io", r, []string{
		"breaks killed: killed for memory: the last end of 1 container was OOMKilled",
		"breaks un: no cpu request under autoscaler un, which steers to 70 % of it: it cannot compute, and scales no more",
		"breaks under: memory max 200Mi is 95 % of the limit 210Mi: the next burst is a kill",
		"risk un: no memory request: the scheduler reserves nothing for it",
		"risk under: cpu request 100m < p95 381m: it lives on what others leave",
		"risk under: memory request 128Mi < max 200Mi: it lives on what others leave",
		"risk under: CPU limit 400m: p99 381m is 95 % of it, and the mean of minutes hides bursts",
		"waste over: cpu request 1000m: with a p95 of 101m, 120m would do",
		"waste over: memory request 1024Mi: with a max of 100Mi, 120Mi would do",
	})
}

// byHistory knows throttling and lowers what is too large; nobody tells Prometheus
// of kills here. A rate over five minutes of samples that are up to 15 s apart is
// some percent low.
func byHistory(t *testing.T, w *world, kubeconfig string) {
	r := report(t, w, "audit", "--kubeconfig", kubeconfig, "--stack", "prod", "--context", "tests", "--namespace", auditSpace, "--prometheus", w.Prometheus(), "--days", "1")
	want := map[string]judged{
		"killed": {workload.Guaranteed, 2, "", audit.Fine, audit.Fine, 221, 200, 255, 232, 300, audit.None, audit.None, 0},
		"over":   {workload.Burstable, 2, "", audit.Over, audit.Over, 101, 100, 120, 120, 1024, audit.None, audit.None, 0},
		"un":     {workload.BestEffort, 2, "un", audit.Un, audit.Un, 151, 80, 220, 96, 96, audit.None, audit.Possible, 0},
		"under":  {workload.Burstable, 2, "", audit.Under, audit.Under, 381, 200, 440, 232, 232, audit.Likely, audit.Likely, 0},
		"well":   {workload.Burstable, 2, "well", audit.Fine, audit.Fine, 201, 200, 240, 232, 256, audit.None, audit.None, 0},
	}
	if diff := cmp.Diff(want, rows(r), cmpopts.EquateApprox(0.07, 0)); diff != "" {
		t.Errorf("by Prometheus (-want +got):\n%s", diff)
	}
	findings(t, w, "Prometheus", r, []string{
		"breaks un: no cpu request under autoscaler un, which steers to 70 % of it: it cannot compute, and scales no more",
		"breaks under: memory max 200Mi is 95 % of the limit 210Mi: the next burst is a kill",
		"risk un: no memory request: the scheduler reserves nothing for it",
		"risk under: cpu request …m < p95 …m: it lives on what others leave",
		"risk under: memory request 128Mi < max 200Mi: it lives on what others leave",
		"risk under: CPU limit …m: throttled in 40 % of its periods at the p95",
		"waste over: cpu request …m: with a p95 of …m, …m would do",
		"waste over: memory request 1024Mi: with a max of 100Mi, 120Mi would do",
	})
	for _, row := range r.Containers {
		sign := map[string]int{"over": 1, "un": -1, "under": -1}[row.Workload]
		if usd := row.SavingUSDPerMonth; usd == nil || sign == 0 && *usd != 0 || float64(sign)**usd < 0 || sign != 0 && *usd == 0 {
			t.Errorf("%s saves %v, want one of sign %d", row.Workload, usd, sign)
		}
	}
}

// report is what an audit finds that something breaks in, as JSON; it logs the
// text, which a user reads.
func report(t *testing.T, w *world, args ...string) (r audit.Report) {
	t.Helper()
	text, messages, code := w.headroom(t, args...)
	t.Logf("headroom %s\n%s%s", strings.Join(args, " "), messages, text)
	if code != 1 || !strings.Contains(text, "BROKEN") {
		t.Errorf("the audit exits %d, want 1", code)
	}
	out, messages, code := w.headroom(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 1 {
		t.Fatalf("the audit exits %d and says %s%s: %v", code, messages, out, err)
	}
	return r
}

func rows(r audit.Report) map[string]judged {
	found := map[string]judged{}
	for _, c := range r.Containers {
		j := judged{Class: c.QoS, Autoscaler: c.Autoscaler, CPU: c.CPU.Verdict, Memory: c.Memory.Verdict, Throttling: c.Throttling, OOM: c.OOM, Killed: c.Killed}
		if c.Replicas != nil {
			j.Pods = *c.Replicas
		}
		if s := c.CPU; s.Use != nil && s.Suggested != nil {
			j.CPUUsed, j.CPUWanted = s.Use.Max, s.Suggested.Request
		}
		if s := c.Memory; s.Use != nil && s.Suggested != nil {
			j.MemoryUsed, j.MemoryWanted, j.MemoryLimit = s.Use.Max, s.Suggested.Request, *s.Suggested.Limit
		}
		found[c.Workload] = j
	}
	return found
}

var millicores = regexp.MustCompile(`\b\d+m\b`)

// findings compares what was found with what is true, and counts both kinds of
// error. Millicores that vary are left out of both.
func findings(t *testing.T, w *world, source string, r audit.Report, want []string) {
	t.Helper()
	named := map[string]bool{}
	var got []string
	for _, f := range r.Findings {
		line := fmt.Sprintf("%s %s: %s", f.Level, f.Workload, f.What)
		if !r.Momentary {
			line = millicores.ReplaceAllString(line, "…m")
		}
		got = append(got, line)
		named[line] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by %s (-want +got):\n%s", source, diff)
	}
	right := 0
	for _, line := range want {
		if named[line] {
			right++
		}
	}
	wrong := slices.DeleteFunc(slices.Sorted(maps.Keys(named)), func(line string) bool { return slices.Contains(want, line) })
	w.table.atLeast("audit: planted faults that are named, "+source, float64(len(want)), "faults", float64(right))
	w.table.atMost("audit: findings that are false, "+source, 0, "findings", float64(len(wrong)))
}
