package rules

import (
	"slices"
	"strings"
)

// The app environment. The rules keep their own spelling, because they must not
// depend on the plan that they check; a test compares.
const (
	envWorkers     = "WEB_CONCURRENCY"
	envPoolSize    = "DB_POOL_SIZE"
	envMaxOverflow = "DB_MAX_OVERFLOW"
	envRedis       = "REDIS_MAX_CONNECTIONS"
)

// Annotations on a settings ConfigMap.
const (
	noteEngines        = "headroom.dev/db-engines"
	noteDeregistration = "headroom.dev/deregistration-seconds"
	notePreStop        = "headroom.dev/pre-stop-seconds"
	noteDrain          = "headroom.dev/drain-seconds"
	noteMaxSurge       = "headroom.dev/max-surge-percent"
	noteMaxUnavailable = "headroom.dev/max-unavailable-percent"
	noteGrace          = "headroom.dev/grace-seconds"
	noteMinReady       = "headroom.dev/min-ready-seconds"
	noteTarget         = "headroom.dev/deployment"
	noteCPU            = "headroom.dev/requests-cpu"
	noteMemory         = "headroom.dev/requests-memory"
)

// source is one place that sets environment variables.
type source struct {
	// from is the ConfigMap, where it is one.
	from *Resource
	// find answers the variable, absent where this place does not set it.
	find func(key string) leaf
	// hidden says why the place cannot be read; empty where it can.
	hidden string
	// late says that it is only not known yet.
	late bool
}

// environment is what one container is told, in the order of precedence.
type environment struct {
	sources []source
	// settled says that the service's own settings ConfigMap is among the
	// sources: what it leaves out is not set.
	settled bool
	// beside says that a neighbor in the pod runs the service.
	beside bool
}

// lookup finds a variable as the kubelet would. It is absent where nothing sets
// it; where a place that cannot be read might set it, that is a gap.
func (e environment) lookup(f *facts, key string) (value leaf, from *Resource) {
	var hidden []string
	for _, s := range e.sources {
		if s.hidden != "" {
			hidden = append(hidden, s.hidden)
			continue
		}
		if v := s.find(key); !v.Absent() {
			for _, h := range hidden {
				f.wait("%s: %s, which may override it", key, h)
			}
			return v, s.from
		}
	}
	if e.settled || (e.beside && key == envPoolSize) {
		return leaf{}, nil
	}
	for _, h := range hidden {
		f.wait("%s: %s", key, h)
	}
	return leaf{}, nil
}

// environments are those of a service's containers; one for a service whose
// Deployment is elsewhere.
func (m Model) environments(s *service) []environment {
	if s.workload == nil {
		if s.settings == nil {
			if s.facts.complete() {
				s.facts.wait("%s: it and the Deployment are not in this stack", s.settingsLabel())
			}
			return nil
		}
		return []environment{{sources: []source{fromConfigMap(*s.settings)}, settled: true}}
	}
	return m.workloadEnvironments(&s.facts, *s.workload, s.name, s.settings)
}

func (m Model) workloadEnvironments(f *facts, workload Resource, name string, settings *Resource) []environment {
	var all []environment
	for _, c := range f.containers(workload) {
		all = append(all, m.environment(workload, c, name))
	}
	if patched(workload) && !slices.ContainsFunc(all, func(e environment) bool { return e.settled }) {
		all = patchedEnvironments(all, workload, settings)
	}
	if len(all) == 0 && f.complete() {
		f.wait("%s to be set", podOf(workload).at("containers"))
	}
	// Only one container of a pod runs the service. Once that is found, what
	// its neighbors keep in Secrets is not the service's pool.
	found := slices.ContainsFunc(all, environment.serves)
	for i := range all {
		all[i].beside = found
	}
	return all
}

// patchedEnvironments adds what a patch cannot show: the rest of the
// environment belongs to the owner of the Deployment. The settings ConfigMap of
// its name is the one part that is known, for the container that names a pool or
// else the first.
func patchedEnvironments(all []environment, workload Resource, settings *Resource) []environment {
	if len(all) == 0 {
		all = []environment{{}}
	}
	if settings != nil {
		e := &all[max(0, slices.IndexFunc(all, environment.serves))]
		e.sources, e.settled = append(e.sources, fromConfigMap(*settings)), true
		return all
	}
	for i := range all {
		all[i].sources = append(all[i].sources, source{hidden: "what the owner of " + workload.label() + " sets"})
	}
	return all
}

