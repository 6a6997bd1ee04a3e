package alerts

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// names of all alerts there are, with the severities that they have. A row that
// is lost is missing here by its name.
var names = map[string]string{
	"HeadroomReplicasNearMaximum": "warning", "HeadroomReplicasAtMaximum": "critical", "HeadroomLoadAboveMaximum": "critical",
	"HeadroomAutoscalerBlind": "critical", "HeadroomMetricUnavailable": "critical", "HeadroomAutoscalerDrift": "warning",
	"HeadroomPodsPending": "critical", "HeadroomPodsUnavailable": "critical", "HeadroomPodsEvicted": "warning",
	"HeadroomPodsRestarting": "warning", "HeadroomMemoryNearLimit": "warning", "HeadroomPoolTimeouts": "critical",
	"HeadroomSlowRequests": "critical, warning", "HeadroomFailedRequests": "critical, warning",
	"HeadroomNodesNearMaximum": "warning", "HeadroomNodesAtMaximum": "critical", "HeadroomNodeNotReady": "warning", "HeadroomNodeDiskFilling": "warning",
	"HeadroomDatabaseConnectionsNearLimit": "critical", "HeadroomDatabaseConnectionsUnplanned": "warning", "HeadroomDatabaseLimitDrift": "critical",
	"HeadroomDatabaseDown": "critical", "HeadroomDatabaseIdleInTransaction": "warning", "HeadroomDatabaseDeadlocks": "warning",
	"HeadroomDatabaseReadsDisk": "warning", "HeadroomDatabaseWraparound": "warning", "HeadroomStatementSlower": "warning",
	"HeadroomDatabaseStorageNearLimit": "warning", "HeadroomDatabaseCPUNearLimit": "critical", "HeadroomDatabaseIOPSNearLimit": "critical",
	"HeadroomDatabaseCreditsLow": "warning", "HeadroomDatabaseStorageNotGrowing": "critical",
	"HeadroomPoolerClientsWaiting": "critical", "HeadroomPoolerDown": "critical", "HeadroomPoolerClientsNearLimit": "critical", "HeadroomPoolerWaitNearTimeout": "critical",
	"HeadroomCacheDown": "critical", "HeadroomCacheMemoryNearLimit": "warning", "HeadroomCacheEvicting": "warning", "HeadroomCacheRejectsConnections": "critical",
	"HeadroomCacheCPUNearLimit": "critical", "HeadroomCacheConnectionsNearLimit": "critical", "HeadroomCacheHitsBelowPlan": "warning",
	"HeadroomEdgeErrors": "critical", "HeadroomEdgeHitsBelowPlan": "warning", "HeadroomUnreachable": "critical", "HeadroomFirstByteSlow": "warning",
	"HeadroomCertificateExpiring": "warning", Watchdog: "heartbeat", "HeadroomPodsNotScraped": "warning", "HeadroomExporterDown": "critical",
	"HeadroomMetricsAPIDown": "critical", "HeadroomRulesFailing": "warning", "HeadroomAlertsNotDelivered": "critical", SeriesMissing: "warning",
}

func TestEveryAlertIsThere(t *testing.T) {
	got := map[string]string{}
	for _, a := range flat(New(plantest.Everything(t))) {
		if have := got[a.Name]; have == "" {
			got[a.Name] = string(a.Severity)
		} else if !strings.Contains(have, string(a.Severity)) {
			got[a.Name] = have + ", " + string(a.Severity)
		}
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("alerts of a stack that has everything (-want +got):\n%s", diff)
	}
}

// taken lets the stack take the backend's Deployment of the running product over as well.
var taken = []string{"services.backend.mode=adopt", "services.backend.id=shop/backend-api", "services.backend.container=app", "services.backend.deployment=''", "services.backend.selector={}",
	"services.backend.adopt.settings=shop/backend-env", "services.backend.metrics={poolTimeouts: timeouts_total}"}

