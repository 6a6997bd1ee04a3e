package alerts

import (
	"fmt"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// Watchdog is the alert that always fires: its absence is the alarm.
const Watchdog = "HeadroomWatchdog"

// watch watches the watching: that metrics arrive, that rules are evaluated, and
// that alerts are delivered.
func (w world) watch() []Alert {
	out := []Alert{w.watchdog()}
	for _, name := range plan.Names(w.plan) {
		out = append(out, w.autoscaler(name).unscraped())
	}
	out = append(out, w.exporters()...)
	return append(out, w.metricsAPIs(), w.evaluation(), w.delivery())
}

// heartbeat is no severity that a receiver hears: the watchdog has its own route.
const heartbeat spec.Severity = "heartbeat"

func (w world) watchdog() Alert {
	return Alert{
		Name: Watchdog, Severity: heartbeat, Expr: "vector(1)",
		Summary: "alerts arrive",
		Runbook: Runbook{Command: "kubectl -n " + w.stack.Monitoring.Namespace + " get pods,prometheus,alertmanager",
			Means: "This alert always fires and is sent to the dead man's switch. If the switch calls, Prometheus, Alertmanager or the way out of the cluster is broken, and no other alert arrives either.",
			Do: []string{"Prometheus down or full: `kubectl -n " + w.stack.Monitoring.Namespace + " describe prometheus`.",
				"Alertmanager up but silent: `kubectl -n " + w.stack.Monitoring.Namespace + " logs statefulset/alertmanager-" + w.stack.Monitoring.ReleaseLabel + "-alertmanager --tail=50`."}},
	}
}

// unscraped pods are missing in every sum, the autoscaler's among them.
func (s autoscaler) unscraped() Alert {
	up := s.series.Service("up", s.name)
	available := s.series.Deployment("kube_deployment_status_replicas_available", s.name)
	return Alert{
		Name: "HeadroomPodsNotScraped", Subject: s.name, Severity: spec.Warning, For: 5 * time.Minute,
		Expr:    fmt.Sprintf("(count(%s == 1) or vector(0)) < 0.9 * max(%s)", up, available),
		Summary: fmt.Sprintf("only {{ $value | humanize }} pods of %s are scraped; their sum is too small, and so is the number of pods", s.name),
		Runbook: Runbook{Command: s.kubectl("get pods %s -o custom-columns=POD:.metadata.name,PORTS:.spec.containers[*].ports[*].containerPort", s.podSelector()),
			Means: fmt.Sprintf("PodMonitor headroom-%s finds the pods of Deployment %s that declare port %d, and asks them for %s.", s.name, s.deployment(), s.spec.Metrics.Port, s.spec.Metrics.Path),
			Do: []string{"Does the container declare the port? Does the path answer within the scrape timeout under load?",
				"The targets page of Prometheus has the error."}},
		Needs: []string{up, available},
	}
}

// exporters that are gone leave their alerts silent.
func (w world) exporters() []Alert {
	var out []Alert
	for name, e := range w.stack.Watching().Each() {
		up := w.series.From(e, "up")
		out = append(out, Alert{
			Name: "HeadroomExporterDown", Subject: name, Severity: spec.Critical, For: 5 * time.Minute,
			Expr:    fmt.Sprintf("absent(%s == 1)", up),
			Summary: fmt.Sprintf("the exporter of %s does not answer, so nothing is known by it", name),
			Runbook: w.revive(name, e.Mode, up),
		})
	}
	return out
}

// revive an exporter.
func (w world) revive(name string, mode spec.Mode, up string) Runbook {
	const silent = "All alerts that read it are silent until it is back."
	if mode == spec.External {
		return Runbook{Command: "kubectl get podmonitors,servicemonitors,probes -A", Means: silent,
			Do: []string{fmt.Sprintf("Others run it. Prometheus knows it as `%s`; if it is well under another name, monitoring.exporters.%s.labels are wrong.", up, name)}}
	}
	pods := w.selector(w.stack.ExporterPods(name))
	return Runbook{Command: w.kubectl("get pods %s", pods), Means: silent,
		Do: []string{"Its log says what it cannot reach: `" + w.kubectl("logs %s -c %s --tail=50", pods, spec.ExporterContainer) + "`."}}
}

// metricsAPIs that the autoscalers ask.
func (w world) metricsAPIs() Alert {
	down := series.Select("aggregator_unavailable_apiservice", series.Matches("name", `v1beta1\.(external\.)?metrics\.k8s\.io`))
	return Alert{
		Name: "HeadroomMetricsAPIDown", Severity: spec.Critical, For: 2 * time.Minute,
		Expr:    fmt.Sprintf("max by (name) (%s) == 1", down),
		Summary: "the API server cannot reach {{ $labels.name }}, which the autoscalers ask",
		Runbook: Runbook{Command: "kubectl get apiservice v1beta1.metrics.k8s.io v1beta1.external.metrics.k8s.io",
			Means: "metrics.k8s.io is metrics-server, external.metrics.k8s.io is prometheus-adapter.",
			Do: []string{"FailedDiscoveryCheck: the pod is down, or the security group of the nodes refuses the API server its port.",
				"`kubectl -n " + w.stack.Monitoring.Namespace + " logs deployment/prometheus-adapter --tail=50` and `kubectl -n kube-system logs deployment/metrics-server --tail=50`."}},
		Needs: []string{series.Select("aggregator_unavailable_apiservice")},
	}
}

// evaluation of rules that fails is an alert that never fires.
func (w world) evaluation() Alert {
	failures := series.Select("prometheus_rule_evaluation_failures_total")
	return Alert{
		Name: "HeadroomRulesFailing", Severity: spec.Warning,
		Expr:    fmt.Sprintf("sum by (rule_group) (%s) > 0", series.Increase(failures, 10*time.Minute)),
		Summary: "Prometheus cannot evaluate rules of {{ $labels.rule_group }}",
		Runbook: Runbook{Command: "kubectl -n " + w.stack.Monitoring.Namespace + " logs -l app.kubernetes.io/name=prometheus -c prometheus --tail=50",
			Means: "An alert of this group may be silent. Most often one expression matches the same series twice.",
			Do:    []string{"The rules page of Prometheus shows the error beside the rule."}},
		Needs: []string{failures},
	}
}

// delivery that fails leaves people unaware, unless another receiver works.
func (w world) delivery() Alert {
	failed := series.Select("alertmanager_notifications_failed_total")
	return Alert{
		Name: "HeadroomAlertsNotDelivered", Severity: spec.Critical,
		Expr:    fmt.Sprintf("sum by (integration) (%s) > 0", series.Increase(failed, 10*time.Minute)),
		Summary: "Alertmanager cannot deliver to {{ $labels.integration }}",
		Runbook: Runbook{Command: "kubectl -n " + w.stack.Monitoring.Namespace + " logs -l app.kubernetes.io/name=alertmanager -c alertmanager --tail=50",
			Means: "You read this by another way. The log has the answer of the receiver.",
			Do:    []string{"A revoked key or URL: replace it in the Secret that monitoring.receivers names; Alertmanager reads it again by itself."}},
		Needs: []string{failed},
	}
}

// SeriesMissing is the alert on a series that is not there; it has one rule for each.
const SeriesMissing = "HeadroomSeriesMissing"

// missing alerts on every series that an alert needs and that is not there: a
// renamed metric must not silence it.
func (w world) missing(groups []Group) []Alert {
	var needs []string
	users := map[string][]string{}
	for _, g := range groups {
		for _, a := range g.Alerts {
			for _, need := range a.Needs {
				if users[need] == nil {
					needs = append(needs, need)
				}
				if !slices.Contains(users[need], a.Name) {
					users[need] = append(users[need], a.Name)
				}
			}
		}
	}
	var out []Alert
	for _, need := range needs {
		out = append(out, Alert{
			Name: SeriesMissing, Subject: need, Severity: spec.Warning, For: 15 * time.Minute,
			Expr:    fmt.Sprintf("absent(%s)", need),
			Summary: "Prometheus has no such series, so the alerts that read it cannot fire",
			Runbook: Runbook{Command: "kubectl get podmonitors,servicemonitors,probes -A",
				Means: fmt.Sprintf("`%s` is read by %s.", need, list(users[need])),
				Do: []string{"Look for the metric without its labels in Prometheus. If it is there, a label differs: services.<name>.metrics and monitoring.exporters name them.",
					"If it is not, its exporter is down, too old, or runs without the flag that it needs."}},
		})
	}
	return out
}

func list(names []string) string {
	text := ""
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			text += " and "
		default:
			text += ", "
		}
		text += n
	}
	return text
}
