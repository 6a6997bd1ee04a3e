package workload

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/agencyos/headroom/capacity/spec"
)

// kinds that run pods. A CronJob runs them now and then.
var kinds = []string{"Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod"}

// kindScaler is that of an autoscaler.
const kindScaler = "HorizontalPodAutoscaler"

// Reads says whether an object of a kind is a workload or an autoscaler.
func Reads(kind string) bool { return kind == kindScaler || slices.Contains(kinds, kind) }

// Decode reads one object in the form of the API. The name of where it was read
// begins the path of every problem; all problems are reported at once, as
// spec.Problems.
func Decode(where string, object []byte) (Set, error) {
	var f form
	if err := json.Unmarshal(object, &f); err != nil {
		return Set{}, malformed(where, err)
	}
	d := decoder{where: where}
	var s Set
	switch {
	case f.Kind == kindScaler:
		s.Autoscalers = []Autoscaler{d.scaler(f)}
	case slices.Contains(kinds, f.Kind):
		pod, at, err := podOf(f, object)
		if err != nil {
			return Set{}, malformed(where, err)
		}
		s.Workloads = []Workload{d.workload(f, pod, at)}
	}
	if len(d.problems) > 0 {
		return Set{}, d.problems
	}
	return s, nil
}

// malformed is a field of another type than the API's.
func malformed(where string, err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return spec.Problems{{Path: where + " " + wrong.Field, Rule: "must be " + plainType(wrong.Type.String()) + ", and is a " + wrong.Value, Fix: "kubectl explain shows the form"}}
	}
	return spec.Problems{{Path: where, Rule: err.Error()}}
}

func plainType(goType string) string {
	switch {
	case strings.HasPrefix(goType, "int"):
		return "a whole number"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "string":
		return "text"
	}
	return "an object"
}

// podOf is the template of the pods and where it stands.
func podOf(f form, object []byte) (podForm, string, error) {
	switch f.Kind {
	case "Pod":
		var own struct {
			Spec podForm `json:"spec"`
		}
		err := json.Unmarshal(object, &own)
		return own.Spec, "spec", err
	case "CronJob":
		return f.Spec.JobTemplate.Spec.Template.Spec, "spec.jobTemplate.spec.template.spec", nil
	}
	return f.Spec.Template.Spec, "spec.template.spec", nil
}

// decoder collects problems.
type decoder struct {
	where    string
	problems spec.Problems
}

func (d *decoder) add(path, value, rule string) {
	d.problems = append(d.problems, spec.Problem{Path: d.where + " " + path, Value: value, Rule: rule})
}

func (d *decoder) workload(f form, pod podForm, at string) Workload {
	w := Workload{
		Ref: Ref{f.Metadata.Namespace, f.Kind, f.Metadata.Name}, Where: d.where,
		Replicas: replicas(f), Selector: f.Spec.Selector.MatchLabels, Grace: defaultGrace,
		MinReady: time.Duration(f.Spec.MinReadySeconds) * time.Second,
		Surge:    string(f.Spec.Strategy.RollingUpdate.MaxSurge), Unavailable: string(f.Spec.Strategy.RollingUpdate.MaxUnavailable),
		Pod: d.resources(at+".resources", pod.Resources),
	}
	if f.Metadata.Name == "" {
		d.add("metadata.name", "", "must be set")
	}
	if s := pod.TerminationGracePeriodSeconds; s != nil {
		w.Grace = time.Duration(*s) * time.Second
	}
	for i, c := range pod.Containers {
		w.Containers = append(w.Containers, d.container(fmt.Sprintf("%s.containers[%d]", at, i), c))
	}
	for i, c := range pod.InitContainers {
		one := d.container(fmt.Sprintf("%s.initContainers[%d]", at, i), c)
		if one.Sidecar = c.RestartPolicy == "Always"; one.Sidecar {
			w.Containers = append(w.Containers, one)
		} else {
			w.Init = append(w.Init, one)
		}
	}
	return w
}

// defaultGrace of the API (k8s.io/api core/v1 types.go PodSpec, v0.36).
const defaultGrace = 30 * time.Second

// replicas that are asked for. A single pod is one.
func replicas(f form) *int {
	one := 1
	switch {
	case f.Kind == "Pod":
		return &one
	case f.Kind == "CronJob" || f.Kind == "Job":
		return nil
	case f.Status.DesiredNumberScheduled != nil:
		return f.Status.DesiredNumberScheduled
	}
	return f.Spec.Replicas
}