// Objects of a running product have other names than their service: alerts ask for
// these, and runbooks name them.
func TestAlertsNameTheLiveObjects(t *testing.T) {
	cases := map[string]struct {
		sets []string
		// want are parts of an alert's expression, command or steps.
		want map[string][]string
	}{
		"External": {nil, map[string][]string{
			"HeadroomReplicasAtMaximum": {`{namespace="shop",horizontalpodautoscaler="backend-hpa"}`, "kubectl -n shop describe hpa backend-hpa"},
			"HeadroomAutoscalerBlind":   {`horizontalpodautoscaler="backend-hpa"`},
			"HeadroomAutoscalerDrift":   {`spec_max_replicas{namespace="shop",horizontalpodautoscaler="backend-hpa"}`, "get hpa backend-hpa "},
			"HeadroomPodsPending":       {`pod=~"backend-api-[`, "get pods -l app=backend-api "},
			"HeadroomPodsUnavailable":   {`deployment="backend-api"`, "rollout undo deployment/backend-api`"},
			"HeadroomMemoryNearLimit":   {`pod=~"backend-api-[`, `container!=""`},
			"HeadroomSlowRequests":      {"get hpa/backend-hpa deployment/backend-api"},
			"HeadroomFailedRequests":    {"rollout undo deployment/backend-api`", "logs -l app=backend-api "},
			"HeadroomPodsNotScraped":    {`deployment="backend-api"`, "the pods of Deployment backend-api "},
		}},
		"Adopted": {taken, map[string][]string{
			"HeadroomMemoryNearLimit": {`pod=~"backend-api-[`, `container="app"`},
			"HeadroomPodsPending":     {`get pods -l "$(kubectl -n shop describe deployment backend-api | sed -n 's/^Selector: *//p')" --field-selector`},
			"HeadroomPoolTimeouts":    {"get configmap backend-env -o yaml"},
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, a := range flat(New(plantest.Adopted(t, c.sets...))) {
				if !strings.HasPrefix(a.Subject, "backend") {
					continue
				}
				seen[a.Name] = true
				text := strings.Join(append([]string{a.Expr, a.Runbook.Command, a.Runbook.Means}, a.Runbook.Do...), "\n")
				for _, want := range c.want[a.Name] {
					if !strings.Contains(text, want) {
						t.Errorf("%s does not say %s:\n%s", a.Name, want, text)
					}
				}
			}
			for alert := range c.want {
				if !seen[alert] {
					t.Errorf("there is no %s", alert)
				}
			}
		})
	}
}

// Every subject that the plan has must have its own alert.
func TestEverySubjectHasItsAlerts(t *testing.T) {
	s, p := plantest.Everything(t)
	got := map[string][]string{}
	for _, a := range flat(New(s, p)) {
		got[a.Name] = append(got[a.Name], a.Subject)
	}
	services := []string{"backend", "frontend"}
	var burns []string
	for _, route := range []string{"backend GET /api/items", "backend GET /api/items/{id}", "backend POST /api/items", "frontend GET /"} {
		burns = append(burns, route+" over 1h", route+" over 6h", route+" over 3d")
	}
	want := map[string][]string{"HeadroomNodesAtMaximum": {"web"}, "HeadroomNodesNearMaximum": {"web"}, "HeadroomSlowRequests": burns, "HeadroomFailedRequests": burns,
		"HeadroomEdgeErrors": {"cloudflare", "cloudfront"}, "HeadroomExporterDown": {"postgres", "pgbouncer", "redis", "cloudwatch", "cloudflare", "blackbox"}, "HeadroomPoolTimeouts": {"backend"}}
	for _, name := range []string{"HeadroomReplicasNearMaximum", "HeadroomReplicasAtMaximum", "HeadroomLoadAboveMaximum", "HeadroomAutoscalerBlind", "HeadroomMetricUnavailable",
		"HeadroomAutoscalerDrift", "HeadroomPodsPending", "HeadroomPodsUnavailable", "HeadroomPodsEvicted", "HeadroomPodsRestarting", "HeadroomMemoryNearLimit",
		"HeadroomUnreachable", "HeadroomFirstByteSlow", "HeadroomCertificateExpiring", "HeadroomPodsNotScraped"} {
		want[name] = services
	}
	for name, subjects := range want {
		if diff := cmp.Diff(subjects, got[name]); diff != "" {
			t.Errorf("subjects of %s (-want +got):\n%s", name, diff)
		}
	}
}

