//go:build linux

package promises

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/tests/cluster"
)

// steep is a ramp to growth times today's peak that is steeper than the stack's
// own, so that a test of minutes has all of it.
const steep = 3 * time.Minute

// machine is what waits in a row may take longer here than in a cluster: two
// processors run the whole control plane, and hundreds of tenants beside.
const machine = 10 * time.Second

// capacityTime ramps production to growth times its peak: at its own pace, faster
// on the nodes of its warm floor, and at once on so few that it needs new ones.
func capacityTime(t *testing.T, w *world) {
	t.Run("pace", func(t *testing.T) {
		t.Parallel()
		paced(t, w)
	})
	t.Run("warm", func(t *testing.T) {
		t.Parallel()
		ramped(t, w)
	})
	t.Run("cold", func(t *testing.T) {
		t.Parallel()
		cold(t, w)
	})
}

// paced plays the beginning of the stack's own ramp: at every second of it the pods
// that are Ready carry the load within the promises.
func paced(t *testing.T, w *world) {
	const part = 3 * time.Minute
	traffic := w.prod.spec.Traffic
	top := 1 + (w.prod.plan.Growth-1)*part.Seconds()/traffic.Ramp.Seconds()
	n := move(t, w.Cluster, w.prod, "capacity-pace", settings{})
	var all sync.WaitGroup
	for _, name := range w.prod.services() {
		all.Go(func() {
			if err := n.settled(t.Context(), name); err != nil {
				t.Error(err)
				return
			}
			began := n.of(name).Play(rise(t, part, top))
			if wait(t.Context(), part+time.Minute) != nil {
				return
			}
			if least := n.room(name, began, part+time.Minute); !w.table.atLeast(fmt.Sprintf("capacity: room of %s at every second of the first %s of a ramp to %g× in %s", name, part, w.prod.plan.Growth, traffic.Ramp), 0, "rps", least) {
				t.Errorf("%s: %.0f rps more than the Ready pods carry; Ready %v", name, -least, n.steps(name, cluster.Ready).Since(began))
			}
		})
	}
	all.Wait()
}

// room is the least that the Ready pods of a service could have taken beyond its
// load, within the promises, at any second of a while.
func (n *tenant) room(name string, began time.Time, while time.Duration) float64 {
	p, ready, least := n.stack.plan.Services[name], n.steps(name, cluster.Ready), math.Inf(1)
	for at := began; at.Before(began.Add(while)); at = at.Add(time.Second) {
		least = min(least, float64(ready.At(at))*p.KneeRPS*p.SafePercent/100-n.of(name).RPS(at))
	}
	return least
}

func ramped(t *testing.T, w *world) {
	pool := newGroup(t, w, "warm", w.prod.plan.Nodes.Groups[0].MinSize)
	n := move(t, w.Cluster, w.prod, "capacity-warm", settings{pool: pool.name, pause: true})
	pool.serve(t, n)
	var all sync.WaitGroup
	for _, name := range w.prod.services() {
		all.Go(func() {
			p := w.prod.plan.Services[name]
			if err := n.settled(t.Context(), name); err != nil {
				t.Error(err)
				return
			}
			began := n.of(name).Play(rise(t, steep, w.prod.plan.Growth))
			took, err := n.carries(t.Context(), name, began)
			if err != nil || !w.table.atMost(fmt.Sprintf("capacity: %s Ready for %g×, from the start of a ramp of %s", name, w.prod.plan.Growth, steep), steep.Seconds()+p.Timeline.LagSeconds, "s", took) {
				t.Errorf("%s: %v s, %v", name, took, err)
			}
		})
	}
	all.Wait()
	w.table.atMost("capacity: nodes of the group, warm", float64(w.prod.plan.Nodes.Groups[0].MaxSize), "nodes", float64(pool.size()))
}

// rise is a ramp from today's peak to so many times it, which then is held.
func rise(t testing.TB, over time.Duration, to float64) load.Curve {
	t.Helper()
	c, err := load.New(load.Knot{Level: 1}, load.Knot{At: over, Level: to}, load.Knot{At: over + time.Minute, Level: to})
	must(t, "a ramp", err)
	return c
}

// carries waits for as many Ready pods as growth times today's peak needs within
// the promises, and says how long that took.
func (n *tenant) carries(ctx context.Context, name string, began time.Time) (float64, error) {
	p := n.stack.plan.Services[name]
	needed := int(math.Ceil(p.OriginRPS/(p.KneeRPS*p.SafePercent/100) - 1e-9))
	var at time.Time
	err := eventually(ctx, 7*time.Minute, func() error {
		var ok bool
		if at, ok = n.steps(name, cluster.Ready).Reached(needed, began); !ok {
			return fmt.Errorf("%s has %d of %d pods Ready", name, n.now(name, cluster.Ready), needed)
		}
		return nil
	})
	return at.Sub(began).Seconds(), err
}

