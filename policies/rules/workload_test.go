package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// meta is an object with nothing but its metadata.
func meta(typ, logical string, metadata node) Resource {
	return declared(typ, logical, node{"metadata": metadata})
}

// TestServices: what an autoscaler scales decides what every rule counts.
func TestServices(t *testing.T) {
	scaler := func(target any, metadata node) Resource {
		return declared(typeHPA, "scaler", node{"metadata": metadata, "spec": node{"scaleTargetRef": target}})
	}
	shop := node{"name": "scaler", "namespace": "shop"}
	toAPI := scaler(node{"kind": "Deployment", "name": "api"}, shop)
	api := meta(typeDeployment, "program-api", node{"name": "api", "namespace": "shop"})
	settings := meta(typeConfigMap, "program-settings", node{"name": "api-headroom", "namespace": "shop"})
	in := func(r Resource, path string, value any) Resource {
		r.Inputs = set(r.Inputs, strings.Split(path, "/"), value)
		return r
	}
	referring := func(r Resource, to ...Resource) Resource {
		r.References = map[string][]string{"spec": {}}
		for _, one := range to {
			r.References["spec"] = append(r.References["spec"], one.URN)
		}
		return r
	}
	hidden := scaler(node{"name": Unknown()}, shop)
	for name, c := range map[string]struct {
		reason string
		hpa    Resource
		beside []Resource
		// want is the subject, the Deployment and the settings.
		want  [3]string
		waits string
	}{
		"Both":    {"target and settings by their names", toAPI, []Resource{api, settings}, [3]string{"api", "Deployment api", "ConfigMap api-headroom"}, ""},
		"Patch":   {"a patch of it", toAPI, []Resource{meta(typeDeploymentPatch, "x", node{"name": "api", "namespace": "shop"})}, [3]string{"api", "DeploymentPatch api", ""}, ""},
		"Nothing": {"both are elsewhere", toAPI, nil, [3]string{"api", "", ""}, ""},
		"NoKind":  {"Deployment is what is meant without a kind", scaler(node{"name": "api"}, shop), []Resource{api}, [3]string{"api", "Deployment api", ""}, ""},
		"Stateful": {"a StatefulSet is not modeled", scaler(node{"kind": "StatefulSet", "name": "api"}, shop), []Resource{api, settings},
			[3]string{"HorizontalPodAutoscaler scaler", "", ""}, "scaleTargetRef.kind StatefulSet of HorizontalPodAutoscaler scaler, which is not modeled"},
		"NoName":        {"it names nothing", scaler(node{}, shop), []Resource{api}, [3]string{"HorizontalPodAutoscaler scaler", "", ""}, "spec.scaleTargetRef.name of HorizontalPodAutoscaler scaler to be set"},
		"Output":        {"the name is an output of the Deployment", referring(hidden, api), []Resource{api, settings}, [3]string{"api", "Deployment api", "ConfigMap api-headroom"}, ""},
		"OutputOfOther": {"the name is an output of something else", referring(hidden, settings), []Resource{api, settings}, [3]string{"HorizontalPodAutoscaler scaler", "", ""}, "spec.scaleTargetRef.name of HorizontalPodAutoscaler scaler, not known yet"},
		"OutputOfTwo": {"it may come from either", referring(hidden, api, meta(typeDeployment, "web", node{"name": "web"})), []Resource{api, meta(typeDeployment, "web", node{"name": "web"})},
			[3]string{"HorizontalPodAutoscaler scaler", "", ""}, "spec.scaleTargetRef.name of HorizontalPodAutoscaler scaler, not known yet"},
		"OutputOfNobody": {"where it comes from is not here", referring(hidden, api), nil, [3]string{"HorizontalPodAutoscaler scaler", "", ""}, "spec.scaleTargetRef.name of HorizontalPodAutoscaler scaler, not known yet"},
		"NobodysSettings": {"a ConfigMap for a Deployment without a name is for none", hidden, []Resource{in(settings, "metadata/annotations/headroom.dev~deployment", "")},
			[3]string{"HorizontalPodAutoscaler scaler", "", ""}, "spec.scaleTargetRef.name of HorizontalPodAutoscaler scaler, not known yet"},
		"LogicalName": {"the name in the program counts while that of the object is made up", toAPI, []Resource{meta(typeDeployment, "api", node{"namespace": "shop"})}, [3]string{"api", "Deployment api", ""}, ""},
		"OtherName":   {"and not where the object has another", toAPI, []Resource{meta(typeDeployment, "api", node{"name": "other", "namespace": "shop"})}, [3]string{"api", "", ""}, ""},
		"Unsure": {"a Deployment whose name is an output may be the one", toAPI, []Resource{meta(typeDeployment, "main", node{"name": Unknown(), "namespace": "shop"})},
			[3]string{"api", "", ""}, "metadata.name of Deployment main, not known yet"},
		"SureAnyway":      {"unless one has the name", toAPI, []Resource{meta(typeDeployment, "main", node{"name": Unknown(), "namespace": "shop"}), api}, [3]string{"api", "Deployment api", ""}, ""},
		"UnsureElsewhere": {"or it is in another namespace", toAPI, []Resource{meta(typeDeployment, "main", node{"name": Unknown(), "namespace": "other"})}, [3]string{"api", "", ""}, ""},
		"OtherNamespace":  {"the same name elsewhere is another", toAPI, []Resource{in(api, "metadata/namespace", "other"), in(settings, "metadata/namespace", "other")}, [3]string{"api", "", ""}, ""},
		"HiddenNamespace": {"a namespace that is an output may be this one", toAPI, []Resource{in(api, "metadata/namespace", Unknown()), in(settings, "metadata/namespace", Secret())}, [3]string{"api", "Deployment api", "ConfigMap api-headroom"}, ""},
		"HiddenOwn":       {"that of the autoscaler too", scaler(node{"name": "api"}, node{"name": "scaler", "namespace": Unknown()}), []Resource{api, settings}, [3]string{"api", "Deployment api", "ConfigMap api-headroom"}, ""},
		"HiddenOwnOther":  {"and names still have to match", scaler(node{"name": "web"}, node{"name": "scaler", "namespace": Unknown()}), []Resource{api, settings}, [3]string{"web", "", ""}, ""},
		"NoNamespace":     {"none is the one called default", scaler(node{"name": "api"}, node{"name": "scaler"}), []Resource{in(api, "metadata/namespace", "default"), in(settings, "metadata/namespace", "")}, [3]string{"api", "Deployment api", "ConfigMap api-headroom"}, ""},
		"SettingsFor":     {"settings of another name say whose they are", toAPI, []Resource{in(in(settings, "metadata/name", "env"), "metadata/annotations/headroom.dev~deployment", "api")}, [3]string{"api", "", "ConfigMap env"}, ""},
		"SettingsForWeb":  {"and so do those of this name", toAPI, []Resource{in(settings, "metadata/annotations/headroom.dev~deployment", "web")}, [3]string{"api", "", ""}, ""},
		"SettingsSuffix":  {"Pulumi adds a suffix to a name that it makes up", toAPI, []Resource{meta(typeConfigMap, "api-headroom", node{"name": "api-headroom-1a2b", "namespace": "shop"})}, [3]string{"api", "", "ConfigMap api-headroom-1a2b"}, ""},
		"SettingsNoDash":  {"a longer name is no suffix", toAPI, []Resource{meta(typeConfigMap, "api-headroom", node{"name": "api-headroom2", "namespace": "shop"})}, [3]string{"api", "", ""}, ""},
		"SettingsMadeUp":  {"one that nobody made up is another", toAPI, []Resource{meta(typeConfigMap, "x", node{"name": "api-headroom-old", "namespace": "shop"})}, [3]string{"api", "", ""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewModel(append(c.beside, c.hpa)).services()[0]
			label := func(r *Resource) string {
				if r == nil {
					return ""
				}
				return r.label()
			}
			if diff := cmp.Diff(c.want, [3]string{s.subject(), label(s.workload), label(s.settings)}); diff != "" {
				t.Errorf("%s\nsubject, workload and settings (-want +got):\n%s", c.reason, diff)
			}
			if got := strings.Join(s.facts.waits, "; "); got != c.waits {
				t.Errorf("%s\nwaits for %q, want %q", c.reason, got, c.waits)
			}
		})
	}
}