// Below every ceiling of the plan stands an alert; spending is AWS Budgets'.
func TestEveryCeilingHasAnAlertBelowIt(t *testing.T) {
	fixed := "services.backend.autoscaling={minReplicas: 17, maxReplicas: 17}"
	cpu := "services.backend.autoscaling={minReplicas: 17, maxReplicas: 17, metric: cpu}"
	for name, load := range map[string]func() (spec.Stack, plan.Plan){
		"everything":     func() (spec.Stack, plan.Plan) { return plantest.Everything(t) },
		"prod":           func() (spec.Stack, plan.Plan) { return plantest.Committed(t, "prod") },
		"staging":        func() (spec.Stack, plan.Plan) { return plantest.Committed(t, "staging") },
		"fixed replicas": func() (spec.Stack, plan.Plan) { return plantest.Committed(t, "prod", fixed) },
		"fixed and CPU":  func() (spec.Stack, plan.Plan) { return plantest.Committed(t, "prod", cpu) },
	} {
		s, p := load()
		all := flat(New(s, p))
		for _, c := range p.Alerts {
			if c.Kind == plan.CeilingSpending {
				continue
			}
			if !slices.ContainsFunc(all, func(a Alert) bool {
				return a.Ceiling == c.Kind && strings.HasPrefix(a.Subject, c.Subject) && slices.ContainsFunc(thresholds(s, p, c), func(x float64) bool { return asks(a.Expr, x) })
			}) {
				t.Errorf("%s: no alert below the ceiling %s at its threshold of %g %s", name, c.Name, c.Threshold, c.Unit)
			}
		}
	}
}

// asks tells whether an expression compares with a number.
func asks(expr string, x float64) bool {
	return regexp.MustCompile(`[<>]=? ` + regexp.QuoteMeta(series.Number(x)) + `( |$)`).MatchString(expr)
}

// thresholds of a ceiling in the unit of its series; any of them will do.
func thresholds(s spec.Stack, p plan.Plan, c plan.Alert) []float64 {
	switch c.Kind {
	case plan.CeilingReplicas: // whole pods, or where their number is fixed what they carry
		v := p.Services[c.Subject]
		out := []float64{math.Ceil(c.Threshold)}
		for _, m := range v.Metrics {
			out = append(out, round(c.Ceiling*m.TargetAverageValue))
		}
		return append(out, round(c.Ceiling*s.Services[c.Subject].Resources.Requests.CPU.Cores()*float64(v.CPUTargetPercent)/100))
	case plan.CeilingNodes:
		return []float64{math.Ceil(c.Threshold)}
	case plan.CeilingSlowRequests, plan.CeilingFailedRequests: // what spends so much of the budget in time
		slowest := plan.Burns()[len(plan.Burns())-1]
		return []float64{round6(slowest.Factor * c.Kind.ErrorBudget(s.SLO))}
	case plan.CeilingCacheMemory:
		return []float64{round(c.Threshold * (1 << 20))}
	case plan.CeilingDatabaseStorage:
		return []float64{c.Threshold * (1 << 30)}
	case plan.CeilingDatabaseCredits: // what is left
		return []float64{round(c.Ceiling - c.Threshold)}
	}
	return []float64{c.Threshold}
}

// The speeds at which a budget burns are noticed before the plan's share is gone.
func TestBurnsAreNoticedInTime(t *testing.T) {
	_, p := plantest.Committed(t, "prod")
	for _, c := range p.Alerts {
		if c.Kind != plan.CeilingSlowRequests && c.Kind != plan.CeilingFailedRequests {
			continue
		}
		for _, b := range plan.Burns() {
			if b.SpentPercent() > c.Threshold {
				t.Errorf("%s: a burn of %g is noticed at %g%%, the plan says %g%%", c.Name, b.Factor, b.SpentPercent(), c.Threshold)
			}
			if b.Short*12 != b.Long {
				t.Errorf("a burn of %g has windows %s and %s, not 1:12", b.Factor, b.Short, b.Long)
			}
		}
	}
}

func TestEveryRowIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range flat(New(plantest.Everything(t))) {
		key := a.Name + " " + a.Subject
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		for part, text := range map[string]string{"expression": a.Expr, "severity": string(a.Severity), "summary": a.Summary,
			"command": a.Runbook.Command, "meaning": a.Runbook.Means, "first step": strings.Join(a.Runbook.Do, " ")} {
			if text == "" || strings.Contains(text, "%!") || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s: its %s is %q", key, part, text)
			}
		}
		if strings.Contains(a.Runbook.Command, "\n") || !strings.HasPrefix(a.Runbook.Text(), "    "+a.Runbook.Command+"\n") {
			t.Errorf("%s: the runbook does not start with a command of one line:\n%s", key, a.Runbook.Text())
		}
	}
}

