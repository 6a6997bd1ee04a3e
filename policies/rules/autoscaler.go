package rules

import (
	"strings"
	"time"
)

// release is a Helm release of a chart.
func (f *facts) isChart(r Resource, name string) bool {
	chart := f.textOr(r.at("chart"), "")
	return chart == name || strings.HasSuffix(chart, "/"+name)
}

// eachChart judges the releases of one chart. One whose chart is not known is
// open; others are not its affair.
func eachChart(name, question string, judge func(Input, *verdict, Resource)) func(Input) []Finding {
	return each(question, func(in Input, v *verdict, r Resource) {
		is := v.isChart(r, name)
		if !is {
			v.notApplicable("is another chart")
			return
		}
		judge(in, v, r)
	}, typeRelease)
}

// arguments are the flags of a chart that takes them as a map.
func (v *verdict) arguments(r Resource) leaf {
	args := r.at("values.extraArgs")
	v.tree(r.at("values"))
	v.tree(args)
	return args
}

// clusterAutoscaler prevents nodes that are never added: groups that it does not
// find, pods for which it adds none, and a bound below the groups' own.
func clusterAutoscaler() Rule {
	return Rule{
		ID: "cluster-autoscaler", Severity: High, Level: Mandatory,
		What:    "the Cluster Autoscaler finds the node groups, may fill them, and adds nodes for pause pods",
		Why:     "without discovery or above max-nodes-total it adds no node; pods below the priority cutoff never get one, so the warm floor does not come back",
		Fix:     "set autoDiscovery.clusterName, leave max-nodes-total out or at Σ maxSize, and expendable-pods-priority-cutoff at or below the least PriorityClass",
		Anchors: []string{"S14", "hardeneks ensure_cluster_autoscaler_has_autodiscovery_mode"},
		Types:   []string{typeRelease, typeNodeGroup, typePriorityClass},
		Eval: eachChart("cluster-autoscaler", "whether it adds nodes", func(in Input, v *verdict, r Resource) {
			v.tree(r.at("values.autoDiscovery"))
			discovery := r.at("values.autoDiscovery.clusterName")
			if discovery.Absent() && r.at("values.autoscalingGroups").Absent() {
				v.fault("values.autoDiscovery.clusterName is not set: it finds no node group")
			}
			v.readable(discovery)
			args := v.arguments(r)
			v.require(func(f *facts) string { return in.nodesTotal(f, args) })
			v.require(func(f *facts) string { return in.expendable(f, args) })
			v.pass("finds its groups and may fill them")
		}),
	}
}

func (in Input) nodesTotal(f *facts, args leaf) string {
	limit := args.key("max-nodes-total")
	// 0 is no limit.
	n := f.count(limit, 0, 0)
	if n == 0 {
		return ""
	}
	total := 0
	for _, g := range in.of(typeNodeGroup) {
		total += f.count(g.at("scalingConfig.maxSize"), 0, 0)
	}
	if n < total {
		return sprintf("max-nodes-total %d < %d, the sum of maxSize", n, total)
	}
	return ""
}

// expendableCutoff is the default of the flag
// (github.com/kubernetes/autoscaler cluster-autoscaler/FAQ.md, 2026-11).
const expendableCutoff = -10

func (in Input) expendable(f *facts, args leaf) string {
	cutoff := float64(expendableCutoff)
	if n, ok := f.number(args.key("expendable-pods-priority-cutoff")); ok {
		cutoff = n
	}
	for _, c := range in.of(typePriorityClass) {
		if value, ok := f.number(c.at("value")); ok && value < cutoff {
			return sprintf("%s has priority %g < cutoff %g: no node is added for its pods", c.label(), value, cutoff)
		}
	}
	return ""
}

// metricsFresh prevents an autoscaler that looks at old numbers: the binary's
// own resolution of 60 s would use up the whole promise.
func metricsFresh() Rule {
	return Rule{
		ID: "metrics-fresh", Severity: High, Level: Mandatory,
		What:    "metrics-server and prometheus-adapter look often enough for a decision within a minute",
		Why:     "metrics-server without the flag samples every 60 s, prometheus-adapter finds new metrics every 10 min",
		Fix:     "run metrics-server with --metric-resolution=15s (headroom:monitoring.metricsResolution where it is managed) and prometheus-adapter with metricsRelistInterval: 30s",
		Anchors: []string{"S4", "hardeneks check_metrics_server_is_running"},
		Types:   []string{typeRelease},
		Options: []Option{
			{Name: "resolutionSeconds", What: "longest resolution of metrics-server", Default: 15, Low: 1, High: 600},
			{Name: "relistSeconds", What: "longest time until prometheus-adapter finds a metric", Default: 60, Low: 1, High: 3600},
		},
		Eval: each("whether it looks often enough", judgeMetrics, typeRelease),
	}
}

