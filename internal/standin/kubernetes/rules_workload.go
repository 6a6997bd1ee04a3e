package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

func deploymentRules() []provider.Rule {
	return append([]provider.Rule{
		{ID: "k8s-deployment-selector", Source: k8sApps + " ValidateDeploymentSpec", Test: selectorMatches},
		{ID: "k8s-deployment-containers", Source: k8sCore + " validateContainers", Test: containers},
		{ID: "k8s-deployment-replicas", Source: k8sApps + " ValidateDeploymentSpec", Test: deploymentNumbers},
	}, podRules()...)
}

// podRules judge what a Deployment and a patch of one have in common.
func podRules() []provider.Rule {
	return []provider.Rule{
		{ID: "k8s-resources", Source: k8sCore + " ValidateResourceRequirements", Test: resourceNumbers},
		{ID: "k8s-env", Source: k8sCore + " ValidateEnv", Test: environment},
		{ID: "k8s-rollout", Source: k8sApps + " ValidateRollingUpdateDeployment", Test: rollout},
	}
}

func patchRules() []provider.Rule {
	return []provider.Rule{{
		ID: "k8s-patch-ssa", Source: pkCheck,
		Test: func(config, _ provider.Value) []provider.Problem {
			if config.At("enableServerSideApply").False() {
				return problem("", "patch resources need server-side apply; leave enableServerSideApply on")
			}
			return nil
		},
	}}
}

func selectorMatches(_, in provider.Value) (found []provider.Problem) {
	selector, template := in.At("spec.selector.matchLabels"), in.At("spec.template.metadata.labels")
	if !selector.Present() && !in.At("spec.selector.matchExpressions").Present() && in.At("spec.selector").Known() {
		return problem("spec.selector", "empty selector is invalid for deployment")
	}
	if template.Unknown() || in.At("spec.template").Unknown() {
		return nil
	}
	labels := selector.Map()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		want, have := labels[key], template.Map()[key]
		if !want.Unknown() && !have.Unknown() && want.Text() != have.Text() {
			found = append(found, problem("spec.selector.matchLabels", "%s = %q does not match spec.template.metadata.labels",
				key, want.Text())...)
		}
	}
	return found
}

func containers(_, in provider.Value) (found []provider.Problem) {
	list := in.At("spec.template.spec.containers")
	if list.Unknown() || in.At("spec.template.spec").Unknown() || in.At("spec.template").Unknown() {
		return nil
	}
	if len(list.List()) == 0 {
		return problem("spec.template.spec.containers", "at least one container is required")
	}
	seen := map[string]bool{}
	for i, c := range list.List() {
		path := fmt.Sprintf("spec.template.spec.containers[%d]", i)
		for _, name := range []string{"name", "image"} {
			if !c.At(name).Present() {
				found = append(found, problem(path+"."+name, "is required")...)
			}
		}
		if name := c.At("name"); name.IsText() {
			if !label.MatchString(name.Text()) || len(name.Text()) > 63 || seen[name.Text()] {
				found = append(found, problem(path+".name", "must be a lower-case RFC 1123 label, and no other container's")...)
			}
			seen[name.Text()] = true
		}
	}
	return found
}

func deploymentNumbers(_, in provider.Value) (found []provider.Problem) {
	for _, path := range []string{"spec.replicas", "spec.minReadySeconds", "spec.revisionHistoryLimit"} {
		if n, ok := in.At(path).Number(); ok && n < 0 {
			found = append(found, problem(path, "must be greater than or equal to 0")...)
		}
	}
	ready, hasReady := in.At("spec.minReadySeconds").Number()
	deadline, ok := in.At("spec.progressDeadlineSeconds").Number()
	if ok && hasReady && deadline <= ready {
		found = append(found, problem("spec.progressDeadlineSeconds", "must be greater than minReadySeconds (%.0f)", ready)...)
	}
	return found
}

// resourceNumbers refuses quantities that do not parse and requests above
// their limits.
func resourceNumbers(_, in provider.Value) (found []provider.Problem) {
	for i := range in.At("spec.template.spec.containers").List() {
		path := fmt.Sprintf("spec.template.spec.containers[%d].resources", i)
		for _, name := range []string{"cpu", "memory", "ephemeral-storage"} {
			key := `["` + name + `"]`
			request, okRequest := amount(in.At(path + ".requests" + key))
			limit, okLimit := amount(in.At(path + ".limits" + key))
			for _, block := range []string{".requests", ".limits"} {
				if v := in.At(path + block + key); v.Known() && !parses(v) {
					found = append(found, problem(path+block+key, "must be a quantity such as 500m or 256Mi")...)
				}
			}
			if okRequest && okLimit && request > limit {
				found = append(found, problem(path+".requests"+key, "must be less than or equal to %s limit of %s",
					name, in.At(path+".limits"+key))...)
			}
		}
	}
	return found
}

func parses(v provider.Value) bool {
	n, ok := amount(v)
	return ok && n >= 0
}

func amount(v provider.Value) (float64, bool) {
	if n, ok := v.Number(); ok {
		return n, true
	}
	return quantity(v.Text())
}

// suffixes are the units of apimachinery's resource.Quantity.
var suffixes = map[string]float64{
	"": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60,
}

// quantity reads a Kubernetes quantity. A float is exact enough to compare.
func quantity(text string) (float64, bool) {
	digits := strings.TrimRight(text, "EGKMPTikmnu")
	unit, ok := suffixes[text[len(digits):]]
	n, err := strconv.ParseFloat(digits, 64)
	return n * unit, ok && err == nil
}

func environment(_, in provider.Value) (found []provider.Problem) {
	for i, c := range in.At("spec.template.spec.containers").List() {
		for j, e := range c.At("env").List() {
			path := fmt.Sprintf("spec.template.spec.containers[%d].env[%d]", i, j)
			if !e.At("name").Present() {
				found = append(found, problem(path+".name", "is required")...)
			}
			if v := e.At("value"); v.Present() && v.Text() != "" && e.At("valueFrom").Present() {
				found = append(found, problem(path+".valueFrom", "may not be specified when value is not empty")...)
			}
		}
	}
	return found
}

func rollout(_, in provider.Value) []provider.Problem {
	surge, unavailable := in.At("spec.strategy.rollingUpdate.maxSurge"), in.At("spec.strategy.rollingUpdate.maxUnavailable")
	if isZero(surge) && isZero(unavailable) {
		return problem("spec.strategy.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0")
	}
	return nil
}

func isZero(v provider.Value) bool {
	n, ok := v.Number()
	return ok && n == 0 || v.Text() == "0%" || v.Text() == "0"
}

func serviceRules() []provider.Rule {
	return []provider.Rule{{ID: "k8s-service-ports", Source: k8sCore + " ValidateService", Test: servicePorts}}
}

func servicePorts(config, in provider.Value) (found []provider.Problem) {
	list := in.At("spec.ports")
	headless := in.At("spec.clusterIP").Text() == "None" || in.At("spec.type").Text() == "ExternalName"
	if !list.Unknown() && !in.At("spec").Unknown() && len(list.List()) == 0 && !headless {
		return problem("spec.ports", "at least one port is required")
	}
	for i, port := range list.List() {
		path := fmt.Sprintf("spec.ports[%d]", i)
		found = append(found, between(path+".port", 1, 65535)(config, in)...)
		if !port.At("port").Present() {
			found = append(found, problem(path+".port", "is required")...)
		}
		if len(list.List()) > 1 && !port.At("name").Present() {
			found = append(found, problem(path+".name", "is required when there is more than one port")...)
		}
	}
	return found
}
