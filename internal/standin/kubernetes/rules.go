package kubernetes

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/agencyos/headroom/internal/standin/provider"
	"sigs.k8s.io/yaml"
)

// Sources in kubernetes/kubernetes, release 1.36.
const (
	k8sAutoscaling = "kubernetes/kubernetes pkg/apis/autoscaling/validation/validation.go"
	k8sApps        = "kubernetes/kubernetes pkg/apis/apps/validation/validation.go"
	k8sCore        = "kubernetes/kubernetes pkg/apis/core/validation/validation.go"
	k8sPolicy      = "kubernetes/kubernetes pkg/apis/policy/validation/validation.go"
	k8sNetworking  = "kubernetes/kubernetes pkg/apis/networking/validation/validation.go"
	k8sMeta        = "kubernetes/apimachinery pkg/api/validation/objectmeta.go, pkg/util/validation/validation.go"
)

func problem(path, format string, args ...any) []provider.Problem {
	return []provider.Problem{{Path: path, Text: fmt.Sprintf(format, args...)}}
}

// rules adds what holds for every object to a type's own rules.
func rules(own []provider.Rule) []provider.Rule {
	return append([]provider.Rule{
		{ID: "k8s-name", Source: k8sMeta, Test: objectName},
		{ID: "k8s-labels", Source: k8sMeta, Test: labels},
	}, own...)
}

func configRules() []provider.Rule {
	return []provider.Rule{{
		ID:     "k8s-kubeconfig",
		Source: "pulumi-kubernetes provider/pkg/provider/kubeconfig.go",
		Test:   kubeconfig,
	}}
}

// kubeconfig refuses a configuration no client could load. A path is not read:
// the stand-in looks at nothing outside the program.
func kubeconfig(config, _ provider.Value) []provider.Problem {
	given := config.At("kubeconfig")
	if !given.Known() || given.IsText() && !regexp.MustCompile(`[:{]`).MatchString(given.Text()) {
		return nil
	}
	loaded := loadKubeconfig(given)
	current := loaded.CurrentContext
	if chosen := config.At("context").Text(); chosen != "" {
		current = chosen
	}
	if !slices.ContainsFunc(loaded.Contexts, func(c entry) bool { return c.Name == current }) {
		return problem("", "kubeconfig: names no context %q; set current-context or the provider's context", current)
	}
	if len(loaded.Clusters) == 0 {
		return problem("", "kubeconfig: names no cluster")
	}
	return nil
}

type entry struct {
	Name string `json:"name"`
}

type kubeconfigFile struct {
	CurrentContext string  `json:"current-context"`
	Contexts       []entry `json:"contexts"`
	Clusters       []entry `json:"clusters"`
}

// loadKubeconfig reads the text; what it cannot read stays empty and is then
// reported as a missing context.
func loadKubeconfig(given provider.Value) (file kubeconfigFile) {
	text := given.Text()
	if text == "" {
		text = given.String() // sent as an object
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return kubeconfigFile{}
	}
	return file
}

var (
	subdomain  = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	label      = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	labelValue = regexp.MustCompile(`^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$`)
	dataKey    = regexp.MustCompile(`^[-._a-zA-Z0-9]+$`)
)

func objectName(_, in provider.Value) (found []provider.Problem) {
	if name := in.At("metadata.name"); name.IsText() && (!subdomain.MatchString(name.Text()) || len(name.Text()) > 253) {
		found = problem("metadata.name", "must be a lower-case RFC 1123 subdomain of at most 253 characters")
	}
	if space := in.At("metadata.namespace"); space.IsText() && (!label.MatchString(space.Text()) || len(space.Text()) > 63) {
		found = append(found, problem("metadata.namespace", "must be a lower-case RFC 1123 label of at most 63 characters")...)
	}
	return found
}

func labels(_, in provider.Value) (found []provider.Problem) {
	for _, path := range []string{"metadata.labels", "spec.template.metadata.labels", "spec.selector.matchLabels"} {
		values := in.At(path).Map()
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if v := values[key]; v.IsText() && (!labelValue.MatchString(v.Text()) || len(v.Text()) > 63) {
				found = append(found, problem(path, "%s = %q: must be at most 63 letters, digits, '-', '_' and '.', "+
					"with a letter or digit at both ends", key, v.Text())...)
			}
		}
	}
	return found
}

// between bounds a number, both ends included.
func between(path string, least, most float64) func(config, in provider.Value) []provider.Problem {
	return func(_, in provider.Value) []provider.Problem {
		if n, ok := in.At(path).Number(); ok && (n < least || n > most) {
			return problem(path, "must be between %.0f and %.0f", least, most)
		}
		return nil
	}
}

func dataRules() []provider.Rule {
	return []provider.Rule{
		{ID: "k8s-data-keys", Source: k8sCore + " ValidateConfigMap, ValidateSecret; IsConfigMapKey", Test: dataKeys},
		{ID: "k8s-data-size", Source: k8sCore + " ValidateConfigMap; MaxSecretSize is 1 MiB", Test: dataSize},
	}
}

func dataKeys(_, in provider.Value) (found []provider.Problem) {
	for _, block := range []string{"data", "binaryData", "stringData"} {
		for _, key := range slices.Sorted(maps.Keys(in.At(block).Map())) {
			if !dataKey.MatchString(key) || len(key) > 253 || key == "." || key == ".." {
				found = append(found, problem(block, "key %q must be at most 253 letters, digits, '-', '_' and '.'", key)...)
			}
		}
	}
	return found
}

func dataSize(_, in provider.Value) []provider.Problem {
	const most = 1 << 20
	size := 0
	for _, block := range []string{"data", "binaryData", "stringData"} {
		for _, v := range in.At(block).Map() {
			size += len(v.Text())
		}
	}
	if size > most {
		return []provider.Problem{{Text: fmt.Sprintf("data: holds %d bytes, at most %d are allowed", size, most)}}
	}
	return nil
}

func budgetRules() []provider.Rule {
	return []provider.Rule{
		{ID: "k8s-pdb-one-bound", Source: k8sPolicy + " ValidatePodDisruptionBudgetSpec", Test: oneBound},
		{ID: "k8s-pdb-share", Source: k8sPolicy + " IsNotMoreThan100Percent, ValidatePositiveIntOrPercent", Test: share},
	}
}

func oneBound(_, in provider.Value) []provider.Problem {
	least, most := in.At("spec.minAvailable").Present(), in.At("spec.maxUnavailable").Present()
	if least && most {
		return problem("spec.maxUnavailable", "minAvailable and maxUnavailable cannot be both set; set one")
	}
	return nil
}

var percent = regexp.MustCompile(`^(100|[0-9]{1,2})%$`)

func share(_, in provider.Value) (found []provider.Problem) {
	for _, path := range []string{"spec.minAvailable", "spec.maxUnavailable"} {
		v := in.At(path)
		if n, ok := v.Number(); v.IsText() && !percent.MatchString(v.Text()) || ok && n < 0 {
			found = append(found, problem(path, "must be a whole number from 0, or a percentage up to 100%%")...)
		}
	}
	return found
}

func networkRules() []provider.Rule {
	return []provider.Rule{{
		ID: "k8s-policy-types", Source: k8sNetworking + " ValidateNetworkPolicySpec",
		Test: func(_, in provider.Value) (found []provider.Problem) {
			for i, kind := range in.At("spec.policyTypes").List() {
				if kind.IsText() && kind.Text() != "Ingress" && kind.Text() != "Egress" {
					found = append(found, problem(fmt.Sprintf("spec.policyTypes[%d]", i), "must be Ingress or Egress")...)
				}
			}
			return found
		},
	}}
}
