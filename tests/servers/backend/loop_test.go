//go:build linux

package backend

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/servers"
)

// The default load of one pod is carried even by a machine that does much else, but
// for the last step. A baseline that is to be kept wants a quiet machine, and more.
var (
	rates = flag.String("rates", "6,10,16,24,34,46,300", "requests per second of the steps that measure the baseline")
	hold  = flag.Int("hold", 8, "seconds of a step")
)

// The loop is closed with the commands that users run: one pod is measured through the
// balancer, its baseline is written, the stack is planned and tuned with it, and the
// product runs at growth times today's peak with the settings before and after.
func TestLoop(t *testing.T) {
	p := open(t, options{sets: calm, cache: true})
	p.migrated(t)
	folder := project(t)
	began := time.Now()
	p.register(t, p.pods(t, 1)...)
	facts := p.costs(t, time.Since(began).Seconds())
	p.measure(t, folder, facts)
	base := written(t, folder)
	before := planOf(t, folder)
	// On a machine too busy for the loads of the stack file nothing holds, and nothing is written.
	t.Log(headroom(t, []int{0, 1}, "tune", "--file", folder+"/Pulumi.backend.yaml", "--budget", "40", "--write"))
	after := planOf(t, folder)
	p.register(t)
	table(t, "at five times today's peak, before and after tune",
		[]any{"", "pods", "pool", "requests", "failed", "p99 ms", "connections", "plan"},
		p.atGrowth(t, "stack file as it was", folder, before), p.atGrowth(t, "tuned", folder, after))
	if base.Example || base.Services[service].Fit == nil {
		t.Error("what was measured is not in the baseline")
	}
}

