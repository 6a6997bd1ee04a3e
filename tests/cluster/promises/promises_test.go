//go:build linux

package promises

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/agencyos/headroom/tests/cluster"
	"github.com/agencyos/headroom/tests/servers"
)

var (
	tablePath = flag.String("promises.table", "", "write the table of what was measured into this file")
	rendered  = flag.String("promises.rendered", "", "folder with what cmd/preview --render wrote for each stack, instead of rendering")
)

// world is the cluster that all tests share, with the stacks that live in it.
type world struct {
	*cluster.Cluster
	table *table
	// command is the path of headroom.
	command       string
	prod, staging *stack
	local         *stack
	// byRate are production and staging when the request rate leads.
	byRate map[string]*stack

	mu sync.Mutex
	// courses of the scenarios that were played, for the simulator.
	courses []course
}

// TestPromises measures all promises at once, each in namespaces of its own.
func TestPromises(t *testing.T) {
	w := found(t)
	defer func() { publish(t, w.table) }()
	t.Run("all", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T, *world){
			"Admission": admission, "Scalers": scalers, "Trigger": trigger, "Capacity": capacityTime, "Full": full, "Simulator": simulator,
			"Audit": audited, "Drain": drain, "Rollout": rollout, "ScaleDown": scaleDown, "Broken": broken,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, w)
			})
		}
	})
	w.simulated(t) // at the end, as the virtual clock needs whole processors
}

// publish shows the table, and keeps it where the flag says. A criterion that does
// not hold fails the test, whoever measured it.
func publish(t *testing.T, found *table) {
	for _, criterion := range found.broken() {
		t.Errorf("does not hold: %s", criterion)
	}
	found.print(t.Output())
	if *tablePath == "" {
		return
	}
	f, err := os.Create(*tablePath)
	must(t, "the table", err)
	found.print(f)
	must(t, "the table", f.Close())
}

// found starts the cluster with room for everyone.
func found(t *testing.T) *world {
	if !servers.All() {
		t.Skip("needs a control plane: make cluster builds and starts one")
	}
	w := &world{table: &table{}, prod: open(t, "prod"), staging: open(t, "staging"), local: open(t, "local"), byRate: map[string]*stack{}}
	render(t, w.prod, w.staging, w.local)
	w.command = build(t, "headroom")
	for _, s := range []*stack{w.prod, w.staging} {
		w.byRate[s.name] = open(t, s.name, "services.backend.autoscaling.metric=requestRate", "services.frontend.autoscaling.metric=requestRate")
		w.byRate[s.name].objects = s.objects
	}
	w.Cluster = cluster.Start(t, cluster.Options{Prometheus: rules(w.prod, w.staging, w.byRate["prod"])})
	for _, zone := range w.prod.spec.PodZones() {
		must(t, "nodes", w.AddNodes(t.Context(), cluster.Shape{Zone: zone, Count: 2, CPU: "4000", Memory: "4000Gi", Pods: 2000}))
	}
	for _, s := range []*stack{w.prod, w.staging} {
		for _, o := range s.objects {
			if o.GetKind() == "PriorityClass" {
				must(t, "priorities", w.Apply(t.Context(), o))
			}
		}
	}
	return w
}

// render fills in what is declared for each stack.
func render(t *testing.T, stacks ...*stack) {
	dir := *rendered
	var rendering sync.WaitGroup
	if dir == "" {
		dir = t.TempDir()
		preview := build(t, "preview")
		for _, s := range stacks {
			rendering.Go(func() {
				if err := s.preview(t.Context(), preview, filepath.Join(dir, s.name)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	if rendering.Wait(); t.Failed() {
		t.FailNow()
	}
	for _, s := range stacks {
		var err error
		s.objects, err = cluster.Read(filepath.Join(dir, s.name, "kubernetes"))
		must(t, "what was rendered", err)
	}
}

// build makes one of the commands.
func build(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/"+name)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	must(t, "building cmd/"+name, cmd.Run())
	return path
}
