//go:build linux

package backend

import (
	"net/http"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agencyos/headroom/tests/servers"
)

// brief keeps a rollout short; the hook still outlasts the balancer's reload.
var brief = []string{"services.backend.rollout.preStop=3s", "services.backend.rollout.drain=3s", "services.backend.rollout.grace=10s", patient}

// Every pod is replaced under constant load, with a migration on the way, and then
// one pod is taken away: nobody notices, and the database never holds more
// connections than the plan's figure for a rollout.
func TestRollingUpdate(t *testing.T) {
	p := open(t, options{sets: brief, cache: true})
	p.others(t, 2) // the migration and the count
	w := p.workload()
	p.register(t, p.pods(t, w.MaxReplicas)...)
	watch := p.watch(t, sessions)
	load := begin(t, load{URL: p.balancer.URL(), Rate: 25, Users: 100, Seconds: 240})
	migration := p.migration(t)
	overstayed := p.roll(t)
	p.retire(t, p.registered[0], overstayed).wait()
	if err := <-migration; err != nil {
		t.Error(err)
	}
	out, peak := load.stop(t), watch.end(t)
	db := p.plan.Database
	table(t, "rolling update and scale-down under load",
		[]any{"", "requests", "failed", "plan", "measured", "late pods"},
		[]any{"all pods replaced, then one taken", out.Requests, out.Failed, db.RolloutConnections, peak, overstayed.Load()})
	if out.Failed > 0 || out.Dropped > 0 {
		t.Errorf("%.0f of %.0f requests failed and %.0f were not sent, want none", out.Failed, out.Requests, out.Dropped)
	}
	if peak > db.RolloutConnections {
		t.Errorf("%d connections, the plan says at most %d", peak, db.RolloutConnections)
	}
	if n := overstayed.Load(); n > 0 {
		t.Errorf("%d pods did not end within the grace period of %s", n, p.grace())
	}
	if n := p.scalar(t, "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'orders_item_id_idx' AND i.indisvalid"); n != 1 {
		t.Error("the migration left no valid index")
	}
}

func (p *product) preStop() time.Duration {
	return time.Duration(p.service().Rollout.PreStopSeconds) * time.Second
}

func (p *product) grace() time.Duration {
	return time.Duration(p.service().Rollout.GraceSeconds) * time.Second
}

// migration runs the example's own, straight to the database.
func (p *product) migration(t *testing.T) <-chan error {
	t.Helper()
	p.postgres.Exec(t, database, "CREATE TABLE migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
		"INSERT INTO migrations (name) VALUES ('001_shop.sql')", "GRANT ALL ON migrations TO "+role, "ALTER TABLE orders OWNER TO "+role)
	cmd := exec.Command(python, "-m", "backend.migrate")
	cmd.Env = []string{"PATH=/usr/bin:/bin", "PYTHONPATH=" + p.app, "PYTHONDONTWRITEBYTECODE=1", "DATABASE_URL=" + p.databaseURL}
	done := make(chan error, 1)
	go func() {
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Logf("migration: %s", out)
		}
		done <- err
	}()
	return done
}

// roll replaces every pod as the Deployment controller does with surge and no pod
// unavailable: a new one, minReadySeconds, and an old one goes.
func (p *product) roll(t *testing.T) (overstayed *atomic.Int32) {
	t.Helper()
	overstayed = new(atomic.Int32)
	surge := p.workload().Surge()
	for old := p.registered; len(old) > 0; {
		step := min(surge, len(old))
		p.register(t, append(p.pods(t, step), p.registered...)...)
		time.Sleep(time.Duration(p.service().Rollout.MinReadySeconds) * time.Second)
		for _, pod := range old[:step] {
			p.retire(t, pod, overstayed)
		}
		old = old[step:]
	}
	return overstayed
}

// retirement is a pod that is on its way out.
type retirement chan struct{}

func (r retirement) wait() { <-r }

// retire ends a pod. The balancer hears of it later than the pod, as a load balancer
// does: after half of the hook.
func (p *product) retire(t *testing.T, gone *pod, overstayed *atomic.Int32) retirement {
	t.Helper()
	done := make(retirement)
	go func() {
		defer close(done)
		if !gone.leave(p.preStop(), p.grace()) {
			overstayed.Add(1)
		}
	}()
	time.Sleep(p.preStop() / 2)
	var left []*pod
	for _, pod := range p.registered {
		if pod != gone {
			left = append(left, pod)
		}
	}
	p.register(t, left...)
	return done
}

// The database restarts in the middle of the load: processes stay, and connections
// come back by themselves.
func TestDatabaseRestart(t *testing.T) {
	p := open(t, options{})
	p.migrated(t)
	p.register(t, p.pods(t, 2)...)
	during := begin(t, load{URL: p.balancer.URL(), Rate: 20, Users: 200, Seconds: 240})
	p.busy(t)
	p.postgres.Crash(t)
	time.Sleep(2 * time.Second)
	p.postgres.Resume(t)
	began := time.Now()
	if !servers.Eventually(func() bool { return p.answers(10) }) {
		t.Fatal("no ten answers in a row a minute after the database was back")
	}
	recovered := time.Since(began)
	broken := during.stop(t)
	after := run(t, load{URL: p.balancer.URL(), Rate: 20, Users: 200, Seconds: 5})
	table(t, "a crash of the database under load",
		[]any{"", "requests", "failed", "seconds"},
		[]any{"down for 2 s", broken.Requests, broken.Failed, recovered.Seconds()},
		[]any{"afterwards", after.Requests, after.Failed, ""})
	if broken.Failed == 0 {
		t.Error("no request failed while the database was gone: the test shows nothing")
	}
	if after.Failed > 0 {
		t.Errorf("%.0f of %.0f requests failed after the recovery", after.Failed, after.Requests)
	}
	for _, pod := range p.registered {
		if pod.process.Ended() {
			t.Error("a pod ended: recovery must need no restart")
		}
	}
}

// busy waits until a load has begun.
func (p *product) busy(t *testing.T) {
	t.Helper()
	before := counter(t, p.registered, "http_requests_total", "", "")
	if !servers.Eventually(func() bool { return counter(t, p.registered, "http_requests_total", "", "") >= before+20 }) {
		t.Fatal("no load a minute after it was begun")
	}
}

// answers tells whether so many requests in a row reach the database and come back.
func (p *product) answers(n int) bool {
	for range n {
		answer, err := http.Get(p.balancer.URL() + "/api/categories/1/best")
		if err != nil {
			return false
		}
		_ = answer.Body.Close() // the status says it all
		if answer.StatusCode != http.StatusOK {
			return false
		}
	}
	return true
}