// project is a copy of the example's stack file with the floor that any service has,
// and without a baseline.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file, err := spec.Edit(read(t, example+"/Pulumi.backend.yaml"), []spec.Setting{{Path: "services.backend.autoscaling.minReplicas", Value: "2"}})
	if err != nil {
		t.Fatal(err)
	}
	servers.Keep(t, dir+"/Pulumi.backend.yaml", file)
	if err := os.Mkdir(dir+"/baselines", 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// measure loads the only pod in steps and makes headroom baseline read the results.
func (p *product) measure(t *testing.T, folder string, facts []string) {
	t.Helper()
	raw, usage := filepath.Join(folder, "run.ndjson.gz"), filepath.Join(folder, "pod.csv")
	stop, sampled := make(chan struct{}), make(chan error, 1)
	go func() { sampled <- p.registered[0].sample(usage, stop) }()
	run(t, load{URL: p.balancer.URL(), Rates: *rates, Seconds: *hold, Users: 400, Raw: raw})
	close(stop)
	if err := <-sampled; err != nil {
		t.Fatal(err)
	}
	args := []string{"baseline", "--file", folder + "/Pulumi.backend.yaml", "--service", service, "--k6", raw, "--cpu", usage, "--discard", "2s", "--write",
		// The knee is where more load is no longer answered. By the stack's own promise it
		// would be where the neighbors on this machine disturb one request in a hundred.
		"--set", "slo.p99=10s", "--set", "slo.ttfb=10s"}
	for _, fact := range facts {
		args = append(args, "--fact", fact)
	}
	text := headroom(t, []int{0}, args...)
	t.Log(text)
	if !strings.Contains(strings.ToLower(text), "held out") {
		t.Error("no prediction of a step that was held out is printed")
	}
}

// sample writes what the pod uses, twice a second.
func (p *pod) sample(path string, stop <-chan struct{}) error {
	var rows bytes.Buffer
	rows.WriteString("time,cpu_seconds,memory_mib\n")
	for {
		cpu, err := p.process.CPUSeconds()
		if err != nil {
			return err
		}
		memory, err := p.process.MemoryMiB()
		if err != nil {
			return err
		}
		fmt.Fprintf(&rows, "%s,%.2f,%.1f\n", time.Now().UTC().Format(time.RFC3339Nano), cpu, memory)
		select {
		case <-stop:
			return os.WriteFile(path, rows.Bytes(), 0o600)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// costs measures what the load test of one pod does not show: what the cache spares,
// and what a request costs the database and the cache.
func (p *product) costs(t *testing.T, startup float64) []string {
	t.Helper()
	out, spared := p.spared(t, coldSeconds) // from an empty cache, as TestCache does
	commands, redisCPU := p.redis.Info(t, "total_commands_processed"), p.redisCPU(t)
	_, asked := p.asked(t)
	hold := p.registered[0].observed(t, "db_pool_hold_seconds")
	steady := p.cost(t, load{URL: p.balancer.URL(), Rate: coldRate, Users: 200, Seconds: 8})
	_, now := p.asked(t)
	ops := p.redis.Info(t, "total_commands_processed") - commands
	held := p.registered[0].observed(t, "db_pool_hold_seconds").since(hold)
	if out.Failed+steady.Failed > 0 {
		t.Fatalf("%.0f requests failed", out.Failed+steady.Failed)
	}
	reach := steady.Requests / (now - asked) // the cost of a request is spread over those that reach the database
	return []string{
		fmt.Sprintf("startupSeconds=%.1f", startup), fmt.Sprintf("cacheHitRatio=%.2f", spared), fmt.Sprintf("cacheOpsPerRequest=%.2f", ops/steady.Requests),
		fmt.Sprintf("database.holdMillis=%.2f", 1000*held.mean()), fmt.Sprintf("database.holdCv2=%.2f", held.cv2()),
		fmt.Sprintf("database.cpuMillis=%.2f", 1000*steady.cpu*reach), fmt.Sprintf("database.ioPerRequest=%.2f", steady.io*reach),
		fmt.Sprintf("database.transactionsPerRequest=%.2f", held.count/(now-asked)),
		fmt.Sprintf("cache.workingSetMiB=%.1f", p.redis.Info(t, "used_memory")/(1<<20)), fmt.Sprintf("cache.opMicros=%.0f", 1e6*(p.redisCPU(t)-redisCPU)/ops),
		"nodes.bootSeconds=60", // stated: the group is fixed, so that no node ever boots
	}
}

func (p *product) redisCPU(t *testing.T) float64 {
	t.Helper()
	used, err := p.redis.CPUSeconds()
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// written is the baseline that the command wrote.
func written(t *testing.T, folder string) baseline.Baseline {
	t.Helper()
	text := read(t, folder+"/baselines/backend.json")
	base, err := baseline.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	if *golden.Update {
		base.Source = fmt.Sprintf("k6 through nginx, one pod of two workers, on %d cores that load, balancer, database and cache share; nodes.bootSeconds is stated: no node boots here", runtime.NumCPU())
		if text, err = json.MarshalIndent(base, "", "  "); err != nil {
			t.Fatal(err)
		}
		servers.Keep(t, example+"/baselines/backend.json", append(text, '\n'))
	}
	return base
}

// atGrowth runs the load test that Headroom writes on as many pods as the plan has at
// growth times today's peak, with its settings.
func (p *product) atGrowth(t *testing.T, what, folder string, settings plan.Plan) []any {
	t.Helper()
	p.plan = settings
	v := p.service()
	pods := p.pods(t, v.GrowthReplicas)
	p.register(t, pods...)
	watch := p.watch(t, sessions)
	script := filepath.Join(t.TempDir(), "loadtest.js")
	servers.Keep(t, script, []byte(headroom(t, []int{0}, "loadtest", "--file", folder+"/Pulumi.backend.yaml", "--origin", "--steps", "2", "--hold", "6s", "--ramp", "4s",
		"--set", "slo.p99=20s", "--set", "slo.ttfb=20s"))) // it is told what happens, and does not stop where a promise breaks
	raw := filepath.Join(t.TempDir(), "run.json")
	cmd := exec.CommandContext(t.Context(), k6(t), "run", "--quiet", "--no-usage-report", "--summary-export", raw, script)
	cmd.Env = append(os.Environ(), "BASE_URL_BACKEND="+p.balancer.URL(), "IDS=20")
	const crossed = 99 // a threshold; the load was sent all the same
	if text, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != crossed {
		t.Errorf("k6 run of the rendered load test: %v\n%s", err, text)
	}
	peak := watch.end(t)
	if peak > settings.Database.SteadyConnections {
		t.Errorf("%s: %d connections, the plan says at most %d", what, peak, settings.Database.SteadyConnections)
	}
	out := exported(t, raw)
	if out.Failed > 0 {
		t.Errorf("%s: %.0f of %.0f requests failed", what, out.Failed, out.Requests)
	}
	for _, pod := range pods {
		pod.process.End()
	}
	return []any{what, v.GrowthReplicas, fmt.Sprintf("%d+%d", v.Pool.Size, v.Pool.MaxOverflow), out.Requests, out.Failed, out.P99Millis, peak, settings.Database.SteadyConnections}
}

// exported is k6's own summary.
func exported(t *testing.T, path string) outcome {
	t.Helper()
	var summary struct {
		Metrics map[string]map[string]any `json:"metrics"`
	}
	if err := json.Unmarshal(read(t, path), &summary); err != nil {
		t.Fatal(err)
	}
	value := func(metric, key string) float64 {
		x, _ := summary.Metrics[metric][key].(float64)
		return x
	}
	out := outcome{Requests: value("http_reqs", "count"), Failed: value("http_req_failed", "passes"), P99Millis: value("http_req_duration", "p(99)")}
	if out.Requests == 0 {
		t.Fatalf("k6 sent nothing: %s", read(t, path))
	}
	return out
}

// planOf is what headroom plan says of a project.
func planOf(t *testing.T, folder string) plan.Plan {
	t.Helper()
	var p plan.Plan
	if err := json.Unmarshal([]byte(headroom(t, []int{0, 1}, "plan", "--file", folder+"/Pulumi.backend.yaml", "--json")), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// headroom runs the command and returns what it prints.
func headroom(t *testing.T, codes []int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), servers.Headroom(t, root), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	for _, code := range codes {
		if cmd.ProcessState.ExitCode() == code {
			return string(out)
		}
	}
	t.Fatalf("headroom %s: exit %d\n%s\n%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), out, stderr.String())
	return ""
}
