package rules

import (
	"slices"
	"strings"
)

// ceiling is a limit that must have an alarm below it: of the resources of some
// types, told by signs in the expression or the metric of an alarm.
type ceiling struct {
	name  string
	types []string
	signs []string
}

// ceilings and the metrics that tell that they are near: those of
// kube-state-metrics, postgres_exporter, PgBouncer and redis exporters, and of
// CloudWatch.
var ceilings = []ceiling{
	{"autoscalers at their maximum", hpaTypes, []string{"kube_horizontalpodautoscaler_spec_max_replicas", "kube_horizontalpodautoscaler_status_desired_replicas"}},
	{"connections of the database", []string{typeRDSInstance}, []string{"pg_stat_activity", "pg_stat_database_numbackends", "DatabaseConnections"}},
	{"storage of the database", []string{typeRDSInstance}, []string{"FreeStorageSpace", "pg_database_size"}},
	{"memory of the cache", []string{typeCache}, []string{"redis_evicted_keys", "redis_memory_used", "Evictions", "DatabaseMemoryUsage"}},
	{"pods without a node", []string{typeNodeGroup}, []string{"kube_pod_status_unschedulable", `phase="Pending"`, "cluster_autoscaler_unschedulable_pods"}},
	{"errors of the edge", []string{typeDistribution}, []string{"5xxErrorRate", "cloudfront_5xx", "probe_success"}},
}

// alarmCoverage prevents a limit that is found out by an outage.
func alarmCoverage() Rule {
	return Rule{
		ID: "alarm-coverage", Severity: Medium, Level: Mandatory,
		What:    "every ceiling of the stack has an alarm below it that tells somebody",
		Why:     "a limit without an alarm is found out by an outage",
		Fix:     "add an alert on the metric to the stack's PrometheusRule, or a MetricAlarm with alarmActions",
		Anchors: []string{"S16", "CKV_AWS_319"},
		Types:   []string{typePrometheusRule, typeMetricAlarm, typeHPA, typeHPAv1, typeRDSInstance, typeCache, typeNodeGroup, typeDistribution},
		Eval: func(in Input) []Finding {
			alarms := in.of(typePrometheusRule, typeMetricAlarm)
			if len(alarms) == 0 {
				// Alerting is elsewhere; that there is any is the plan's check alerts-routed.
				return nil
			}
			return onStack("whether every ceiling has an alarm", func(v *verdict) { in.judgeCoverage(v, alarms) })
		},
	}
}

func (in Input) judgeCoverage(v *verdict, alarms []Resource) {
	own := &facts{}
	watched := own.watched(alarms)
	var covered []string
	for _, c := range ceilings {
		switch {
		case len(in.of(c.types...)) == 0:
		case slices.ContainsFunc(c.signs, func(sign string) bool { return strings.Contains(watched, sign) }):
			covered = append(covered, c.name)
		case !own.complete():
			v.waits = own.waits
		default:
			v.fault("no alarm on %s", c.name)
		}
	}
	v.pass("alarms on %s", strings.Join(covered, ", "))
}

// watched is every expression and metric that some alarm looks at. One that
// alarms nobody looks at nothing.
func (f *facts) watched(alarms []Resource) string {
	var all strings.Builder
	for _, a := range alarms {
		if a.Type == typeMetricAlarm {
			if len(f.list(a.at("alarmActions"))) > 0 {
				all.WriteString(f.textOr(a.at("metricName"), "") + "\n")
			}
			continue
		}
		for _, group := range f.list(a.at("spec.groups")) {
			for _, rule := range f.list(group.at("rules")) {
				if f.textOr(rule.at("alert"), "") != "" {
					all.WriteString(f.textOr(rule.at("expr"), "") + "\n")
				}
			}
		}
	}
	return all.String()
}

// statefulProtected prevents losing what holds data with the program that
// declares it.
func statefulProtected() Rule {
	return Rule{
		ID: "stateful-protected", Severity: Critical, Level: Mandatory, Single: true, Keeps: true,
		What:    "caches and buckets are protected, and buckets are never emptied by a destroy",
		Why:     "a rename in the program is a replacement, and a replacement deletes the data",
		Fix:     "set the option protect on the resource, and leave forceDestroy false",
		Anchors: []string{"S17"},
		Types:   []string{typeCache, typeBucket},
		Eval: each("whether its data is safe", func(_ Input, v *verdict, r Resource) {
			v.protected(r)
			v.off(r.at("forceDestroy"))
			v.pass("protected")
		}, typeCache, typeBucket),
	}
}
