package kubernetes_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/internal/standin/kubernetes"
	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/agencyos/headroom/internal/standin/providertest"
)

const (
	configMap   = "kubernetes:core/v1:ConfigMap"
	secret      = "kubernetes:core/v1:Secret"
	service     = "kubernetes:core/v1:Service"
	account     = "kubernetes:core/v1:ServiceAccount"
	deployment  = "kubernetes:apps/v1:Deployment"
	statefulSet = "kubernetes:apps/v1:StatefulSet"
	patch       = "kubernetes:apps/v1:DeploymentPatch"
	autoscaler  = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	budget      = "kubernetes:policy/v1:PodDisruptionBudget"
	network     = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
	priority    = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
	release     = "kubernetes:helm.sh/v3:Release"
	podMonitor  = "kubernetes:monitoring.coreos.com/v1:PodMonitor"
	probe       = "kubernetes:monitoring.coreos.com/v1:Probe"
	ruleFile    = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
	receivers   = "kubernetes:monitoring.coreos.com/v1alpha1:AlertmanagerConfig"
)

// good are manifests the API server accepts.
var good = map[string]string{
	podMonitor: `{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: a}, spec: {selector: {}, podMetricsEndpoints: [
		{portNumber: 80, interval: 15s, scrapeTimeout: 10s}]}}`,
	probe: `{apiVersion: monitoring.coreos.com/v1, kind: Probe, metadata: {name: a}, spec: {prober: {url: "b:9115"}, targets: {}}}`,
	ruleFile: `{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: a}, spec: {groups: [{name: a, rules: [
		{alert: A, expr: up, for: 5m, labels: {stack: a}}]}]}}`,
	receivers: `{apiVersion: monitoring.coreos.com/v1alpha1, kind: AlertmanagerConfig, metadata: {name: a}, spec: {
		route: {receiver: a, routes: [{receiver: b}]}, receivers: [{name: a}, {name: b}]}}`,
	configMap: `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {K: v}}`,
	secret:    `{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: v}}`,
	service:   `{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}`,
	account:   `{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}`,
	deployment: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: {matchLabels: {app: a}},
		template: {metadata: {labels: {app: a}}, spec: {containers: [{name: app, image: x,
		resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 1Gi}}}]}}}}`,
	statefulSet: `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {serviceName: a, selector: {matchLabels: {app: a}},
		template: {metadata: {labels: {app: a}}, spec: {containers: [{name: app, image: x}]}}}}`,
	patch: `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {minReadySeconds: 5}}`,
	autoscaler: `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {minReplicas: 2,
		maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: a}, metrics: [{type: Resource, resource: {name: cpu,
		target: {type: Utilization, averageUtilization: 60}}}], behavior: {scaleUp: {stabilizationWindowSeconds: 0,
		policies: [{type: Pods, value: 4, periodSeconds: 15}]}}}}`,
	budget:   `{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {maxUnavailable: 25%}}`,
	priority: `{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: -5, preemptionPolicy: Never}`,
	release:  `{name: a, namespace: kube-system, chart: metrics-server, version: 1.2.3, repositoryOpts: {repo: "https://example.com"}, values: {replicas: 2}}`,
	network:  `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {policyTypes: [Ingress]}}`,
}

var unknown = resource.MakeComputed(resource.NewStringProperty(""))

func object(t *testing.T, text string) resource.PropertyMap {
	t.Helper()
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("test manifest: %v", err)
	}
	return resource.NewPropertyMapFromMap(m)
}

// at sets one path of a good manifest; a nil value removes it.
func at(t *testing.T, token, path string, value any) resource.PropertyMap {
	t.Helper()
	m := resource.NewObjectProperty(object(t, good[token]))
	p, err := resource.ParsePropertyPath(path)
	if err != nil {
		t.Fatal(err)
	}
	if value == nil {
		p.Delete(m)
		return m.ObjectValue()
	}
	changed, ok := p.Add(m, resource.NewPropertyValue(value))
	if !ok {
		t.Fatalf("cannot set %s", path)
	}
	return changed.ObjectValue()
}

func check(ctx context.Context, t *testing.T, token string, olds, news resource.PropertyMap) (resource.PropertyMap, []string) {
	t.Helper()
	r, err := kubernetes.New().Check(ctx, plugin.CheckRequest{
		Type: tokens.Type(token), Name: "logical", Olds: olds, News: news, RandomSeed: []byte("seed"),
	})
	if err != nil {
		t.Fatalf("Check(%s): %v", token, err)
	}
	return r.Properties, providertest.Refused(r.Failures)
}

func TestEveryTypeAcceptsGoodManifests(t *testing.T) {
	for _, row := range kubernetes.Definition().Types {
		if good[row.Token] == "" {
			t.Errorf("%s has a row and no test of a good manifest", row.Token)
			continue
		}
		if _, got := check(t.Context(), t, row.Token, nil, object(t, good[row.Token])); len(got) > 0 {
			t.Errorf("Check(%s) of a good manifest: %v, want none refused", row.Token, got)
		}
		for _, rule := range row.Rules {
			if rule.Source == "" {
				t.Errorf("%s: rule %s names no source", row.Token, rule.ID)
			}
		}
	}
}

func TestRules(t *testing.T) {
	cases := map[string]struct {
		reason, token, path string
		value               any
		want                []string
	}{
		"Name":               {"names are lower case", configMap, "metadata.name", "A_b", []string{"k8s-name"}},
		"Namespace":          {"a namespace is a label", configMap, "metadata.namespace", "a.b", []string{"k8s-name"}},
		"NameUnknown":        {"a name not known yet may be right", configMap, "metadata.name", unknown, nil},
		"Label":              {"label values have a grammar", configMap, "metadata.labels.app", "a b", []string{"k8s-labels"}},
		"DataKey":            {"keys of data have a grammar", configMap, `data["a b"]`, "x", []string{"k8s-data-keys"}},
		"DataSize":           {"a ConfigMap holds one MiB", configMap, "data.K", strings.Repeat("x", 1<<20+1), []string{"k8s-data-size"}},
		"NoPorts":            {"a Service has a port", service, "spec.ports", []any{}, []string{"k8s-service-ports"}},
		"PortsUnknown":       {"ports not known yet may be there", service, "spec.ports", unknown, nil},
		"PortRange":          {"ports end at 65535", service, "spec.ports[0].port", 70000.0, []string{"k8s-service-ports"}},
		"PortNames":          {"several ports need names", service, "spec.ports", []any{map[string]any{"port": 80.0}, map[string]any{"port": 81.0}}, []string{"k8s-service-ports", "k8s-service-ports"}},
		"Headless":           {"a headless Service needs no port", service, "spec", map[string]any{"clusterIP": "None"}, nil},
		"Priority":           {"the highest are the system's", priority, "value", 2e9, []string{"k8s-priority-value"}},
		"PriorityName":       {"so is a prefix", priority, "metadata.name", "system-a", []string{"k8s-priority-name"}},
		"Preemption":         {"there are two policies", priority, "preemptionPolicy", "Always", []string{"k8s-priority-policy"}},
		"NoPriority":         {"a class has a value", priority, "value", nil, []string{"value is required"}},
		"ReleaseName":        {"Helm's names end at 53", release, "name", strings.Repeat("a", 54), []string{"helm-release-name"}},
		"NoChart":            {"a release is of a chart", release, "chart", nil, []string{"chart is required"}},
		"Repository":         {"a repository is a URL", release, "repositoryOpts.repo", "example.com", []string{"helm-release-repository"}},
		"ReleaseOCI":         {"a registry needs no repository", release, "chart", "oci://example.com/a", []string{"helm-release-repository"}},
		"Selector":           {"the selector matches the template", deployment, "spec.selector.matchLabels.app", "b", []string{"k8s-deployment-selector"}},
		"SelectorEmpty":      {"an empty selector selects nothing", deployment, "spec.selector", map[string]any{}, []string{"k8s-deployment-selector"}},
		"SelectorMissing":    {"the selector is required", deployment, "spec.selector", nil, []string{"spec.selector is required"}},
		"NoContainers":       {"a pod has a container", deployment, "spec.template.spec.containers", []any{}, []string{"k8s-deployment-containers"}},
		"NoImage":            {"a container has an image", deployment, "spec.template.spec.containers[0].image", nil, []string{"k8s-deployment-containers"}},
		"SpecUnknown":        {"an unknown pod spec may be fine", deployment, "spec.template.spec", unknown, nil},
		"RequestAboveLimit":  {"a request fits its limit", deployment, "spec.template.spec.containers[0].resources.requests.memory", "2Gi", []string{"k8s-resources"}},
		"NoQuantity":         {"quantities have a grammar", deployment, "spec.template.spec.containers[0].resources.requests.cpu", "250milli", []string{"k8s-resources"}},
		"EnvTwice":           {"a variable has one source", deployment, "spec.template.spec.containers[0].env", []any{map[string]any{"name": "A", "value": "1", "valueFrom": map[string]any{"x": 1.0}}}, []string{"k8s-env"}},
		"Replicas":           {"replicas are not negative", deployment, "spec.replicas", -1.0, []string{"k8s-deployment-replicas"}},
		"Deadline":           {"the deadline outlasts minReadySeconds", deployment, "spec", map[string]any{"selector": map[string]any{"matchLabels": map[string]any{"app": "a"}}, "template": unknown, "minReadySeconds": 60.0, "progressDeadlineSeconds": 60.0}, []string{"k8s-deployment-replicas"}},
		"StuckRollout":       {"a rollout may surge or be short", deployment, "spec.strategy.rollingUpdate", map[string]any{"maxSurge": 0.0, "maxUnavailable": "0%"}, []string{"k8s-rollout"}},
		"PatchRollout":       {"a patch is judged too", patch, "spec.strategy.rollingUpdate", map[string]any{"maxSurge": 0.0, "maxUnavailable": 0.0}, []string{"k8s-rollout"}},
		"PatchName":          {"a patch names its object", patch, "metadata.name", nil, []string{"metadata.name is required"}},
		"MinZero":            {"scale to zero is off", autoscaler, "spec.minReplicas", 0.0, []string{"k8s-hpa-replicas"}},
		"MaxBelowMin":        {"max is not below min", autoscaler, "spec.maxReplicas", 1.0, []string{"k8s-hpa-replicas"}},
		"MaxUnknown":         {"a max not known yet may be right", autoscaler, "spec.maxReplicas", unknown, nil},
		"MaxMissing":         {"max is required", autoscaler, "spec.maxReplicas", nil, []string{"spec.maxReplicas is required"}},
		"TargetName":         {"the target has a name", autoscaler, "spec.scaleTargetRef.name", nil, []string{"k8s-hpa-target"}},
		"WindowLong":         {"windows end at an hour", autoscaler, "spec.behavior.scaleUp.stabilizationWindowSeconds", 3601.0, []string{"k8s-hpa-behavior"}},
		"WindowHour":         {"an hour itself is allowed", autoscaler, "spec.behavior.scaleUp.stabilizationWindowSeconds", 3600.0, nil},
		"PeriodLong":         {"periods end at half an hour", autoscaler, "spec.behavior.scaleUp.policies[0].periodSeconds", 1801.0, []string{"k8s-hpa-behavior"}},
		"PeriodZero":         {"and begin at one second", autoscaler, "spec.behavior.scaleUp.policies[0].periodSeconds", 0.0, []string{"k8s-hpa-behavior"}},
		"PolicyValue":        {"a policy moves something", autoscaler, "spec.behavior.scaleUp.policies[0].value", 0.0, []string{"k8s-hpa-behavior"}},
		"PolicyType":         {"in pods or percent", autoscaler, "spec.behavior.scaleUp.policies[0].type", "Nodes", []string{"k8s-hpa-behavior"}},
		"NoPolicies":         {"an empty list of policies is refused", autoscaler, "spec.behavior.scaleUp.policies", []any{}, []string{"k8s-hpa-behavior"}},
		"SelectPolicy":       {"policies are chosen by name", autoscaler, "spec.behavior.scaleUp.selectPolicy", "Best", []string{"k8s-hpa-behavior"}},
		"MetricType":         {"metric types are listed", autoscaler, "spec.metrics[0].type", "Cpu", []string{"k8s-hpa-metrics"}},
		"MetricSource":       {"a metric fills its own source", autoscaler, "spec.metrics[0].type", "External", []string{"k8s-hpa-metrics", "k8s-hpa-metrics"}},
		"TargetValue":        {"a target is positive", autoscaler, "spec.metrics[0].resource.target.averageUtilization", 0.0, []string{"k8s-hpa-metrics"}},
		"TargetQuantity":     {"also as a quantity", autoscaler, "spec.metrics[0].resource.target", map[string]any{"type": "AverageValue", "averageValue": "-5"}, []string{"k8s-hpa-metrics"}},
		"TargetField":        {"a target fills its own field", autoscaler, "spec.metrics[0].resource.target.type", "AverageValue", []string{"k8s-hpa-metrics"}},
		"BothBounds":         {"a budget has one bound", budget, "spec.minAvailable", 1.0, []string{"k8s-pdb-one-bound"}},
		"BoundUnknown":       {"an unknown second bound is still a second one", budget, "spec.minAvailable", unknown, []string{"k8s-pdb-one-bound"}},
		"ShareAboveAll":      {"no more than all pods", budget, "spec.maxUnavailable", "101%", []string{"k8s-pdb-share"}},
		"ShareNegative":      {"no fewer than none", budget, "spec.maxUnavailable", -1.0, []string{"k8s-pdb-share"}},
		"PolicyTypes":        {"traffic goes in or out", network, "spec.policyTypes[0]", "Both", []string{"k8s-policy-types"}},
		"ReleaseLong":        {"53 fit", release, "name", strings.Repeat("a", 53), nil},
		"NoEndpoint":         {"a monitor has an endpoint", podMonitor, "spec.podMetricsEndpoints", []any{}, []string{"operator-endpoints"}},
		"NoMetricsPort":      {"an endpoint has a port", podMonitor, "spec.podMetricsEndpoints[0].portNumber", nil, []string{"operator-endpoints"}},
		"MetricsPort":        {"ports end at 65535", podMonitor, "spec.podMetricsEndpoints[0].portNumber", 70000.0, []string{"operator-endpoints"}},
		"SlowScrape":         {"a scrape ends before the next", podMonitor, "spec.podMetricsEndpoints[0].scrapeTimeout", "16s", []string{"operator-scrape-timeout"}},
		"FullScrape":         {"or when it begins", podMonitor, "spec.podMetricsEndpoints[0].scrapeTimeout", "15s", nil},
		"ProberScheme":       {"the prober has no scheme", probe, "spec.prober.url", "http://b:9115", []string{"operator-prober"}},
		"RuleOfNoKind":       {"a rule alerts or records", ruleFile, "spec.groups[0].rules[0].alert", nil, []string{"operator-rules"}},
		"RuleOfBothKinds":    {"and not both", ruleFile, "spec.groups[0].rules[0].record", "a:b", []string{"operator-rules"}},
		"RuleWithout":        {"a rule has an expression", ruleFile, "spec.groups[0].rules[0].expr", "", []string{"operator-rules"}},
		"RuleFor":            {"durations have units", ruleFile, "spec.groups[0].rules[0].for", "5", []string{"operator-rules"}},
		"RuleLabel":          {"labels have a grammar", ruleFile, "spec.groups[0].rules[0].labels", map[string]any{"a-b": "c"}, []string{"operator-rules"}},
		"GroupTwice":         {"groups have names of their own", ruleFile, "spec.groups", []any{map[string]any{"name": "a"}, map[string]any{"name": "a"}}, []string{"operator-rules"}},
		"RouteToNobody":      {"a route leads to a receiver", receivers, "spec.route.routes[0].receiver", "c", []string{"operator-receivers"}},
		"ReceiverTwice":      {"receivers have names of their own", receivers, "spec.receivers[1].name", "a", []string{"operator-receivers", "operator-receivers"}},
		"AnnotationUnjudged": {"annotations are free", account, "metadata.annotations", map[string]any{"a": "b c"}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if _, got := check(t.Context(), t, tc.token, nil, at(t, tc.token, tc.path, tc.value)); !cmp.Equal(tc.want, got) {
				t.Errorf("%s: Check(%s with %s = %v) breaks %v, want exactly %v", tc.reason, tc.token, tc.path, tc.value, got, tc.want)
			}
		})
	}
}

// configured is a connection whose provider has settings.
func configured(t *testing.T, settings map[string]any) context.Context {
	t.Helper()
	ctx := provider.NewConnection(t.Context())
	if _, err := kubernetes.New().Configure(ctx, plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(settings)}); err != nil {
		t.Fatalf("Configure(%v): %v", settings, err)
	}
	return ctx
}

func TestReplacements(t *testing.T) {
	cases := map[string]struct {
		reason, token, path string
		value               any
		settings            map[string]any
		replaces            []string
		deleteFirst         bool
	}{
		"ConfigMapData":    {"ConfigMaps are immutable to the provider", configMap, "data.K", "w", nil, []string{"data.K"}, true},
		"ConfigMapMutable": {"unless it is told otherwise", configMap, "data.K", "w", map[string]any{"enableConfigMapMutable": true}, nil, false},
		"SecretData":       {"so are Secrets", secret, "stringData.k", "w", nil, []string{"stringData.k"}, true},
		"SecretMutable":    {"unless it is told otherwise", secret, "stringData.k", "w", map[string]any{"enableSecretMutable": "true"}, nil, false},
		"SecretType":       {"a Secret's type is fixed all the same", secret, "type", "x", map[string]any{"enableSecretMutable": true}, []string{"type"}, true},
		"Rename":           {"another name is another object", service, "metadata.name", "b", nil, []string{"metadata.name"}, false},
		"Move":             {"so is another namespace", service, "metadata.namespace", "n", nil, []string{"metadata.namespace"}, false},
		"ClusterIP":        {"a Service keeps its address", service, "spec.clusterIP", "10.0.0.1", nil, []string{"spec.clusterIP"}, true},
		"Selector":         {"a Deployment keeps its selector", deployment, "spec.selector.matchLabels.tier", "a", nil, []string{"spec.selector.matchLabels.tier"}, true},
		"Image":            {"an image rolls out in place", deployment, "spec.template.spec.containers[0].image", "y", nil, nil, false},
		"PatchSpec":        {"a patch updates in place", patch, "spec.minReadySeconds", 9.0, nil, nil, false},
		"MaxReplicas":      {"an autoscaler updates in place", autoscaler, "spec.maxReplicas", 9.0, nil, nil, false},
		"PriorityName":     {"another name is another class", priority, "metadata.name", "b", nil, []string{"metadata.name"}, false},
		"ChartVersion":     {"a chart upgrades in place", release, "version", "1.2.4", nil, nil, false},
		"ChartValues":      {"so do its values change", release, "values.replicas", 3.0, nil, nil, false},
		"ReleaseName":      {"Helm renames nothing", release, "name", "b", nil, []string{"name"}, false},
		"ReleaseMoves":     {"nor moves it", release, "namespace", "b", nil, []string{"namespace"}, false},
		"Budget":           {"policy/v1 budgets update in place", budget, "spec.maxUnavailable", 1.0, nil, nil, false},
		"Rules":            {"rules change in place", ruleFile, "spec.groups[0].name", "b", nil, nil, false},
		"UnknownSpec": {
			"a Deployment that takes its ConfigMap's name may get another selector, for all the provider can tell " +
				"(pulumi/pulumi-kubernetes#1567)", deployment, "spec", unknown, nil, []string{"spec"}, true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := kubernetes.New().Diff(configured(t, tc.settings), plugin.DiffRequest{
				Type: tokens.Type(tc.token), OldInputs: object(t, good[tc.token]), NewInputs: at(t, tc.token, tc.path, tc.value),
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range r.ReplaceKeys {
				got = append(got, string(k))
			}
			if diff := cmp.Diff(tc.replaces, got); diff != "" || r.DeleteBeforeReplace != tc.deleteFirst || r.Changes != plugin.DiffSome {
				t.Errorf("%s: Diff(%s = %v) replaces (-want +got):\n%s; delete first %t, want %t", tc.reason, tc.path, tc.value,
					diff, r.DeleteBeforeReplace, tc.deleteFirst)
			}
		})
	}
}

func TestAutonaming(t *testing.T) {
	ctx := configured(t, map[string]any{"namespace": "web"})
	first, _ := check(ctx, t, configMap, nil, at(t, configMap, "metadata.name", nil))
	m := provider.Of(first)
	name := m.At("metadata.name").Text()
	if !strings.HasPrefix(name, "logical-") || len(name) != len("logical-")+8 {
		t.Errorf("Check names the object %q, want logical- and eight digits", name)
	}
	if m.At("metadata.namespace").Text() != "web" || !m.At(`metadata.annotations["pulumi.com/autonamed"]`).True() {
		t.Errorf("Check fills namespace and mark: %v", first)
	}
	second, _ := check(ctx, t, configMap, first, at(t, configMap, "metadata.name", nil))
	if got := provider.Of(second).At("metadata.name").Text(); got != name {
		t.Errorf("Check renames %s to %s although nobody asked", name, got)
	}
}

func TestKubeconfig(t *testing.T) {
	fine := `{"current-context": "a", "contexts": [{"name": "a"}], "clusters": [{"name": "a"}]}`
	cases := map[string]struct {
		reason   string
		settings map[string]any
		refused  bool
	}{
		"Fine":         {"a loadable configuration passes", map[string]any{"kubeconfig": fine}, false},
		"OtherContext": {"the provider's context must exist", map[string]any{"kubeconfig": fine, "context": "b"}, true},
		"NoYAML":       {"what does not parse is refused", map[string]any{"kubeconfig": "{"}, true},
		"NoCluster":    {"a context without a cluster is refused", map[string]any{"kubeconfig": `{"current-context": "a", "contexts": [{"name": "a"}]}`}, true},
		"Path":         {"a path is never opened", map[string]any{"kubeconfig": "some/where"}, false},
		"Unknown":      {"a configuration not known yet may be fine", map[string]any{"kubeconfig": unknown}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := kubernetes.New().CheckConfig(t.Context(), plugin.CheckConfigRequest{News: resource.NewPropertyMapFromMap(tc.settings)})
			if err != nil || len(r.Failures) > 0 != tc.refused {
				t.Errorf("%s: CheckConfig(%v) = %v, %v; want refused %t", tc.reason, tc.settings, r.Failures, err, tc.refused)
			}
		})
	}
}
