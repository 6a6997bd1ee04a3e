package rules

import (
	"maps"
	"slices"
	"strings"
)

// service is an autoscaler with what it scales.
type service struct {
	// hpa scales it.
	hpa Resource
	// name and namespace of the target.
	name, namespace string
	// workload is the Deployment or DeploymentPatch; nil for one that another
	// delivery owns.
	workload *Resource
	// settings is the ConfigMap <name>-headroom; nil where there is none.
	settings *Resource
	// facts hold what keeps the target from being known.
	facts facts
}

// settingsSuffix makes a service's name the name of its settings ConfigMap.
const settingsSuffix = "-headroom"

// services are the targets of all autoscalers. Each rule gets its own, because
// it adds to their facts.
func (m Model) services() []service {
	if *m.scaled == nil {
		for _, hpa := range m.of(hpaTypes...) {
			s := m.serviceOf(hpa)
			s.facts.waits = slices.Clip(s.facts.waits)
			*m.scaled = append(*m.scaled, s)
		}
	}
	return slices.Clone(*m.scaled)
}

func (m Model) serviceOf(hpa Resource) service {
	s := service{hpa: hpa}
	s.namespace = namespaceOf(hpa)
	ref := hpa.at("spec.scaleTargetRef")
	if kind := s.facts.textOr(s.kind(), "Deployment"); kind != "Deployment" {
		s.facts.wait("scaleTargetRef.kind %s of %s, which is not modeled", legible(kind), hpa.label())
		return s
	}
	s.workload = m.target(&s.facts, hpa, ref.at("name"))
	if name := ref.at("name").name(); name != "" {
		s.name = name
	} else if s.workload != nil {
		s.name = nameOf(*s.workload)
	}
	s.settings = m.settingsOf(s.name, s.namespace)
	return s
}

// target finds the Deployment that an autoscaler names, by the name or, while
// that is an output, by the resource the name comes from.
func (m Model) target(f *facts, hpa Resource, name leaf) *Resource {
	want := name.name()
	if want == "" {
		if found := m.referred(hpa, "spec", workloadTypes...); len(found) == 1 {
			return &found[0]
		}
		if f.readable(name) {
			f.wait("%s to be set", name)
		}
		return nil
	}
	for _, w := range m.called(want, namespaceOf(hpa), workloadTypes...) {
		if nameOf(w) == want {
			return &w
		}
	}
	var unsure []string
	for _, w := range m.called("", namespaceOf(hpa), workloadTypes...) {
		unsure = append(unsure, w.label())
	}
	if len(unsure) > 0 {
		f.wait("metadata.name of %s, not known yet", strings.Join(unsure, ", "))
	}
	return nil
}

// called are the resources of some types that may answer to a name in a
// namespace, or in one that is not known.
func (m Model) called(name, namespace string, types ...string) []Resource {
	var found []Resource
	for _, t := range types {
		if namespace != anyNamespace {
			found = append(append(found, m.byName[named{t, name, namespace}]...), m.byName[named{t, name, anyNamespace}]...)
			continue
		}
		for _, r := range m.of(t) {
			if slices.Contains(r.answersTo(), name) {
				found = append(found, r)
			}
		}
	}
	return found
}

// referred are the resources of some types that a property is computed from.
func (m Model) referred(r Resource, property string, types ...string) []Resource {
	var found []Resource
	for _, urn := range r.References[property] {
		if other := m.byURN[urn]; slices.Contains(types, other.Type) {
			found = append(found, other)
		}
	}
	return found
}

// settingsOf finds the ConfigMap that carries a service's settings.
func (m Model) settingsOf(name, namespace string) *Resource {
	if name == "" {
		return nil
	}
	for _, c := range m.called(name+settingsSuffix, namespace, typeConfigMap) {
		if isSettings(c, name) {
			return &c
		}
	}
	return nil
}

// settingsLabel is the settings ConfigMap that a service would have.
func (s service) settingsLabel() string {
	if s.name != "" {
		return "ConfigMap " + legible(s.name+settingsSuffix)
	}
	return "the settings of " + s.deployment()
}

// isSettings matches <service>-headroom, also with the suffix that Pulumi adds
// to a name that it makes up, and a ConfigMap of another name that says which
// Deployment it is for.
func isSettings(configMap Resource, name string) bool {
	if target, ok := configMap.annotation(noteTarget).text(); ok {
		return target == name
	}
	want := name + settingsSuffix
	own := nameOf(configMap)
	return own == want || (configMap.Name == want && strings.HasPrefix(own, want+"-"))
}

// nameOf is the object's name or, while it has none that is known, the logical
// one.
func nameOf(r Resource) string {
	if name := r.Inputs.Get("metadata", "name").name(); name != "" {
		return name
	}
	return r.Name
}

const (
	defaultNamespace = "default"
	// anyNamespace stands for one that is not known: it may be each.
	anyNamespace = "?"
)

func namespaceOf(r Resource) string {
	if r.space != "" {
		return r.space
	}
	ns := r.at("metadata.namespace")
	if name, _ := ns.text(); name != "" {
		return name
	}
	if ns.Unknown() || ns.Secret() {
		return anyNamespace
	}
	return defaultNamespace
}

// spaces are things by their namespace, so that each meets only its neighbors.
type spaces[T any] map[string][]T

func bySpace[T any](all []T, space func(T) string) spaces[T] {
	out := spaces[T]{}
	for _, one := range all {
		out[space(one)] = append(out[space(one)], one)
	}
	return out
}

// near are those that may be in a namespace.
func (s spaces[T]) near(namespace string) []T {
	if namespace != anyNamespace {
		return slices.Concat(s[namespace], s[anyNamespace])
	}
	var all []T
	for _, space := range slices.Sorted(maps.Keys(s)) {
		all = append(all, s[space]...)
	}
	return all
}

// podOf is what a workload states of its pods.
func podOf(workload Resource) leaf {
	if workload.Type == typeCronJob {
		return workload.at("spec.jobTemplate.spec.template.spec")
	}
	return workload.at("spec.template.spec")
}

// containers are the containers of a workload that live as long as its pods:
// also init containers that restart always.
func (f *facts) containers(workload Resource) []leaf {
	pod := podOf(workload)
	all := f.list(pod.at("containers"))
	for _, c := range f.list(pod.at("initContainers")) {
		if f.textOr(c.at("restartPolicy"), "") == "Always" {
			all = append(all, c)
		}
	}
	return all
}

// patched says that the resource sets only some fields of an object that others
// own.
func patched(r Resource) bool { return r.Type == typeDeploymentPatch }

// kind is that of the target.
func (s service) kind() leaf { return s.hpa.at("spec.scaleTargetRef.kind") }

// deployment is what the autoscaler scales, for a message about one that is not
// in the stack.
func (s service) deployment() string {
	if s.name != "" {
		return "Deployment " + legible(s.name)
	}
	return "the target of " + s.hpa.label()
}

// subject is the service, or its autoscaler while its name is not known.
func (s service) subject() string {
	if s.name != "" {
		return legible(s.name)
	}
	return s.hpa.label()
}
