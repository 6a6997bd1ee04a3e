//go:build linux

package backend

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"sync"
	"testing"
	"time"
)

// calm lets clients wait for the cache on a machine that is busy with other things:
// the tests are about who answers, and not about how soon.
var calm = []string{patient, "cache.client={poolTimeout: 5s, socketTimeout: 5s, connectTimeout: 5s}"}

// coldRate for coldSeconds from an empty cache: by what the baseline's hit ratio is
// measured, and what is held against it.
const (
	coldRate    = 30
	coldSeconds = 12
)

// asked counts the reads that the database answered, and all of its transactions.
func (p *product) asked(t *testing.T) (reads, transactions float64) {
	t.Helper()
	const calls = "SELECT coalesce(sum(calls), 0)::float FROM pg_stat_statements WHERE query LIKE "
	return p.scalar(t, calls+"'SELECT i%' OR query LIKE 'SELECT id, name, category_id%'"), p.scalar(t, calls+"'SELECT i%' OR query LIKE 'SELECT id, name, category_id%' OR query LIKE 'INSERT INTO orders (item_id%SELECT id%'")
}

// spared is the share of requests that did not reach the database.
func (p *product) spared(t *testing.T, seconds int) (outcome, float64) {
	t.Helper()
	_, before := p.asked(t)
	out := run(t, load{URL: p.balancer.URL(), Rate: coldRate, Users: 200, Seconds: seconds})
	_, after := p.asked(t)
	return out, 1 - (after-before)/out.Requests
}

// From an empty cache, as many requests spare the database as the
// plan was told; with the least memory that Redis takes, it evicts and serves on; and
// neither its restart nor its absence fails a request.
func TestCache(t *testing.T) {
	p := open(t, options{sets: calm, cache: true})
	p.migrated(t)
	without := p.pods(t, 1, "REDIS_URL=")
	p.register(t, without...)
	cpu := p.cpu(t)
	plain, none := p.spared(t, coldSeconds)
	plainCPU := (p.cpu(t) - cpu) / plain.Requests
	p.register(t, p.pods(t, 2)...)
	cpu = p.cpu(t)
	cached, spared := p.spared(t, coldSeconds)
	cachedCPU := (p.cpu(t) - cpu) / cached.Requests
	assumed := measured(t).Services[service].CacheHitRatio

	p.redis.Stop()
	absent, _ := p.spared(t, 5)
	p.redis.Run(t)
	again, refilled := p.spared(t, 10)
	table(t, "requests that spare the database",
		[]any{"", "requests", "failed", "spared", "plan", "db ms/req"},
		[]any{"no cache", plain.Requests, plain.Failed, none, "", 1000 * plainCPU},
		[]any{"from an empty cache", cached.Requests, cached.Failed, spared, assumed, 1000 * cachedCPU},
		[]any{"Redis gone", absent.Requests, absent.Failed, "", "", ""},
		[]any{"Redis back, empty", again.Requests, again.Failed, refilled, "", ""})
	if math.Abs(none) > 0.02 {
		t.Errorf("without a cache %.0f%% of the requests spare the database", 100*none)
	}
	// Which of some four hundred random requests repeat another varies by a few percent.
	if math.Abs(spared-assumed) > 0.1 {
		t.Errorf("%.2f of the requests spare the database, the baseline says %.2f", spared, assumed)
	}
	for _, o := range []outcome{plain, cached, absent, again} {
		if o.Failed > 0 {
			t.Errorf("%.0f of %.0f requests failed", o.Failed, o.Requests)
		}
	}
	if refilled < spared/2 {
		t.Errorf("after a restart %.2f of the requests spare the database, before it %.2f", refilled, spared)
	}
}

func (p *product) cpu(t *testing.T) float64 {
	t.Helper()
	used, err := p.postgres.CPUSeconds()
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// A full cache evicts what is asked for least: nothing fails, Redis keeps to its
// memory, and what everybody asks for stays.
func TestEviction(t *testing.T) {
	p := open(t, options{sets: calm, cache: true})
	p.migrated(t)
	p.register(t, p.pods(t, 1)...)
	room := p.redis.Info(t, "used_memory") + 250_000
	p.redis.Limit(t, int(room))
	for i := range 3 * items {
		id := 1 + i%items
		if i%3 == 0 {
			id = 1 // everybody's
		}
		p.get(t, fmt.Sprintf("/api/items/%d", id))
	}
	evicted, used := p.redis.Info(t, "evicted_keys"), p.redis.Info(t, "used_memory")
	before, _ := p.asked(t)
	p.get(t, "/api/items/1")
	after, _ := p.asked(t)
	table(t, "a cache too small", []any{"", "evicted", "used bytes", "maxmemory"}, []any{"after 3000 reads of 1000 items", evicted, used, room})
	if evicted == 0 || used > 1.1*room {
		t.Errorf("%.0f keys evicted, %.0f of %.0f bytes used", evicted, used, room)
	}
	if after != before {
		t.Error("the key that everybody asks for was evicted")
	}
}

// get asks for a path and returns what came; anything but 200 fails the test.
func (p *product) get(t *testing.T, path string) string {
	t.Helper()
	answer, err := http.Get(p.balancer.URL() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %v\n%s", path, answer.Status, err, text)
	}
	return string(text)
}

// A thousand readers of one key, over two pods of two workers: the database computes
// it once when it was never there, and once when it has run out.
func TestStampede(t *testing.T) {
	const (
		readers = 1000
		// ttl outlasts a round of all of them on a slow machine.
		ttl = 15 * time.Second
	)
	p := open(t, options{sets: append(calm, fmt.Sprintf("cache.client.ttl=%s", ttl), "cache.client.jitter=0%"), cache: true})
	p.migrated(t)
	pods := p.pods(t, 2)
	p.register(t, pods...)
	lines := [][]any{{"", "readers", "recomputed", "queries", "failed"}}
	for i, moment := range []string{"never there", "just expired"} {
		time.Sleep(time.Duration(i) * (ttl + 500*time.Millisecond)) // past the time to live, within that of stale copies
		began := time.Now()
		queries, _ := p.asked(t)
		recomputed := counter(t, pods, "cache_recomputes_total", "", "")
		failed := p.readers(readers, "/api/categories/7/best")
		if took := time.Since(began); took > ttl {
			t.Fatalf("%s: %d readers took %s, longer than the entry lives: this machine is too slow to tell", moment, readers, took)
		}
		now, _ := p.asked(t)
		recomputed, queries = counter(t, pods, "cache_recomputes_total", "", "")-recomputed, now-queries
		lines = append(lines, []any{moment, readers, recomputed, queries, failed})
		if recomputed != 1 || queries != 1 || failed > 0 {
			t.Errorf("%s: %.0f recomputations, %.0f queries and %d failures for %d readers, want one, one and none", moment, recomputed, queries, failed, readers)
		}
	}
	table(t, "a stampede", lines...)
}

// readers ask at once and count those who got no answer.
func (p *product) readers(n int, path string) int {
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: n}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var ready, done sync.WaitGroup
	var mu sync.Mutex
	start, lost := make(chan struct{}), 0
	for range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			answer, err := client.Get(p.balancer.URL() + path)
			if err == nil {
				_, err = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close() // it was only read
			}
			if err != nil || answer.StatusCode != http.StatusOK {
				mu.Lock()
				lost++
				mu.Unlock()
			}
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return lost
}
