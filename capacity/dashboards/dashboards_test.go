package dashboards

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// servicePanels stand on the pages of every service.
var servicePanels = map[string][]string{
	"services": {"Requests", "Failed requests", "Response time", "Requests in progress per pod", "Slow requests, times the budget", "Failed requests, times the budget"},
	"pods":     {"CPU per pod", "Memory per pod", "Pods", "Restarts and evictions in an hour"},
}

// panels of every dashboard, row by row. A panel that is lost is missing here by
// its title.
var panels = map[string]map[string][]string{
	"services": {"backend": servicePanels["services"], "backend pods": servicePanels["pods"], "frontend": servicePanels["services"], "frontend pods": servicePanels["pods"]},
	"autoscaling": {
		"backend": {"Replicas", "Metric headroom_backend_in_flight", "Time to scale: seconds above the target, in 15 minutes",
			"Time to ready: from created to Ready", "Seconds short of pods, in an hour", "Conditions and pending pods"},
		"frontend": {"Replicas", "Metric headroom_frontend_in_flight", "Time to scale: seconds above the target, in 15 minutes",
			"Time to ready: from created to Ready", "Seconds short of pods, in an hour", "Conditions and pending pods"},
	},
	"nodes": {"groups": {"Nodes per group"}, "room": {"Requested cpu", "Requested memory", "Pods per node", "Pending pods"},
		"use": {"CPU in use", "Memory in use", "Disk in use", "Nodes that are not ready"}},
	"database": {"connections": {"Connections against their budget", "Who holds connections", "Oldest transaction"},
		"statements": {"Top statements by total time", "Slowest statements", "Most called statements"},
		"server":     {"Transactions per second", "Reads from memory", "Deadlocks in an hour, and locks", "Size"},
		"machine":    {"CPU", "I/O operations per second", "Free storage", "Freeable memory", "CPU credits"},
		"pooler":     {"Clients per replica", "Longest wait", "Server connections per replica"}},
	"cache": {"use": {"Hit ratio", "Commands per second", "Time per command"},
		"limits": {"Memory", "Evicted and expired keys per second", "Clients", "Busy share of its one thread", "Rejected connections in an hour"}},
	"edge": {"Cloudflare": {"Requests to the zone", "Answered by the CDN", "Answers by status", "Bandwidth"},
		"CloudFront": {"Answers 5xx of CloudFront", "Requests to CloudFront"}, "as a user sees it": {"First byte", "First byte by phase", "Reachable", "Certificate"}},
}

// Panels of a running product ask for its objects, which have names of their own.
func TestPanelsAskForTheLiveObjects(t *testing.T) {
	asked := map[string]string{}
	for _, d := range New(plantest.Adopted(t)) {
		for _, r := range d.Rows {
			for _, p := range r.Panels {
				for _, q := range p.Queries {
					asked[r.Title+" "+p.Title] += q.Expr + "\n"
				}
			}
		}
	}
	for panel, want := range map[string]string{
		"backend Replicas":                          `horizontalpodautoscaler="backend-hpa"`,
		"backend Conditions and pending pods":       `pod=~"backend-api-[`,
		"backend pods Pods":                         `deployment="backend-api"`,
		"backend pods CPU per pod":                  `pod=~"backend-api-[`,
		"backend Seconds short of pods, in an hour": `deployment="backend-api"`,
	} {
		if !strings.Contains(asked[panel], want) {
			t.Errorf("%s does not ask for %s:\n%s", panel, want, asked[panel])
		}
	}
}

func TestEveryPanelIsThere(t *testing.T) {
	got := map[string]map[string][]string{}
	for _, d := range New(plantest.Everything(t)) {
		got[d.Name] = map[string][]string{}
		for _, r := range d.Rows {
			for _, p := range r.Panels {
				got[d.Name][r.Title] = append(got[d.Name][r.Title], p.Title)
			}
		}
	}
	if diff := cmp.Diff(panels, got); diff != "" {
		t.Errorf("panels of a stack that has everything (-want +got):\n%s", diff)
	}
}

func TestEveryPanelIsWhole(t *testing.T) {
	for _, d := range New(plantest.Everything(t)) {
		for _, r := range d.Rows {
			for _, p := range r.Panels {
				if p.About == "" || p.Unit == "" || len(p.Queries) == 0 || strings.Contains(p.About, "%!") {
					t.Errorf("%s, %s, %s: %+v", d.Name, r.Title, p.Title, p)
				}
				for _, q := range p.Queries {
					if q.Expr == "" || !p.Table && q.Legend == "" || strings.Contains(q.Expr, "%!") {
						t.Errorf("%s, %s, %s: query %+v", d.Name, r.Title, p.Title, q)
					}
				}
			}
		}
	}
}

// The plan's numbers stand in the panels as lines.
func TestLimitsAreThePlans(t *testing.T) {
	s, p := plantest.Everything(t)
	got := map[string]float64{}
	for _, d := range New(s, p) {
		for _, r := range d.Rows {
			for _, panel := range r.Panels {
				if panel.Limit != nil {
					got[d.Name+"/"+r.Title+"/"+panel.Title] = *panel.Limit
				}
			}
		}
	}
	v := p.Services["backend"]
	for path, want := range map[string]float64{
		"services/backend/Requests": v.OriginRPS, "services/backend/Response time": 0.2, "services/backend/Failed requests": 0.001,
		"services/backend/Requests in progress per pod": v.Metrics[0].TargetAverageValue, "services/backend pods/Pods": float64(v.MaxReplicas),
		"autoscaling/backend/Time to scale: seconds above the target, in 15 minutes": v.Timeline.TriggerSeconds,
		"nodes/groups/Nodes per group": 24, "database/connections/Connections against their budget": float64(p.Database.UsableConnections),
		"database/pooler/Clients per replica": float64(p.Database.PgBouncer.MaxClientConn), "cache/use/Hit ratio": p.Cache.HitRatio, "edge/Cloudflare/Answered by the CDN": p.Edge.HitRatio,
	} {
		if got[path] != want {
			t.Errorf("line of %s = %g, want the plan's %g", path, got[path], want)
		}
	}
}