// serves says that the container runs the service: it has the settings of the
// service, or sets the size of a pool under its own name, readable or not.
func (e environment) serves() bool {
	return e.settled || slices.ContainsFunc(e.sources, func(s source) bool {
		return s.hidden == "" && s.from == nil && !s.find(envPoolSize).Absent()
	})
}

// late says that a place which is not known yet may set a variable.
func (e environment) late() bool {
	return slices.ContainsFunc(e.sources, func(s source) bool { return s.late })
}

// environment collects the sources of a container, the strongest first: env in
// reverse, then envFrom in reverse
// (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables, 2026-11).
func (m Model) environment(workload Resource, container leaf, name string) environment {
	e := environment{}
	env := container.at("env")
	if env.Unknown() || env.Secret() {
		e.sources = append(e.sources, source{hidden: env.String(), late: true})
	}
	for _, v := range slices.Backward(env.items()) {
		e.sources = append(e.sources, m.variable(workload, v))
	}
	from := container.at("envFrom")
	if from.Unknown() || from.Secret() {
		e.sources = append(e.sources, source{hidden: from.String(), late: true})
	}
	for _, v := range slices.Backward(from.items()) {
		s := m.included(workload, v)
		if s.hidden == "" && isSettings(*s.from, name) {
			e.settled = true
		}
		e.sources = append(e.sources, s)
	}
	return e
}

// variable is one entry of env.
func (m Model) variable(workload Resource, entry leaf) source {
	name, ok := entry.at("name").text()
	if !ok {
		return source{hidden: entry.at("name").String(), late: true}
	}
	value := m.valueOf(workload, entry)
	return source{find: func(key string) leaf {
		if key != name {
			return leaf{}
		}
		return value
	}}
}

// valueOf is what an entry of env sets. Without a value it is empty, also where
// envFrom sets the variable.
func (m Model) valueOf(workload Resource, entry leaf) leaf {
	from := entry.at("valueFrom")
	ref := from.at("configMapKeyRef")
	switch {
	case from.Absent() && entry.at("value").Absent():
		return leaf{Value: Text(""), where: entry.where + ".value", of: entry.of}
	case from.Absent():
		return entry.at("value")
	case ref.Absent():
		return leaf{Value: Secret(), where: entry.where, of: entry.of}
	}
	configMap, hidden := m.configMap(workload, ref.at("name"))
	key, ok := ref.at("key").text()
	if hidden != "" || !ok {
		return leaf{Value: Unknown(), where: entry.where, of: entry.of}
	}
	return configMap.at("data").key(key)
}

// included is one entry of envFrom.
func (m Model) included(workload Resource, entry leaf) source {
	if secret := entry.at("secretRef"); !secret.Absent() {
		return source{hidden: secret.String() + ", a Secret"}
	}
	name := entry.at("configMapRef.name")
	configMap, hidden := m.configMap(workload, name)
	if hidden != "" {
		return source{hidden: hidden, late: !name.Known()}
	}
	if data := configMap.at("data"); data.Unknown() || data.Secret() {
		return source{from: configMap, hidden: data.String(), late: true}
	}
	prefix, ok := entry.at("prefix").text()
	if !ok && !entry.at("prefix").Absent() {
		return source{hidden: entry.at("prefix").String(), late: true}
	}
	s := fromConfigMap(*configMap)
	plain := s.find
	s.find = func(key string) leaf {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			return plain(rest)
		}
		return leaf{}
	}
	return s
}

func fromConfigMap(configMap Resource) source {
	return source{from: &configMap, find: configMap.at("data").key}
}

// configMap finds a ConfigMap by a name that may still be an output. The second
// result says why it cannot be read.
func (m Model) configMap(workload Resource, name leaf) (*Resource, string) {
	want, ok := name.text()
	if !ok {
		if found := m.referred(workload, "spec", typeConfigMap); len(found) == 1 {
			return &found[0], ""
		}
		return nil, name.String() + ", not known yet"
	}
	for _, c := range m.called(want, namespaceOf(workload), typeConfigMap) {
		if nameOf(c) == want {
			return &c, ""
		}
	}
	return nil, "ConfigMap " + legible(want) + ", not in this stack"
}
