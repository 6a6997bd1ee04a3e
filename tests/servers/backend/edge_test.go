//go:build linux

package backend

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/nginx"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

const (
	host = "shop.example"
	// fresh and stale are the life of the catalog at the edge in this test.
	fresh, stale = 2 * time.Second, 10 * time.Second
	// past is when a copy is stale wherever in a second it was made: nginx counts lives
	// in whole seconds, and begins with the second after the last.
	past = fresh + 1100*time.Millisecond
)

// edged shortens the lives of the stack's rules and makes a path private that the
// product has.
var edged = []string{fmt.Sprintf("edge.cloudflare.rules=[{name: catalog, host: %[1]s, path: /api/, class: api, edgeTtl: %[2]s, staleWhileRevalidate: %[3]s}, "+
	"{name: private, host: %[1]s, path: /api/categories/, class: private}]", host, fresh, stale)}

// origin is an nginx before the pods that sends what Headroom renders for it.
func (p *product) origin(t *testing.T) *nginx.Server {
	t.Helper()
	snippet := p.plan.Edge.Cloudflare.Nginx(p.stack.Edge.SessionCookies)
	return nginx.Start(t, func(s *nginx.Server) string {
		return fmt.Sprintf("%s\n  server {\n    listen 127.0.0.1:%d;\n    location / {\n      proxy_pass %s;\n      proxy_set_header Host $host;\n"+
			"      proxy_hide_header Cache-Control;\n      add_header Cache-Control $headroom_cache_control;\n    }\n  }\n", snippet, s.Port, p.registered[0].url())
	})
}

// nginxEdge is a cache that is told nothing about lives or stale copies: the headers
// decide. That it asks the origin on behalf of who is signed in is a rule of the zone.
func nginxEdge(t *testing.T, origin string) string {
	t.Helper()
	return nginx.Start(t, func(s *nginx.Server) string {
		return fmt.Sprintf("  proxy_cache_path %s/cache keys_zone=edge:1m;\n  server {\n    listen 127.0.0.1:%d;\n    location / {\n      proxy_pass %s;\n      proxy_set_header Host $host;\n"+
			"      proxy_cache edge;\n      proxy_cache_key $host$request_uri;\n      proxy_cache_background_update on;\n      proxy_cache_bypass $http_authorization $cookie_session;\n    }\n  }\n",
			s.Dir, s.Port, origin)
	}).URL()
}

// varnishEdge is Varnish with its built-in rules.
func varnishEdge(t *testing.T, origin string) string {
	t.Helper()
	path, port := servers.Find(t, "varnishd"), process.Port(t)
	dir := process.Dir(t, nobody)
	_, err := process.Start(t, process.Spec{Name: "Varnish", Path: path, Dir: dir, User: nobody, Ready: func() error {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return err
		}
		return conn.Close()
	}, Args: []string{"-F", "-j", "none", "-n", dir + "/varnish", "-a", fmt.Sprintf("127.0.0.1:%d", port), "-b", strings.TrimPrefix(origin, "http://"), "-s", "malloc,16m", "-T", "none"}})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

// edge is a cache in front of the product.
type edge struct {
	*product
	url string
}

// visit asks the edge and returns the answer and how many requests reached the pods.
// It waits for the one that the edge is to make, also behind an answer, and a moment
// for those that it is not.
func (e edge) visit(t *testing.T, want float64, path string, headers ...string) (answer *http.Response, reached float64) {
	t.Helper()
	before := counter(t, e.registered, "http_requests_total", "", "")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	if answer, err = http.DefaultClient.Do(request); err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // status and headers are what it is about
	for deadline := time.Now().Add(5 * time.Second); ; {
		time.Sleep(300 * time.Millisecond)
		reached = counter(t, e.registered, "http_requests_total", "", "") - before
		if reached >= want || time.Now().After(deadline) {
			return answer, reached
		}
	}
}

// What Headroom renders makes real caches behave as the plan says, and not because
// they were configured to.
func TestEdge(t *testing.T) {
	p := open(t, options{sets: edged})
	p.migrated(t)
	p.register(t, p.pods(t, 1, "WEB_CONCURRENCY=1")...)
	origin := p.origin(t)
	lines := [][]any{{"", "nginx", "Varnish"}}
	results := map[string][]any{}
	var order []string
	note := func(what string, reached float64, status int) {
		if results[what] == nil {
			order = append(order, what)
		}
		results[what] = append(results[what], fmt.Sprintf("%d, %.0f", status, reached))
	}
	edges := []edge{{p, nginxEdge(t, origin.URL())}, {p, varnishEdge(t, origin.URL())}}
	for _, e := range edges {
		e.lives(t, note)
		e.personal(t, note)
	}
	origin.Stop()
	time.Sleep(past)
	for i, e := range edges {
		if i == 0 { // nginx keeps it for stale-if-error, too; Varnish has only the first window
			defer func() {
				time.Sleep(stale)
				answer, _ := edges[0].visit(t, 0, "/api/items/1")
				if answer.StatusCode != http.StatusOK {
					t.Errorf("nginx: %s after the window of stale-while-revalidate, want the copy for stale-if-error", answer.Status)
				}
			}()
		}
		answer, reached := e.visit(t, 0, "/api/items/1")
		note("origin down: the stale copy", reached, answer.StatusCode)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s with the origin down, want the stale copy", e.url, answer.Status)
		}
		if answer, _ = e.visit(t, 0, "/api/items/1", "Authorization", "Bearer token"); answer.StatusCode < 500 {
			t.Errorf("%s: %s for who is signed in with the origin down, want an error and nobody's copy", e.url, answer.Status)
		}
	}
	for _, what := range order {
		lines = append(lines, append([]any{what}, results[what]...))
	}
	table(t, "status, and requests that reached the pods", lines...)
}

// lives of a public answer: one fetch while it is fresh, a stale copy and a fetch in
// the background after that.
func (e edge) lives(t *testing.T, note func(string, float64, int)) {
	t.Helper()
	for _, c := range []struct {
		what  string
		after time.Duration
		want  float64
	}{
		{"first visit", 0, 1}, {"at once again", 0, 0}, {"stale, and fetched behind it", past, 1},
	} {
		time.Sleep(c.after)
		answer, reached := e.visit(t, c.want, "/api/items/1")
		note(c.what, reached, answer.StatusCode)
		if answer.StatusCode != http.StatusOK || reached != c.want {
			t.Errorf("%s: %s: %s, %.0f requests reached the pods, want %.0f", e.url, c.what, answer.Status, reached, c.want)
		}
	}
}

// personal answers are never kept: of who is signed in, and of a private path.
func (e edge) personal(t *testing.T, note func(string, float64, int)) {
	t.Helper()
	for _, c := range []struct {
		what, path string
		headers    []string
	}{
		{"with a token", "/api/items/2", []string{"Authorization", "Bearer token"}},
		{"with a session", "/api/items/3", []string{"Cookie", "session=abc"}},
		{"a private path", "/api/categories/4/best", nil},
	} {
		for visit := range 2 {
			answer, reached := e.visit(t, 1, c.path, c.headers...)
			if visit > 0 {
				note(c.what+", again", reached, answer.StatusCode)
			}
			if answer.StatusCode != http.StatusOK || reached != 1 || answer.Header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("%s: %s: %s with %q, %.0f requests reached the pods, want one each and private, no-store", e.url, c.what, answer.Status, answer.Header.Get("Cache-Control"), reached)
			}
		}
		if _, reached := e.visit(t, 1, c.path); reached != 1 {
			t.Errorf("%s: %s: the next visitor got a kept answer", e.url, c.what)
		}
	}
}
