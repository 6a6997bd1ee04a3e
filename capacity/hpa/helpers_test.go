package hpa

import (
	"testing"
	"time"
)

// utilization is CPU at a percent of the request, the commonest metric.
func utilization(percent int64) []Metric {
	return []Metric{{Source: Resource, CPU: true, Target: Utilization, Value: percent}}
}

// total is a service total per pod, in thousandths.
func total(perPod int64) []Metric {
	return []Metric{{Source: External, Target: AverageValue, Value: perPod}}
}

func mustNew(t testing.TB, settings Settings, spec Spec) *Autoscaler {
	t.Helper()
	a, err := New(settings, spec)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// old is a pod that has been ready for an hour.
func old() Pod {
	return Pod{Phase: Running, Ready: ReadyTrue, HasStarted: true, Started: -time.Hour, ReadyChanged: -time.Hour}
}

// young is a pod that started at the given time and was ready at once.
func young(started time.Duration) Pod {
	return Pod{Phase: Running, Ready: ReadyTrue, HasStarted: true, Started: started, ReadyChanged: started}
}

// using is n old pods that each use the given CPU of a request of one core.
func using(n int, milli int64) Observation {
	o := Observation{SpecReplicas: int32(n), StatusReplicas: int32(n), Readings: make([]Reading, 1)}
	for range n {
		o.Pods = append(o.Pods, old())
		o.Readings[0].Samples = append(o.Readings[0].Samples, sample(milli))
	}
	return o
}

func sample(milli int64) Sample {
	return Sample{Present: true, Value: milli, Request: 1000, Window: 15 * time.Second}
}

// and appends a pod with its sample.
func (o Observation) and(p Pod, s Sample) Observation {
	o.Pods = append(o.Pods, p)
	o.Readings[0].Samples = append(o.Readings[0].Samples, s)
	return o
}

// counting is an observation of a service total with n pods.
func counting(n int32, total int64) Observation {
	return Observation{SpecReplicas: n, StatusReplicas: n, Readings: []Reading{{Total: total}}}
}

// follow steps every 15 s and a millisecond with the totals, from n replicas, and
// returns the replicas after each step.
func follow(a *Autoscaler, n int32, totals ...int64) []int32 {
	var got []int32
	for i, total := range totals {
		n = a.Step(at(i), counting(n, total)).Replicas
		got = append(got, n)
	}
	return got
}

func at(sync int) time.Duration { return time.Duration(sync) * (15*time.Second + time.Millisecond) }

func repeat(n int, v int64) []int64 {
	vs := make([]int64, n)
	for i := range vs {
		vs[i] = v
	}
	return vs
}

func ptr[T any](v T) *T { return &v }
