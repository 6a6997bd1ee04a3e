package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Bounds of autoscaling/v2.
const (
	maxStabilization = 3600 // MaxStabilizationWindowSeconds
	maxPeriod        = 1800 // MaxPeriodSeconds
)

func autoscalerRules() []provider.Rule {
	return []provider.Rule{
		{ID: "k8s-hpa-replicas", Source: k8sAutoscaling + " validateHorizontalPodAutoscalerSpec", Test: replicaBounds},
		{ID: "k8s-hpa-target", Source: k8sAutoscaling + " ValidateCrossVersionObjectReference", Test: scaleTarget},
		{ID: "k8s-hpa-behavior", Source: k8sAutoscaling + " validateScalingRules, validateScalingPolicy", Test: behavior},
		{ID: "k8s-hpa-metrics", Source: k8sAutoscaling + " validateMetricSpec, validateMetricTarget", Test: metrics},
	}
}

// replicaBounds follows a server whose HPAScaleToZero gate is off, the default
// before 1.37.
func replicaBounds(_, in provider.Value) (found []provider.Problem) {
	least, hasLeast := in.At("spec.minReplicas").Number()
	most, hasMost := in.At("spec.maxReplicas").Number()
	if hasLeast && least < 1 {
		found = problem("spec.minReplicas", "must be greater than or equal to 1; "+
			"0 needs the HPAScaleToZero gate and an Object or External metric")
	}
	if hasMost && most < 1 {
		found = append(found, problem("spec.maxReplicas", "must be greater than 0")...)
	}
	if hasLeast && hasMost && most < least {
		found = append(found, problem("spec.maxReplicas", "must be greater than or equal to minReplicas (%.0f)", least)...)
	}
	return found
}

func scaleTarget(_, in provider.Value) (found []provider.Problem) {
	target := in.At("spec.scaleTargetRef")
	for _, name := range []string{"kind", "name"} {
		if target.Present() && !target.Unknown() && !target.At(name).Present() {
			found = append(found, problem("spec.scaleTargetRef."+name, "is required")...)
		}
	}
	return found
}

func behavior(config, in provider.Value) (found []provider.Problem) {
	for _, direction := range []string{"spec.behavior.scaleUp", "spec.behavior.scaleDown"} {
		rules := in.At(direction)
		if !rules.Present() || rules.Unknown() {
			continue
		}
		found = append(found, between(direction+".stabilizationWindowSeconds", 0, maxStabilization)(config, in)...)
		found = append(found, selectPolicy(direction, rules)...)
		for i := range rules.At("policies").List() {
			found = append(found, scalingPolicy(config, in, fmt.Sprintf("%s.policies[%d]", direction, i))...)
		}
	}
	return found
}

func selectPolicy(path string, rules provider.Value) []provider.Problem {
	chosen := rules.At("selectPolicy")
	if chosen.IsText() && !slices.Contains([]string{"Max", "Min", "Disabled"}, chosen.Text()) {
		return problem(path+".selectPolicy", "must be Max, Min or Disabled")
	}
	// Defaulting fills policies that are absent; a list given as empty stays so.
	if policies := rules.At("policies"); policies.Present() && !policies.Unknown() && len(policies.List()) == 0 {
		return problem(path+".policies", "must specify at least one policy")
	}
	return nil
}

func scalingPolicy(config, in provider.Value, path string) []provider.Problem {
	found := between(path+".periodSeconds", 1, maxPeriod)(config, in)
	if n, ok := in.At(path + ".value").Number(); ok && n <= 0 {
		found = append(found, problem(path+".value", "must be greater than zero")...)
	}
	if kind := in.At(path + ".type"); kind.IsText() && kind.Text() != "Pods" && kind.Text() != "Percent" {
		found = append(found, problem(path+".type", "must be Pods or Percent")...)
	}
	return found
}

// metricSources is the field each metric type fills.
var metricSources = map[string]string{
	"Resource": "resource", "ContainerResource": "containerResource", "Pods": "pods", "Object": "object", "External": "external",
}

func metrics(_, in provider.Value) (found []provider.Problem) {
	for i, metric := range in.At("spec.metrics").List() {
		path := fmt.Sprintf("spec.metrics[%d]", i)
		kind := metric.At("type")
		source, valid := metricSources[kind.Text()]
		switch {
		case kind.Unknown():
		case !valid:
			found = append(found, problem(path+".type", "must be one of Resource, ContainerResource, Pods, Object, External")...)
		case !metric.At(source).Present():
			found = append(found, problem(path+"."+source, "must populate information for the given metric source")...)
		default:
			found = append(found, metricTarget(path+"."+source+".target", metric.At(source+".target"))...)
		}
		found = append(found, strayMetrics(path, source, metric)...)
	}
	return found
}

func strayMetrics(path, source string, metric provider.Value) (found []provider.Problem) {
	for _, other := range []string{"containerResource", "external", "object", "pods", "resource"} {
		if source != "" && other != source && metric.At(other).Present() {
			found = append(found, problem(path+"."+other, "must populate the given metric source only")...)
		}
	}
	return found
}

// targetFields is the field each target type fills.
var targetFields = map[string]string{
	"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value",
}

func metricTarget(path string, target provider.Value) (found []provider.Problem) {
	kind := target.At("type")
	if !target.Present() || target.Unknown() || kind.Unknown() {
		return nil
	}
	wanted, valid := targetFields[kind.Text()]
	if !valid {
		return problem(path+".type", "must be either Utilization, Value, or AverageValue")
	}
	if !target.At(wanted).Present() {
		found = problem(path+"."+wanted, "must be set for target type %s", kind.Text())
	}
	for _, name := range []string{"averageUtilization", "averageValue", "value"} {
		if v := target.At(name); v.Known() && !positive(v) {
			found = append(found, problem(path+"."+name, "must be positive")...)
		}
	}
	return found
}

func positive(v provider.Value) bool {
	if n, ok := v.Number(); ok {
		return n > 0
	}
	n, ok := quantity(strings.TrimSpace(v.Text()))
	return ok && n > 0
}