// cold starts on nodes that are full: pause pods give their room to the first pods,
// and the harness adds nodes after the plan's boot time, as Cluster Autoscaler
// would ask for them.
func cold(t *testing.T, w *world) {
	pool := newGroup(t, w, "cold", w.tight())
	n := move(t, w.Cluster, w.prod, "capacity-cold", settings{pool: pool.name, pause: true})
	for _, name := range w.prod.services() {
		must(t, name, n.settled(t.Context(), name))
	}
	must(t, "pause pods", eventually(t.Context(), patience, func() error {
		if have := n.now("backend-pause", cluster.Ready); have < w.prod.plan.Services["backend"].PausePods {
			return fmt.Errorf("%d pause pods are Ready", have)
		}
		return nil
	}))
	pool.serve(t, n)
	p := w.prod.plan.Services["backend"]
	before := n.now("backend", cluster.Replicas)
	began := n.of("backend").Play(rise(t, time.Second, w.prod.plan.Growth))
	decided, err := n.decision(t.Context(), "backend", before, began)
	must(t, "decision", err)
	var waiting, given time.Time
	must(t, "preemption", eventually(t.Context(), patience, func() error {
		var created, preempted bool
		waiting, created = n.steps("backend", cluster.Pending).Above(0, began)
		given, preempted = n.steps("backend-pause", cluster.Ready).Below(p.PausePods, began)
		if !created || !preempted {
			return fmt.Errorf("a pod waits: %t, a pause pod went: %t", created, preempted)
		}
		return nil
	}))
	// Preemption counts from the first pod: creating it is the turn of controllers that
	// hundreds of tenants share, which a cluster has not.
	w.table.note("capacity: first pod without a node, after the decision", "s", waiting.Sub(decided).Seconds())
	if !w.table.atMost("capacity: pause pods preempted after the first pod without a node", machine.Seconds(), "s", given.Sub(waiting).Seconds()) {
		t.Errorf("pause pods are there for %s after the first pod without a node", given.Sub(waiting))
	}
	took, err := n.carries(t.Context(), "backend", began)
	late := pool.lateness()
	took -= late
	w.table.note("capacity: nodes that came later than the plan's boot time, which the step is not charged with", "s", late)
	// Two scans: one sees the pods, the next what still has no room.
	limit := p.Timeline.StepSeconds + w.prod.plan.Nodes.BootSeconds + 2*w.prod.plan.Nodes.Autoscaler.ScanSeconds + machine.Seconds()
	if err != nil || !w.table.atMost("capacity: backend Ready for a step to 5× on full nodes; new ones come after the plan's boot time", limit, "s", took) {
		t.Errorf("%v s, limit %v s, %v", took, limit, err)
	}
	if !w.table.atMost("capacity: nodes of the group, cold", float64(w.prod.plan.Nodes.Groups[0].MaxSize), "nodes", float64(pool.size())) {
		t.Errorf("%d nodes", pool.size())
	}
}

// tight is the least number of nodes that have room for the floor of production
// and its pause pods.
func (w *world) tight() int {
	cpu := 0.0
	for name, p := range w.prod.plan.Services {
		cpu += float64(p.MinReplicas+p.PausePods) * float64(w.prod.spec.Services[name].Resources.Requests.CPU)
	}
	return int(math.Ceil(cpu / float64(w.prod.plan.Nodes.Groups[0].FreeMilliCPU)))
}

// group is production's node group in a pool of its own.
type group struct {
	w    *world
	name string
	plan plan.NodeGroup

	mu          sync.Mutex
	have, asked int
	// late is by how much nodes missed the boot time at most: this process on a busy
	// machine, and nothing of the stack.
	late time.Duration
}

func newGroup(t testing.TB, w *world, name string, size int) *group {
	t.Helper()
	g := &group{w: w, name: name, plan: w.prod.plan.Nodes.Groups[0]}
	must(t, "nodes", g.add(t.Context(), size))
	g.asked = g.have
	return g
}

// add nodes, over the zones in turn.
func (g *group) add(ctx context.Context, n int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for range n {
		zone := g.plan.Zones[g.have%len(g.plan.Zones)]
		shape := cluster.Shape{Pool: g.name, Zone: zone, First: g.have, Count: 1, CPU: fmt.Sprintf("%dm", g.plan.FreeMilliCPU), Memory: fmt.Sprintf("%dMi", g.plan.FreeMiB), Pods: g.plan.MaxPods}
		if err := g.w.AddNodes(ctx, shape); err != nil {
			return err
		}
		g.have++
	}
	return nil
}

func (g *group) size() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.have
}

// due notes when nodes should have been there that are now.
func (g *group) due(at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.late = max(g.late, time.Since(at))
}

func (g *group) lateness() float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.late.Seconds()
}