// TestIsSettings: only the service's own settings say that what they leave out is
// not set.
func TestIsSettings(t *testing.T) {
	for name, c := range map[string]struct {
		reason    string
		configMap Resource
		want      bool
	}{
		"Named":   {"by its name", meta(typeConfigMap, "x", node{"name": "api-headroom"}), true},
		"MadeUp":  {"with the suffix of Pulumi", meta(typeConfigMap, "api-headroom", node{"name": "api-headroom-1a2b"}), true},
		"Longer":  {"a name that a person made longer is another", meta(typeConfigMap, "x", node{"name": "api-headroom-old"}), false},
		"Output":  {"by the name in the program while its own is an output", meta(typeConfigMap, "api-headroom", node{"name": Unknown()}), true},
		"Other":   {"another one", meta(typeConfigMap, "x", node{"name": "web-headroom"}), false},
		"For":     {"by what it says of itself", meta(typeConfigMap, "x", node{"name": "env", "annotations": node{noteTarget: "api"}}), true},
		"ForAnon": {"which overrules the name", meta(typeConfigMap, "x", node{"name": "api-headroom", "annotations": node{noteTarget: "web"}}), false},
	} {
		if got := isSettings(c.configMap, "api"); got != c.want {
			t.Errorf("%s: %s\nisSettings = %v, want %v", name, c.reason, got, c.want)
		}
	}
}

// TestIgnores: a path that is ignored in one spelling is ignored in all.
func TestIgnores(t *testing.T) {
	for name, c := range map[string]struct {
		reason, ignored string
		want            bool
	}{
		"Same":     {"the path itself", "spec.replicas", true},
		"Parent":   {"everything below spec", "spec", true},
		"Star":     {"everything", "*", true},
		"Brackets": {"as Pulumi prints keys", `spec["replicas"]`, true},
		"Child":    {"a part of the path is not the path", "spec.replicas.now", false},
		"Sibling":  {"the beginning of a word is not a parent", "sp", false},
		"Other":    {"another field", "spec.strategy", false},
	} {
		if got := (Options{IgnoreChanges: []string{c.ignored}}).ignores("spec.replicas"); got != c.want {
			t.Errorf("%s: %s\n%q ignores spec.replicas = %v, want %v", name, c.reason, c.ignored, got, c.want)
		}
	}
}
