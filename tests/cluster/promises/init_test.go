//go:build linux

package promises

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// drafted writes a stack file from what was just applied, with the rights that the
// guide asks for: its services are those of the stack, and it plans.
func drafted(t *testing.T, w *world, s *stack) {
	t.Helper()
	dir, name, namespace := t.TempDir(), "again-"+s.name, s.spec.Cluster.Namespace
	args := []string{"init", "--dir", dir, "--name", name, "--from-cluster=tests", "--kubeconfig", engineer(t, w, "audit.md", namespace, "headroom-init"), "--namespace", namespace, "--json"}
	if s.spec.Cluster.Context != "" {
		args = append(args, "--context", s.spec.Cluster.Context)
	}
	for _, service := range s.services() {
		args = append(args, "--peak-rps", fmt.Sprintf("%s=%g", service, float64(s.spec.Services[service].PeakRPS)))
		if s.plan.Services[service].Env[plan.EnvPoolSize] == "" {
			args = append(args, "--stateless", service)
		}
	}
	out, messages, code := w.headroom(t, args...)
	t.Logf("exit %d\n%s", code, messages)
	var said struct {
		Examples []string
		Plan     plan.Plan
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil || code > 1 {
		t.Fatalf("init exits %d: %v\n%s", code, err, messages)
	}
	if open := toCheck.FindAllString(messages, -1); len(open) > 0 {
		t.Errorf("all is stated, and init leaves open %q", open)
	}
	if made := slices.DeleteFunc(said.Examples, func(path string) bool { return !ofService.MatchString(path) }); len(made) > 0 {
		t.Errorf("init makes up %q", made)
	}
	text, err := os.ReadFile(filepath.Join(dir, "Pulumi."+name+".yaml"))
	must(t, "the stack file", err)
	got, err := spec.DecodeFile(name, text)
	must(t, "the stack file", err)
	diff := cmp.Diff(s.runs(t), got.Services, cmpopts.IgnoreUnexported(spec.Rollout{}))
	if diff != "" {
		t.Errorf("the services of the drafted stack (-applied +drafted):\n%s", diff)
	}
	same := 0.0
	if diff == "" {
		same = 1
	}
	w.table.atLeast("init: a stack file from the cluster states the services that were applied, "+s.name, 1, "files", same)
	for _, service := range s.services() {
		p := said.Plan.Services[service]
		if diff := cmp.Diff(bounds(s.plan.Services[service]), bounds(p)); diff != "" {
			t.Errorf("the drafted plan of %s (-applied +drafted):\n%s", service, diff)
		}
	}
	if _, messages, code := w.headroom(t, "plan", "--dir", dir, "--stack", name); code > 1 {
		t.Errorf("the drafted stack does not plan: exit %d\n%s", code, messages)
	}
}

var (
	toCheck   = regexp.MustCompile(`to check: .*`)
	ofService = regexp.MustCompile(`^services\.`)
)

// bounds are the numbers of a service that a running cluster holds.
func bounds(p plan.Service) map[string]any {
	all := map[string]any{"minReplicas": p.MinReplicas, "maxReplicas": p.MaxReplicas, "grace": p.Rollout.GraceSeconds, "preStop": p.Rollout.PreStopSeconds}
	for _, variable := range []string{plan.EnvWorkers, plan.EnvPoolSize, plan.EnvMaxOverflow, plan.EnvPoolTimeout, plan.EnvPoolRecycle} {
		all[variable] = p.Env[variable]
	}
	return all
}

// runs are the services as a cluster states them. What it does not state is as in a
// stack file that leaves it out: the routes, the CDN's share, balancing, the names
// of metrics, what else steers the autoscaler, pause pods, the drain and the number
// of engines of a pool. The way in is an example, outside of a local cluster.
func (s *stack) runs(t *testing.T) map[string]spec.Service {
	t.Helper()
	services := map[string]spec.Service{}
	for name, v := range s.spec.Services {
		p := s.plan.Services[name]
		id := func(own spec.ObjectID) spec.ObjectID {
			return spec.ObjectID(s.spec.Cluster.Namespace + "/" + own.Name(name))
		}
		own := spec.Service{Mode: spec.External, Port: v.Port, Workers: v.Workers, PeakRPS: v.PeakRPS, Resources: v.Resources, Probes: v.Probes,
			Adopt:       spec.AdoptService{Autoscaler: id(v.Adopt.Autoscaler), DisruptionBudget: id(v.Adopt.DisruptionBudget)},
			Autoscaling: spec.Autoscaling{Metric: spec.InFlight, MinReplicas: &p.MinReplicas, MaxReplicas: &p.MaxReplicas, Margin: new(spec.Percent(20))},
			Balancing:   spec.RoundRobin, CDNHitRatio: new(spec.Percent(0)), Routes: []spec.Route{{Method: "GET", Path: "/", Share: 100, Core: true}},
			Metrics: v.Metrics, Pool: poolOf(t, p), Rollout: v.Rollout}
		if s.spec.Cluster.Context == "" {
			own.Ingress = &spec.Ingress{Host: name + ".again-" + s.name + ".example", DeregistrationSeconds: new(30), ProbePath: v.Probes.Readiness}
		}
		services[name] = own
	}
	return services
}

// poolOf a service is what its processes are told; nil without a database.
func poolOf(t *testing.T, p plan.Service) *spec.Pool {
	t.Helper()
	if p.Env[plan.EnvPoolSize] == "" {
		return nil
	}
	number := func(variable string) int {
		n, err := strconv.Atoi(p.Env[variable])
		must(t, variable, err)
		return n
	}
	seconds := func(variable string) spec.Duration {
		return spec.Duration(time.Duration(number(variable)) * time.Second)
	}
	return &spec.Pool{Size: new(number(plan.EnvPoolSize)), MaxOverflow: new(number(plan.EnvMaxOverflow)), Engines: 1,
		Timeout: seconds(plan.EnvPoolTimeout), Recycle: seconds(plan.EnvPoolRecycle)}
}