// serve plays Cluster Autoscaler for a tenant: it looks for pods without a node at
// every scan, asks for as many nodes as they fill and no more than the group may
// have, and gets them after the boot time.
func (g *group) serve(t testing.TB, n *tenant) {
	ctx := t.Context()
	nodes := g.w.prod.plan.Nodes
	boot := time.Duration(nodes.BootSeconds * float64(time.Second))
	go func() {
		for wait(ctx, time.Duration(nodes.Autoscaler.ScanSeconds*float64(time.Second))) == nil {
			milli := 0.0
			for _, name := range n.stack.services() {
				milli += float64(n.now(name, cluster.Pending)) * float64(n.stack.spec.Services[name].Resources.Requests.CPU)
			}
			g.mu.Lock()
			want := min(g.have+int(math.Ceil(1.2*milli/float64(g.plan.FreeMilliCPU))), g.plan.MaxSize) - g.asked
			if want > 0 {
				g.asked += want
			}
			g.mu.Unlock()
			if want > 0 {
				due := time.Now().Add(boot)
				time.AfterFunc(boot, func() {
					if ctx.Err() == nil {
						_ = g.add(ctx, want) // pods that stay Pending tell
						g.due(due)
					}
				})
			}
		}
	}()
}

// full has the node group at its maximum: everything that the plan says fits, and
// what is beyond it stays Pending.
func full(t *testing.T, w *world) {
	pool := newGroup(t, w, "full", w.prod.plan.Nodes.Groups[0].MaxSize)
	n := move(t, w.Cluster, w.prod, "capacity-full", settings{pool: pool.name, pause: true, object: atMax})
	for _, name := range w.prod.services() {
		must(t, name, n.settled(t.Context(), name))
	}
	began := time.Now()
	for _, name := range w.prod.services() {
		must(t, "rollout", n.roll(t.Context(), name))
	}
	for _, name := range w.prod.services() {
		surge := budget.Surge(w.prod.plan.Services[name].MaxReplicas, w.prod.plan.Services[name].Rollout.MaxSurgePercent)
		must(t, "surge", eventually(t.Context(), patience, func() error {
			if most := n.steps(name, cluster.Ready).Most(began); most < w.prod.plan.Services[name].MaxReplicas+surge {
				return fmt.Errorf("%s has had %d pods Ready in a rollout, want %d", name, most, w.prod.plan.Services[name].MaxReplicas+surge)
			}
			return nil
		}))
		// A pod is without a node for the moment in which the scheduler looks for one.
		if !w.table.atMost("capacity: time a pod of "+name+" is Pending with all at maximum and surge", 5, "s", longest(n.steps(name, cluster.Pending).Since(began)).Seconds()) {
			t.Errorf("%s has pods without a node: %v", name, n.steps(name, cluster.Pending).Since(began))
		}
	}
	beyond(t, w, n)
	if !w.table.atMost("capacity: nodes of a full group", float64(w.prod.plan.Nodes.Groups[0].MaxSize), "nodes", float64(pool.size())) {
		t.Errorf("%d nodes", pool.size())
	}
}

// longest is the longest time for which a number was not 0.
func longest(s cluster.Steps) time.Duration {
	most, since := time.Duration(0), time.Time{}
	for _, step := range append(s, cluster.Step{At: time.Now()}) {
		switch {
		case step.N > 0 && since.IsZero():
			since = step.At
		case step.N == 0 && !since.IsZero():
			most, since = max(most, step.At.Sub(since)), time.Time{}
		}
	}
	return most
}

// atMax lets autoscalers start at their maximum.
func atMax(o *unstructured.Unstructured) {
	if o.GetKind() == "HorizontalPodAutoscaler" {
		most, _, _ := unstructured.NestedFieldNoCopy(o.Object, "spec", "maxReplicas")
		_ = unstructured.SetNestedField(o.Object, most, "spec", "minReplicas") // an HPA has that path
	}
}

// beyond asks for the room of all nodes once more.
func beyond(t *testing.T, w *world, n *tenant) {
	g := w.prod.plan.Nodes.Groups[0]
	labels, pods := map[string]string{cluster.NameLabel: "beyond"}, int32(g.MaxSize)
	o := object(t, &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: metav1.ObjectMeta{Name: "beyond", Namespace: n.namespace},
		Spec: appsv1.DeploymentSpec{Replicas: &pods, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "beyond", Image: "registry.k8s.io/pause:3.10",
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: *resource.NewMilliQuantity(g.FreeMilliCPU, resource.DecimalSI)}}}}}}}})
	must(t, "more than fits", n.Apply(t.Context(), o))
	_ = wait(t.Context(), 20*time.Second) // the scheduler has seen all of them by then
	if pending := n.now("beyond", cluster.Pending); !w.table.atLeast("capacity: pods beyond a full group that stay Pending", 1, "pods", float64(pending)) {
		t.Error("the nodes take more than they have")
	}
}