func judgeMetrics(in Input, v *verdict, r Resource) {
	own := &facts{}
	server, adapter := own.isChart(r, "metrics-server"), own.isChart(r, "prometheus-adapter")
	v.waits = own.waits
	switch {
	case server:
		v.require(func(f *facts) string {
			f.tree(r.at("values"))
			return resolution(f, r, time.Duration(in.whole("resolutionSeconds"))*time.Second)
		})
	case adapter:
		v.require(func(f *facts) string {
			f.tree(r.at("values"))
			// The chart's own default is 1m
			// (github.com/prometheus-community/helm-charts charts/prometheus-adapter/values.yaml, 2026-11).
			return atMost(f, r.at("values.metricsRelistInterval"), "1m", time.Duration(in.whole("relistSeconds"))*time.Second)
		})
	default:
		v.notApplicable("is another chart")
		return
	}
	v.pass("looks often enough")
}

// resolution reads the flag among the chart's arguments: args are added to
// defaultArgs, which hold 15s unless they are replaced.
func resolution(f *facts, r Resource, limit time.Duration) string {
	const flag = "--metric-resolution="
	found, replaced := "", !r.at("values.defaultArgs").Absent()
	for _, list := range []string{"values.defaultArgs", "values.args"} {
		for _, arg := range f.list(r.at(list)) {
			if value, ok := strings.CutPrefix(f.textOr(arg, ""), flag); ok {
				found = value
			}
		}
	}
	switch {
	case found != "":
	case replaced:
		return "no argument " + flag + ": the binary's own is 60s"
	default:
		return ""
	}
	return atMost(f, leaf{Value: Text(found), where: "--metric-resolution", of: r.label()}, "", limit)
}

// atMost bounds a duration such as "15s".
func atMost(f *facts, l leaf, fallback string, limit time.Duration) string {
	d, err := time.ParseDuration(f.textOr(l, fallback))
	switch {
	case err != nil:
		f.wait("%s = %s to be a duration such as 15s", l, show(l))
	case d > limit:
		return sprintf("%s is %s > %s", l.where, d, limit)
	}
	return ""
}

// chartPinned prevents an update that nobody asked for.
func chartPinned() Rule {
	return Rule{
		ID: "chart-pinned", Severity: Medium, Level: Mandatory, Single: true,
		What:    "Helm releases name a version and a repository by HTTPS",
		Why:     "without a version an update installs whatever is newest; by HTTP anybody on the way decides what that is",
		Fix:     "set version, and an https:// or oci:// repository",
		Anchors: []string{"CKV_TF_1 (modules)", "none for Helm in Pulumi"},
		Types:   []string{typeRelease},
		Eval: each("whether its chart is pinned", func(_ Input, v *verdict, r Resource) {
			v.require(func(f *facts) string {
				version := f.textOr(r.at("version"), "")
				if version == "" || strings.ContainsAny(version, "^~*><x|") {
					return "version is " + show(r.at("version"))
				}
				return ""
			})
			v.require(func(f *facts) string {
				repo := f.textOr(r.at("repositoryOpts.repo"), "")
				if strings.HasPrefix(repo, "http://") {
					return "repositoryOpts.repo is " + repo
				}
				return ""
			})
			v.pass("version %s", show(r.at("version")))
		}, typeRelease),
	}
}

// priorityPause prevents pause pods that push services out, or everything that
// states no priority becoming expendable.
func priorityPause() Rule {
	return Rule{
		ID: "priority-class", Severity: High, Level: Mandatory, Single: true,
		What:    "a negative priority gives way and preempts nothing, and none becomes everybody's default",
		Why:     "a global default changes every pod of the cluster that states none; pause pods that preempt would push each other around",
		Fix:     "set globalDefault: false, and preemptionPolicy: Never where value is negative",
		Anchors: []string{"S14", "none elsewhere"},
		Types:   []string{typePriorityClass},
		Eval: each("whether it gives way", func(_ Input, v *verdict, c Resource) {
			v.off(c.at("globalDefault"))
			v.require(func(f *facts) string {
				value, _ := f.number(c.at("value"))
				if value < 0 && f.textOr(c.at("preemptionPolicy"), "PreemptLowerPriority") != "Never" {
					return sprintf("priority %g preempts others", value)
				}
				return ""
			})
			v.pass("gives way")
		}, typePriorityClass),
	}
}