func (d *decoder) container(at string, f containerForm) Container {
	c := Container{Name: f.Name, Image: f.Image, Resources: d.resources(at+".resources", f.Resources),
		Env: map[string]string{}, Readiness: f.ReadinessProbe.HTTPGet.Path, Liveness: f.LivenessProbe.HTTPGet.Path}
	for _, p := range f.Ports {
		c.Ports = append(c.Ports, Port{p.Name, p.ContainerPort})
	}
	for _, e := range f.Env {
		if len(e.ValueFrom) > 0 && string(e.ValueFrom) != "null" {
			c.EnvElsewhere = append(c.EnvElsewhere, e.Name)
			continue
		}
		c.Env[e.Name] = string(e.Value)
	}
	for _, e := range f.EnvFrom {
		switch {
		case e.ConfigMapRef != nil:
			c.EnvFrom = append(c.EnvFrom, "ConfigMap "+e.ConfigMapRef.Name)
		case e.SecretRef != nil:
			c.EnvFrom = append(c.EnvFrom, "Secret "+e.SecretRef.Name)
		}
	}
	c.PreStop, c.OtherPreStop = sleeps(f.Lifecycle.PreStop)
	return c
}

// sleep is the command of a hook that only waits, by itself or in a shell.
var sleep = regexp.MustCompile(`(?:^|[ /])sleep (\d{1,5})s?$`)

// sleeps is how long a hook waits, and whether it does something else.
func sleeps(hook *preStopForm) (time.Duration, bool) {
	switch {
	case hook == nil:
		return 0, false
	case hook.Sleep != nil:
		return time.Duration(hook.Sleep.Seconds) * time.Second, false
	case hook.Exec != nil:
		if m := sleep.FindStringSubmatch(strings.TrimSpace(strings.Join(hook.Exec.Command, " "))); m != nil {
			n, _ := strconv.Atoi(m[1]) // five digits
			return time.Duration(n) * time.Second, false
		}
	}
	return 0, true
}

// resources with the requests that the API fills in from the limits.
func (d *decoder) resources(at string, f resourcesForm) Resources {
	r := Resources{Request: d.amounts(at+".requests", f.Requests), Limit: d.amounts(at+".limits", f.Limits)}
	if r.Request.CPUMilli == nil {
		r.Request.CPUMilli = r.Limit.CPUMilli
	}
	if r.Request.MemoryMiB == nil {
		r.Request.MemoryMiB = r.Limit.MemoryMiB
	}
	return r
}

func (d *decoder) amounts(at string, texts map[string]loose) Amounts {
	return Amounts{
		CPUMilli:  d.amount(at+".cpu", texts["cpu"], 1000, `must be an amount of CPU such as "500m"`),
		MemoryMiB: d.amount(at+".memory", texts["memory"], 1.0/(1<<20), `must be an amount of memory such as "512Mi"`),
	}
}

// No machine has more; it keeps sums over many pods finite.
const mostOfAny = 1 << 50

// amount reads a quantity in the API's form, in units of which so many make one.
func (d *decoder) amount(at string, text loose, units float64, rule string) *float64 {
	if text == "" || text == "null" {
		return nil
	}
	q, err := resource.ParseQuantity(string(text))
	n := q.AsApproximateFloat64()
	if err != nil || math.IsNaN(n) || n < 0 || n > mostOfAny {
		d.add(at, string(text), rule)
		return nil
	}
	n *= units
	return &n
}

// defaultCPUTarget is what autoscaling/v2 fills in without any metric
// (k8s.io/kubernetes pkg/apis/autoscaling/v2/defaults.go, v1.36).
const defaultCPUTarget = 80

func (d *decoder) scaler(f form) Autoscaler {
	a := Autoscaler{Namespace: f.Metadata.Namespace, Name: f.Metadata.Name, Where: d.where, Min: 1, Max: f.Spec.MaxReplicas,
		TargetKind: f.Spec.ScaleTargetRef.Kind, TargetName: f.Spec.ScaleTargetRef.Name}
	if f.Spec.MinReplicas != nil {
		a.Min = *f.Spec.MinReplicas
	}
	if a.Max < 1 {
		d.add("spec.maxReplicas", fmt.Sprint(a.Max), "must be 1 or more")
	}
	if f.Spec.TargetCPU != nil {
		a.CPU = []Target{{Percent: *f.Spec.TargetCPU}}
	} else if len(f.Spec.Metrics) == 0 {
		a.CPU = []Target{{Percent: defaultCPUTarget}}
	}
	for i, m := range f.Spec.Metrics {
		from, field := m.Resource, "resource"
		if m.Type == "ContainerResource" {
			from, field = m.ContainerResource, "containerResource"
		}
		percent := from.Target.AverageUtilization
		if percent == nil {
			continue
		}
		if *percent < 1 {
			d.add(fmt.Sprintf("spec.metrics[%d].%s.target.averageUtilization", i, field), fmt.Sprint(*percent), "must be 1 percent or more")
			continue
		}
		target := Target{Percent: *percent, Container: from.Container}
		switch from.Name {
		case "cpu":
			a.CPU = append(a.CPU, target)
		case "memory":
			a.Memory = append(a.Memory, target)
		}
	}
	return a
}
