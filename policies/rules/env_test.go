package rules

import (
	"strings"
	"testing"
)

// pod is a workload named api with these containers.
func pod(typ string, containers ...any) Resource {
	return declared(typ, "api", node{"metadata": node{"name": "api", "namespace": "shop"},
		"spec": node{"template": node{"spec": node{"containers": containers}}}})
}

func literal(name string, value any) node { return node{"name": name, "value": value} }

func fromKey(name string, configMap, key any) node {
	return node{"name": name, "valueFrom": node{"configMapKeyRef": node{"name": configMap, "key": key}}}
}

func including(names ...any) []any {
	var all []any
	for _, name := range names {
		all = append(all, node{"configMapRef": node{"name": name}})
	}
	return all
}

// TestEnvironment answers variables as the kubelet would: env before envFrom, the
// last entry of each first, and whatever is hidden may set everything.
func TestEnvironment(t *testing.T) {
	pool := node{envPoolSize: "4"}
	settings, shared := configMap("api-headroom", pool, nil), configMap("shared", node{envPoolSize: "9", envWorkers: "3"}, nil)
	secrets := node{"secretRef": node{"name": "api-secrets"}}
	hiddenData := configMap("shared", nil, nil)
	hiddenData.Inputs = set(hiddenData.Inputs, []string{"data"}, Unknown())
	secretData := configMap("shared", nil, nil)
	secretData.Inputs = set(secretData.Inputs, []string{"data"}, Secret())
	hiddenSettings := configMap("api-headroom", nil, nil)
	hiddenSettings.Inputs = set(hiddenSettings.Inputs, []string{"data"}, Unknown())
	referring := pod(typeDeployment, node{"envFrom": including(Unknown())})
	referring.References = map[string][]string{"spec": {shared.URN}}
	referringTwo := pod(typeDeployment, node{"envFrom": including(Unknown())})
	referringTwo.References = map[string][]string{"spec": {shared.URN, settings.URN}}
	hiddenFrom := pod(typeDeployment, node{"env": []any{node{"name": envPoolSize, "valueFrom": Unknown()}}, "envFrom": including("shared")})
	hiddenFrom.References = map[string][]string{"spec": {shared.URN}}
	renamedMap := configMap("shared", pool, nil)
	renamedMap.Inputs = set(renamedMap.Inputs, []string{"metadata", "name"}, "other")
	const at = "spec.template.spec.containers[0]."

	for name, c := range map[string]struct {
		reason   string
		workload Resource
		beside   []Resource
		// key is DB_POOL_SIZE unless it is set.
		key string
		// want is what each container is told.
		want, waits string
	}{
		"Literal":      {reason: "env says it", workload: pod(typeDeployment, node{"env": []any{literal(envPoolSize, "5")}}), want: "5"},
		"LastLiteral":  {reason: "the last of two entries holds", workload: pod(typeDeployment, node{"env": []any{literal(envPoolSize, "5"), literal(envPoolSize, "6")}}), want: "6"},
		"OtherLiteral": {reason: "another variable is another", workload: pod(typeDeployment, node{"env": []any{literal(envWorkers, "5")}}), want: "(not set)"},
		"EnvFirst": {reason: "env overrides envFrom", workload: pod(typeDeployment, node{"env": []any{literal(envPoolSize, "5")}, "envFrom": including("api-headroom")}),
			beside: []Resource{settings}, want: "5"},
		"LastIncluded":  {reason: "the last of two ConfigMaps holds", workload: pod(typeDeployment, node{"envFrom": including("shared", "api-headroom")}), beside: []Resource{settings, shared}, want: "4"},
		"FirstIncluded": {reason: "in the other order the other one", workload: pod(typeDeployment, node{"envFrom": including("api-headroom", "shared")}), beside: []Resource{settings, shared}, want: "9"},
		"EmptyLiteral": {reason: "a variable without a value is empty, also where envFrom sets it",
			workload: pod(typeDeployment, node{"env": []any{node{"name": envPoolSize}}, "envFrom": including("shared")}), beside: []Resource{shared}, want: "(empty)"},
		"HiddenEnv": {reason: "an output may override everything", workload: pod(typeDeployment, node{"env": Unknown(), "envFrom": including("shared")}), beside: []Resource{shared},
			want: "9", waits: "DB_POOL_SIZE: " + at + "env of Deployment api, which may override it"},
		"SecretEnv": {reason: "a secret too", workload: pod(typeDeployment, node{"env": Secret(), "envFrom": including("shared")}), beside: []Resource{shared},
			want: "9", waits: "DB_POOL_SIZE: " + at + "env of Deployment api, which may override it"},
		"HiddenName": {reason: "an entry whose name is an output may be this one", workload: pod(typeDeployment, node{"env": []any{literal(envPoolSize, "5"), node{"name": Unknown(), "value": "7"}}}),
			want: "5", waits: "DB_POOL_SIZE: " + at + "env[1].name of Deployment api, which may override it"},
		"HiddenFrom": {reason: "what is included is an output", workload: pod(typeDeployment, node{"envFrom": Unknown()}),
			want: "(not set)", waits: "DB_POOL_SIZE: " + at + "envFrom of Deployment api"},
		"SecretFrom": {reason: "or a secret", workload: pod(typeDeployment, node{"envFrom": Secret()}),
			want: "(not set)", waits: "DB_POOL_SIZE: " + at + "envFrom of Deployment api"},
		"WeakerHidden": {reason: "what stands before cannot override", workload: pod(typeDeployment, node{"envFrom": append([]any{secrets}, including("shared")...)}), beside: []Resource{shared}, want: "9"},
		"SettledAnyway": {reason: "what the service's own settings leave out is not set, whatever a Secret holds",
			workload: pod(typeDeployment, node{"envFrom": append([]any{secrets}, including("api-headroom")...)}), beside: []Resource{settings}, key: envWorkers, want: "(not set)"},
		"SharedIsNotSettings": {reason: "another ConfigMap settles nothing",
			workload: pod(typeDeployment, node{"envFrom": append([]any{secrets}, including("shared")...)}), beside: []Resource{shared}, key: envMaxOverflow,
			want: "(not set)", waits: "DB_MAX_OVERFLOW: " + at + "envFrom[0].secretRef of Deployment api, a Secret"},
		"HiddenSettings": {reason: "settings that cannot be read settle nothing", workload: pod(typeDeployment, node{"envFrom": including("api-headroom")}), beside: []Resource{hiddenSettings},
			want: "(not set)", waits: "DB_POOL_SIZE: data of ConfigMap api-headroom"},
		"HiddenData": {reason: "what is in a ConfigMap is an output", workload: pod(typeDeployment, node{"envFrom": including("shared")}), beside: []Resource{hiddenData},
			want: "(not set)", waits: "DB_POOL_SIZE: data of ConfigMap shared"},
		"SecretData": {reason: "or a secret", workload: pod(typeDeployment, node{"envFrom": including("shared")}), beside: []Resource{secretData},
			want: "(not set)", waits: "DB_POOL_SIZE: data of ConfigMap shared"},
		"Elsewhere": {reason: "the ConfigMap is not here", workload: pod(typeDeployment, node{"envFrom": including("shared")}),
			want: "(not set)", waits: "DB_POOL_SIZE: ConfigMap shared, not in this stack"},
		"LogicalName": {reason: "a ConfigMap of another name is another, whatever the program calls it", workload: pod(typeDeployment, node{"envFrom": including("shared")}), beside: []Resource{renamedMap},
			want: "(not set)", waits: "DB_POOL_SIZE: ConfigMap shared, not in this stack"},
		"OtherNamespace": {reason: "a ConfigMap of another namespace is another", workload: pod(typeDeployment, node{"envFrom": including("shared")}),
			beside: []Resource{declared(typeConfigMap, "shared", node{"metadata": node{"name": "shared", "namespace": "other"}, "data": pool})},
			want:   "(not set)", waits: "DB_POOL_SIZE: ConfigMap shared, not in this stack"},
		"NameIsOutput": {reason: "where the name comes from is known", workload: referring, beside: []Resource{shared}, want: "9"},
		"NameOfTwo": {reason: "it may come from either", workload: referringTwo, beside: []Resource{shared, settings},
			want: "(not set)", waits: "DB_POOL_SIZE: " + at + "envFrom[0].configMapRef.name of Deployment api, not known yet"},
		"Prefix": {reason: "a prefix makes the name", workload: pod(typeDeployment, node{"envFrom": []any{node{"prefix": "DB_", "configMapRef": node{"name": "shared"}}}}),
			beside: []Resource{configMap("shared", node{"POOL_SIZE": "6", envPoolSize: "1"}, nil)}, want: "6"},
		"OtherPrefix": {reason: "without it the variable is not set", workload: pod(typeDeployment, node{"envFrom": []any{node{"prefix": "A_MUCH_LONGER_PREFIX_", "configMapRef": node{"name": "shared"}}}}),
			beside: []Resource{shared}, want: "(not set)"},
		"HiddenPrefix": {reason: "which names it makes is an output", workload: pod(typeDeployment, node{"envFrom": []any{node{"prefix": Unknown(), "configMapRef": node{"name": "shared"}}}}),
			beside: []Resource{shared}, want: "(not set)", waits: "DB_POOL_SIZE: " + at + "envFrom[0].prefix of Deployment api"},
		"Key":       {reason: "one key of a ConfigMap", workload: pod(typeDeployment, node{"env": []any{fromKey(envPoolSize, "shared", envWorkers)}}), beside: []Resource{shared}, want: "3"},
		"KeyOfNone": {reason: "of one that is not here", workload: pod(typeDeployment, node{"env": []any{fromKey(envPoolSize, "shared", envWorkers)}}), want: "(not known yet)"},
		"HiddenKey": {reason: "which key is an output, so envFrom does not decide", workload: pod(typeDeployment, node{"env": []any{fromKey(envPoolSize, "shared", Unknown())}, "envFrom": including("shared")}),
			beside: []Resource{shared}, want: "(not known yet)"},
		"HiddenSource": {reason: "where the value comes from is an output, although only one ConfigMap is referred to", workload: hiddenFrom, beside: []Resource{shared}, want: "(not known yet)"},
		"SecretKey": {reason: "a Secret is not read, and envFrom does not decide", beside: []Resource{shared}, want: "(secret)",
			workload: pod(typeDeployment, node{"env": []any{node{"name": envPoolSize, "valueFrom": node{"secretKeyRef": node{"name": "s", "key": "k"}}}}, "envFrom": including("shared")})},
		"Neighbor": {reason: "once the pool is found, the Secrets of a sidecar are not the service's", want: "5, (not set)",
			workload: pod(typeDeployment, node{"env": []any{literal(envPoolSize, "5")}}, node{"envFrom": []any{secrets}})},
		"NeighborBefore": {reason: "in whatever order they stand", want: "(not set), 5",
			workload: pod(typeDeployment, node{"envFrom": []any{secrets}}, node{"env": []any{literal(envPoolSize, "5")}})},
		"NeighborSettled": {reason: "settings show the service as well", beside: []Resource{settings}, want: "4, (not set)",
			workload: pod(typeDeployment, node{"envFrom": including("api-headroom")}, node{"envFrom": []any{secrets}})},
		"NeighborShared": {reason: "a ConfigMap that many include does not", beside: []Resource{shared}, want: "9, (not set)",
			workload: pod(typeDeployment, node{"envFrom": including("shared")}, node{"envFrom": []any{secrets}}),
			waits:    "DB_POOL_SIZE: spec.template.spec.containers[1].envFrom[0].secretRef of Deployment api, a Secret"},
		"NeighborOverflow": {reason: "only the size of the pool tells who runs the service", key: envMaxOverflow, want: "(not set), (not set)",
			workload: pod(typeDeployment, node{"env": []any{literal(envPoolSize, "5")}}, node{"envFrom": []any{secrets}}),
			waits:    "DB_MAX_OVERFLOW: spec.template.spec.containers[1].envFrom[0].secretRef of Deployment api, a Secret"},
		"Nobody":     {reason: "a Deployment without containers is not finished", workload: pod(typeDeployment), waits: "spec.template.spec.containers of Deployment api to be set"},
		"Containers": {reason: "which containers there are is an output", workload: declared(typeDeployment, "api", node{"metadata": node{"name": "api", "namespace": "shop"}, "spec": Unknown()}), waits: "spec.template.spec.containers of Deployment api, not known yet; spec.template.spec.initContainers of Deployment api, not known yet"},
		"PatchAlone": {reason: "the owner sets the rest", workload: pod(typeDeploymentPatch, node{"name": "api"}),
			want: "(not set)", waits: "DB_POOL_SIZE: what the owner of DeploymentPatch api sets"},
		"PatchEmpty":    {reason: "a patch that touches no container", workload: pod(typeDeploymentPatch), want: "(not set)", waits: "DB_POOL_SIZE: what the owner of DeploymentPatch api sets"},
		"PatchSettings": {reason: "the settings of its name are known", workload: pod(typeDeploymentPatch), beside: []Resource{settings}, want: "4"},
		"PatchIncluded": {reason: "they count once", workload: pod(typeDeploymentPatch, node{"envFrom": including("api-headroom")}), beside: []Resource{settings}, want: "4"},
		"PatchNames":    {reason: "a pool that the patch names", workload: pod(typeDeploymentPatch, node{"env": []any{literal(envPoolSize, "5")}}), want: "5"},
		"PatchOverflow": {reason: "but what belongs to it may be the owner's", workload: pod(typeDeploymentPatch, node{"env": []any{literal(envPoolSize, "5")}}), key: envMaxOverflow,
			want: "(not set)", waits: "DB_MAX_OVERFLOW: what the owner of DeploymentPatch api sets"},
		"PatchNamesSecond": {reason: "settings are for the container that names the pool", workload: pod(typeDeploymentPatch, node{"name": "proxy"}, node{"env": []any{literal(envPoolSize, "5")}}),
			beside: []Resource{settings}, want: "(not set), 5"},
	} {
		t.Run(name, func(t *testing.T) {
			m := NewModel(append(c.beside, c.workload))
			s := service{name: "api", namespace: "shop", workload: &c.workload, settings: m.settingsOf("api", "shop")}
			key := c.key
			if key == "" {
				key = envPoolSize
			}
			var told []string
			for _, e := range m.environments(&s) {
				value, _ := e.lookup(&s.facts, key)
				told = append(told, show(value))
			}
			if got := strings.Join(told, ", "); got != c.want {
				t.Errorf("%s\n%s = %q, want %q", c.reason, key, got, c.want)
			}
			if got := strings.Join(s.facts.waits, "; "); got != c.waits {
				t.Errorf("%s\nwaits for %q, want %q", c.reason, got, c.waits)
			}
		})
	}
}

// TestEnvironmentOfNobody: a Deployment that is elsewhere is its settings.
func TestEnvironmentOfNobody(t *testing.T) {
	m := NewModel(nil)
	for name, c := range map[string]struct {
		reason string
		before []string
		want   string
	}{
		"Neither": {"nothing of it is here", nil, "ConfigMap api-headroom: it and the Deployment are not in this stack"},
		"Unclear": {"which one it is explains enough", []string{"the name"}, "the name"},
	} {
		s := service{name: "api", namespace: "shop", facts: facts{waits: c.before}}
		if all := m.environments(&s); len(all) != 0 {
			t.Errorf("%s: %s\n%d environments, want none", name, c.reason, len(all))
		}
		if got := strings.Join(s.facts.waits, "; "); got != c.want {
			t.Errorf("%s: %s\nwaits for %q, want %q", name, c.reason, got, c.want)
		}
	}
}
