//go:build linux

package promises

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/tests/cluster"
	"github.com/agencyos/headroom/tests/cluster/traffic"
)

// trials of a measurement: enough for phases that hurt.
const trials = 20

// path is the way of a load to the decision.
type path struct {
	name   string
	stacks []*stack
	// source of the metric that goes this way; empty for all that is declared.
	source string
}

// trigger measures the time from sustained high load to the decision: of CPU alone,
// and of what is declared. A custom metric promises nothing alone: the window of a
// rate hides a fresh step for longer than the limit, and a gauge that is read at a
// moment may be low by chance, scrape after scrape. The CPU behind it has the limit.
func trigger(t *testing.T, w *world) {
	paths := []path{
		{"CPU by metrics-server", []*stack{w.prod, w.staging}, "Resource"},
		{"in flight by Prometheus with CPU behind it", []*stack{w.prod, w.staging}, ""},
		{"request rate by Prometheus with CPU behind it", []*stack{w.byRate["prod"], w.byRate["staging"]}, ""},
	}
	for i, p := range paths {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.measure(t, w, i)
		})
	}
}

// measure runs all trials of a path at once, when everyone of it has settled.
func (p path) measure(t *testing.T, w *world, index int) {
	tenants := p.move(t, w, index)
	var mu sync.Mutex
	found := map[string]*figures{}
	all, within := 0, 0
	var running sync.WaitGroup
	for _, n := range tenants {
		for _, service := range n.stack.services() {
			key := fmt.Sprintf("trigger: %s, %s %s", p.name, n.stack.name, service)
			running.Go(func() {
				raw, adjusted, err := n.trial(t.Context(), service)
				n.retire(t.Context(), service)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("%s: %v", key, err)
					return
				}
				if found[key] == nil {
					found[key] = &figures{}
				}
				found[key].raw, found[key].adjusted = append(found[key].raw, raw), append(found[key].adjusted, adjusted)
				if all++; adjusted <= p.proven(w, n.stack, service) {
					within++
				}
			})
		}
	}
	running.Wait()
	for key, f := range found {
		if !w.table.atMost(key, w.prod.spec.SLO.Trigger.Seconds(), "s", f.adjusted...) || len(f.adjusted) < trials {
			t.Errorf("%s: %v", key, f.adjusted)
		}
		if p.source == "Resource" {
			w.table.note(key+", without the kubelet", "s", f.raw...)
		}
	}
	w.table.note("trigger: trials within the plan's own worst case, "+p.name, "%", 100*float64(within)/float64(max(1, all)))
}

// proven is the plan's worst case of what this way leaves an autoscaler. That of
// CPU as a backstop decides where the request rate leads.
func (p path) proven(w *world, s *stack, service string) float64 {
	if p.source == "Resource" {
		s = w.byRate[s.name]
	}
	return s.plan.Services[service].Timeline.TriggerSeconds
}

// figures of the trials of a service: from the kubelet's sample, and from the load.
type figures struct{ raw, adjusted []float64 }

// move lets a tenant in for each trial of each stack, and waits until all of them
// have settled.
func (p path) move(t *testing.T, w *world, index int) []*tenant {
	var all []*tenant
	var settling sync.WaitGroup
	for _, s := range p.stacks {
		for trial := range trials {
			n := move(t, w.Cluster, s, fmt.Sprintf("trigger-%d-%s-%d", index, s.name, trial), settings{stays: true, object: func(o *unstructured.Unstructured) { s.only(o, p.source) }})
			all = append(all, n)
			for _, service := range s.services() {
				settling.Go(func() {
					if err := n.settled(t.Context(), service); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
	if settling.Wait(); t.Failed() {
		t.FailNow()
	}
	return all
}

// only leaves an autoscaler the metric of one source, of the plan's lead or the CPU
// of its backstop; all of them where there is none. The lead is the plan's, which is
// another than the rendered one where settings were changed.
func (s *stack) only(o *unstructured.Unstructured, source string) {
	if o.GetKind() != "HorizontalPodAutoscaler" {
		return
	}
	metrics, _, _ := unstructured.NestedSlice(o.Object, "spec", "metrics")
	metrics = slices.DeleteFunc(metrics, func(m any) bool { return source != "" && m.(map[string]any)["type"] != source })
	for _, m := range metrics {
		if m := m.(map[string]any); m["type"] == "External" {
			lead := s.plan.Services[o.GetName()].Metrics[0]
			m["external"] = map[string]any{"metric": map[string]any{"name": lead.Name},
				"target": map[string]any{"type": "AverageValue", "averageValue": fmt.Sprintf("%dm", int64(1000*lead.TargetAverageValue))}}
		}
	}
	_ = unstructured.SetNestedSlice(o.Object, metrics, "spec", "metrics") // an HPA has that path
}

// steadied is how long a service has its load before a trial at the least: the
// window of a rate is full by then. The trials begin within spread of that, so
// that their decisions are spread as well, with all the pods that they start.
const steadied, spread = time.Minute, 90 * time.Second

// trial steps the load of a settled service up, at a moment that has nothing to do
// with anything, and waits for more replicas. Raw is what the control plane took
// from the first sample of the kubelets that saw the load, adjusted what passed
// from the load itself.
func (n *tenant) trial(ctx context.Context, service string) (raw, adjusted float64, err error) {
	before, began, err := n.overloadByChance(ctx, service)
	if err != nil {
		return 0, 0, err
	}
	decided, err := n.decision(ctx, service, before, began)
	if err != nil {
		return 0, 0, err
	}
	sampled, ok := n.of(service).Sampled(began)
	if !ok || sampled.After(decided) {
		sampled = began // the kubelets had no part in it
	}
	return decided.Sub(sampled).Seconds(), decided.Sub(began).Seconds(), nil
}

// overloadByChance overloads a settled service at a moment of chance, and says how many
// replicas it had.
func (n *tenant) overloadByChance(ctx context.Context, service string) (before int, began time.Time, err error) {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	if err := wait(ctx, steadied+time.Duration(random.Int64N(int64(spread)))); err != nil {
		return 0, time.Time{}, err
	}
	before = n.now(service, cluster.Replicas)
	began, err = n.overload(service, before)
	return before, began, err
}

// retire ends the load and the autoscaler of a service that has decided: what others
// still measure need not wait for it. Its pods stay, as removing them is work.
func (n *tenant) retire(ctx context.Context, service string) {
	n.Traffic.Remove(traffic.Key{Namespace: n.namespace, Service: service})
	_ = n.Client.AutoscalingV2().HorizontalPodAutoscalers(n.namespace).Delete(ctx, service, metav1.DeleteOptions{}) // one that is left costs time alone
}

// overload holds what counts as sustained high load for so many replicas.
func (n *tenant) overload(service string, replicas int) (time.Time, error) {
	p := n.stack.plan.Services[service]
	level := budget.Overload * float64(replicas) * p.TargetRPS / p.PeakOriginRPS
	c, err := load.New(load.Knot{Level: level}, load.Knot{At: time.Minute, Level: level})
	if err != nil {
		return time.Time{}, err
	}
	return n.of(service).Play(c), nil
}

// decision is when more replicas than before were asked for.
func (n *tenant) decision(ctx context.Context, service string, before int, began time.Time) (time.Time, error) {
	var at time.Time
	err := eventually(ctx, 3*time.Minute, func() error {
		var ok bool
		if at, ok = n.steps(service, cluster.Replicas).Above(before, began); !ok {
			return fmt.Errorf("%s/%s still has %d replicas, %s after its load went up", n.namespace, service, before, time.Since(began).Round(time.Second))
		}
		return nil
	})
	return at, err
}