// What nothing tells about has no panel, and a page without panels is none.
func TestPagesOfWhatIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		stack string
		sets  []string
		want  []string
	}{
		"prod":       {"prod", nil, []string{"services", "autoscaling", "nodes", "database", "cache", "edge"}},
		"staging":    {"staging", nil, []string{"services", "autoscaling", "nodes", "database", "cache"}},
		"local":      {"local", nil, []string{"services", "autoscaling", "nodes"}},
		"no sources": {"prod", []string{"monitoring={grafanaAdmin: g}"}, []string{"services", "autoscaling", "nodes"}},
	} {
		var got []string
		for _, d := range New(plantest.Committed(t, c.stack, c.sets...)) {
			got = append(got, d.Name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("pages of %s (-want +got):\n%s", name, diff)
		}
	}
}

// Grafana's own types take every field, and nothing lies on top of another.
func TestDashboardsAreValidGrafana(t *testing.T) {
	plugins.RegisterDefaultPlugins() // the options of every kind of panel and query
	s, p := plantest.Everything(t)
	for _, d := range New(s, p) {
		text, err := d.JSON(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := d.JSON(s.Name); string(again) != string(text) {
			t.Errorf("%s differs from itself", d.Name)
		}
		const mostBytes = 1 << 20 // of a ConfigMap
		if len(text) > mostBytes {
			t.Errorf("%s has %d bytes, a ConfigMap holds %d", d.Name, len(text), mostBytes)
		}
		var out dashboard.Dashboard
		if err := out.UnmarshalJSONStrict(text); wrong(err) {
			t.Errorf("%s: %v", d.Name, err)
		}
		if err := out.Validate(); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		checkLayout(t, d.Name, out)
		if out.Uid == nil || *out.Uid != "headroom-prod-"+d.Name || len(*out.Uid) > 40 {
			t.Errorf("%s: uid %v", d.Name, out.Uid)
		}
	}
}

// wrong tells an error from the empty list of errors that this version of the SDK
// answers where there is none.
func wrong(err error) bool {
	var list cog.BuildErrors
	return err != nil && (!errors.As(err, &list) || len(list) > 0)
}

// The check above finds what Grafana would not understand.
func TestInvalidGrafanaIsFound(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	s, p := plantest.Everything(t)
	text, err := New(s, p)[0].JSON(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"unknown field of the page":   strings.Replace(string(text), `"title"`, `"titel"`, 1),
		"unknown field of a panel":    strings.Replace(string(text), `"gridPos"`, `"gridpos"`, 1),
		"unknown option of a chart":   strings.Replace(string(text), `"displayMode"`, `"displaymode"`, 1),
		"text where a number belongs": strings.Replace(string(text), `"lineWidth": 1`, `"lineWidth": "one"`, 1),
	} {
		var out dashboard.Dashboard
		if bad == string(text) || !wrong(out.UnmarshalJSONStrict([]byte(bad))) {
			t.Errorf("%s is not found", name)
		}
	}
}

func checkLayout(t *testing.T, name string, d dashboard.Dashboard) {
	t.Helper()
	type cell struct{ x, y uint32 }
	taken, ids := map[cell]string{}, map[uint32]bool{}
	for _, p := range d.Panels {
		if p.Panel == nil {
			continue
		}
		g := p.Panel.GridPos
		if p.Panel.Id != nil && ids[*p.Panel.Id] {
			t.Errorf("%s: panel id %d stands twice", name, *p.Panel.Id)
		}
		if p.Panel.Id != nil {
			ids[*p.Panel.Id] = true
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[cell{x, y}]; other != "" || x >= width {
					t.Fatalf("%s: %s lies on %q at %d, %d", name, *p.Panel.Title, other, x, y)
				}
				taken[cell{x, y}] = *p.Panel.Title
			}
		}
	}
}

// Every panel asks through the variable, so that any Prometheus may be chosen.
func TestEveryPanelAsksTheChosenPrometheus(t *testing.T) {
	s, p := plantest.Everything(t)
	for _, d := range New(s, p) {
		text, err := d.JSON(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		var out struct {
			Panels []struct {
				Title, Type string
				Datasource  struct{ UID string }
				Targets     []json.RawMessage
			}
			Templating struct{ List []struct{ Name, Type string } }
		}
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatal(err)
		}
		if len(out.Templating.List) != 1 || out.Templating.List[0].Name != "datasource" || out.Templating.List[0].Type != "datasource" {
			t.Errorf("%s: variables %+v", d.Name, out.Templating.List)
		}
		for _, panel := range out.Panels {
			if panel.Type == "row" {
				continue
			}
			if panel.Datasource.UID != "${datasource}" || len(panel.Targets) == 0 || !slices.Contains([]string{"timeseries", "table"}, panel.Type) {
				t.Errorf("%s: %+v", d.Name, panel)
			}
			for _, target := range panel.Targets {
				var q prometheus.Dataquery
				if err := q.UnmarshalJSONStrict(target); wrong(err) || q.Expr == "" || q.RefId == nil {
					t.Errorf("%s, %s: query %s: %v", d.Name, panel.Title, target, err)
				}
			}
		}
	}
}