// Without an exporter there is nothing to read, and without the thing nothing to watch.
func TestAlertsOfWhatIsNotThere(t *testing.T) {
	none := "monitoring={grafanaAdmin: g}"
	cases := map[string]struct {
		reason string
		sets   []string
		absent []string
	}{
		"NoExporters": {"nothing tells", []string{none}, []string{"HeadroomDatabase", "HeadroomPooler", "HeadroomCache", "HeadroomEdge", "HeadroomUnreachable", "HeadroomExporterDown"}},
		"NoLimit":     {"without a limit there is no share of it", []string{"services.backend.resources={requests: {cpu: 1500m, memory: 1Gi}}", "services.frontend.resources={requests: {cpu: 800m, memory: 512Mi}}"}, []string{"HeadroomMemoryNearLimit"}},
		"NoPooler":    {"nobody waits for one", nil, []string{"HeadroomPooler"}},
		"NotBeside": {"nothing runs beside an external pooler", []string{"database.pooler=external", "database.externalPooler={maxClients: 2000, serverConnections: 50}",
			"monitoring.exporters={pgbouncer: {secretRef: {name: a, key: b}}}"}, []string{"HeadroomPooler", "HeadroomExporterDown"}},
		"NotBurst":  {"only burstable classes have credits", nil, []string{"HeadroomDatabaseCredits"}},
		"NoCounter": {"the application counts none", nil, []string{"HeadroomPoolTimeouts"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, a := range flat(New(plantest.Committed(t, "prod", c.sets...))) {
				for _, prefix := range c.absent {
					if strings.HasPrefix(a.Name, prefix) {
						t.Errorf("%s stands although %s", a.Name, c.reason)
					}
				}
			}
		})
	}
}

func TestRuleFile(t *testing.T) {
	groups := []Group{{Name: "slo", Records: []Record{{Name: "r", Expr: "1", Labels: map[string]string{"a": "b"}}},
		Alerts: []Alert{
			{Name: "A", Subject: "s t", Expr: "x > 1", For: 2 * time.Minute, Severity: spec.Critical, Summary: "too much", Runbook: Runbook{Command: "look", Means: "Much.", Do: []string{"Less."}}},
			{Name: "B", Expr: "y", Severity: spec.Warning, Summary: "now", Runbook: Runbook{Command: "look", Means: "Now.", Do: []string{"So."}}},
		}}}
	want := []RuleGroup{{Name: "headroom-prod-slo", Rules: []Rule{
		{Record: "r", Expr: "1", Labels: map[string]string{"a": "b"}},
		{Alert: "A", Expr: "x > 1", For: "2m", Labels: map[string]string{"stack": "prod", "namespace": "shop", "severity": "critical", "subject": "s t"},
			Annotations: map[string]string{"summary": "too much", "runbook": "    look\n\nMuch.\n\n1. Less.\n", "runbook_url": "https://runbooks.example#a-s-t"}},
		{Alert: "B", Expr: "y", Labels: map[string]string{"stack": "prod", "namespace": "shop", "severity": "warning"},
			Annotations: map[string]string{"summary": "now", "runbook": "    look\n\nNow.\n\n1. So.\n", "runbook_url": "https://runbooks.example#b"}},
	}}}
	if diff := cmp.Diff(want, RuleFile("prod", "shop", "https://runbooks.example", groups)); diff != "" {
		t.Errorf("RuleFile (-want +got):\n%s", diff)
	}
	if url, ok := RuleFile("prod", "shop", "", groups)[0].Rules[1].Annotations["runbook_url"]; ok {
		t.Errorf("an unpublished runbook is linked: %q", url)
	}
}

// Every rule finds its section.
func TestAnchors(t *testing.T) {
	s, p := plantest.Everything(t)
	groups := New(s, p)
	book := Book(s.Name, groups)
	for _, a := range flat(groups) {
		if !strings.Contains(book, "\n## "+a.Title()+"\n") {
			t.Errorf("%s has no section", a.Title())
		}
	}
	for title, want := range map[string]string{"HeadroomSlowRequests backend GET /api/items/{id} over 1h": "headroomslowrequests-backend-get-apiitemsid-over-1h"} {
		name, subject, _ := strings.Cut(title, " ")
		if got := (Alert{Name: name, Subject: subject}).Anchor(); got != want {
			t.Errorf("anchor of %q = %q, want %q", title, got, want)
		}
	}
}
