package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
)

const (
	labelName     = "app.kubernetes.io/name"
	pgBouncerName = "pgbouncer"
	pgBouncerFile = "pgbouncer.ini"
	// Defaults of PgBouncer (https://www.pgbouncer.org/config.html, 2026-11).
	pgBouncerClients  = 100
	pgBouncerPoolSize = 20
)

// isPgBouncer recognizes the pooler by its label, on the workload or its pods.
func isPgBouncer(r Resource) certainty {
	answer := no
	for _, labels := range []leaf{r.at("metadata.labels"), r.at("spec.template.metadata.labels")} {
		label := labels.key(labelName)
		switch name, _ := label.text(); {
		case name == pgBouncerName:
			return yes
		case label.Unknown() || label.Secret():
			answer = maybe
		}
	}
	return answer
}

// pooler is a PgBouncer and what runs it.
type pooler struct {
	Resource
	// Pooler has as many replicas as there may be.
	budget.Pooler
	// floor are the replicas that are always there.
	floor int
	// clients keeps the client side, server the server side from being known.
	clients, server facts
}

// poolers are the PgBouncers of the stack. The facts hold which workloads may be
// more of them.
func (m Model) poolers() (all []pooler, f facts) {
	for _, d := range m.of(lastingTypes...) {
		switch isPgBouncer(d) {
		case yes:
			all = append(all, m.pooler(d))
		case maybe:
			f.wait("the label %s of %s", labelName, d.label())
		}
	}
	if len(all) > 1 {
		f.wait("one PgBouncer; with %d of them the resources do not say which service uses which", len(all))
	}
	return all, f
}

func (m Model) pooler(d Resource) pooler {
	p := pooler{Resource: d}
	if hpa := m.scalerOf(&p.clients, d); hpa != nil {
		p.floor, p.Replicas = p.clients.orOne(hpa.at("spec.minReplicas")), p.server.required(hpa.at("spec.maxReplicas"), 1)
	} else {
		p.floor = p.clients.copies(d)
		p.Replicas = p.floor
	}
	ini := m.poolerFile(&p.clients, d)
	p.MaxClientConn = p.clients.count(ini.get("max_client_conn"), 1, pgBouncerClients)
	p.server.waits = append(p.server.waits, p.clients.waits...)
	r := wholeRollout(d)
	for _, wait := range slices.Concat(r.more.waits, r.rolling().waits) {
		p.server.wait("%s", wait)
	}
	p.Surge = r.added(p.Replicas)
	p.Terminating = budget.Workload{MaxReplicas: p.Replicas, SurgePercent: r.surge.of(p.Replicas), UnavailablePercent: r.unavailable.of(p.Replicas),
		GraceSeconds: r.grace, MinReadySeconds: r.minReady, Recreate: r.recreate}.Terminating()
	p.PoolSize, p.ReservePool = ini.serverSide(&p.server)
	return p
}

// scalerOf is the autoscaler of a workload; one that may be it is a gap.
func (m Model) scalerOf(f *facts, w Resource) *Resource {
	for _, s := range m.services() {
		if s.workload != nil && s.workload.URN == w.URN {
			f.waits = append(f.waits, s.facts.waits...)
			return &s.hpa
		}
	}
	for _, s := range m.services() {
		kind, stated := s.kind().text()
		other := stated && !strings.HasSuffix(w.Type, ":"+kind)
		if s.workload != nil || other || !neighbors(s.namespace, namespaceOf(w)) {
			continue
		}
		for _, wait := range s.facts.waits {
			f.wait("%s", wait)
		}
	}
	return nil
}

// neighbors says that two namespaces may be the same.
func neighbors(a, b string) bool { return a == b || a == anyNamespace || b == anyNamespace }

// poolerFile finds the settings that the pooler mounts.
func (m Model) poolerFile(f *facts, d Resource) iniFile {
	for _, v := range f.list(d.at("spec.template.spec.volumes")) {
		if v.at("configMap").Absent() {
			continue
		}
		configMap, hidden := m.configMap(d, v.at("configMap.name"))
		if hidden != "" {
			f.wait("%s", hidden)
			continue
		}
		data := configMap.at("data").key(pgBouncerFile)
		if data.Absent() {
			continue
		}
		return parseINI(data, f.textOr(data, "")).included(configMap.at("data"))
	}
	if f.complete() {
		f.wait("a ConfigMap with %s that %s mounts", pgBouncerFile, d.label())
	}
	return iniFile{}
}

// iniFile is a parsed pgbouncer.ini.
type iniFile struct {
	from     leaf
	sections map[string]map[string]string
	// includes are the names of files that it includes.
	includes []string
}

// parseINI reads sections, keys and comments as PgBouncer does.
func parseINI(from leaf, content string) iniFile {
	file := iniFile{from: from, sections: map[string]map[string]string{}}
	section := ""
	for line := range strings.Lines(content) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == ';' || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[] ")
		case strings.HasPrefix(line, "%include "):
			file.includes = append(file.includes, path.Base(strings.TrimPrefix(line, "%include ")))
		default:
			key, value, _ := strings.Cut(line, "=")
			file.set(section, strings.TrimSpace(key), strings.TrimSpace(value))
		}
	}
	return file
}

// included adds the sections of files beside it that it includes. One that is
// an output, such as the host of a new instance, hides which databases there
// are; one database is then assumed, as without any section.
func (f iniFile) included(data leaf) iniFile {
	for _, name := range f.includes {
		content, _ := data.key(name).text()
		for section, keys := range parseINI(data, content).sections {
			for key, value := range keys {
				f.set(section, key, value)
			}
		}
	}
	return f
}

func (f iniFile) set(section, key, value string) {
	if f.sections[section] == nil {
		f.sections[section] = map[string]string{}
	}
	f.sections[section][key] = value
}

// get is a setting of PgBouncer itself.
func (f iniFile) get(key string) leaf {
	l := leaf{where: key + " in " + pgBouncerFile, of: f.from.of}
	if value, ok := f.sections[pgBouncerName][key]; ok {
		l.Value = Text(value)
	}
	return l
}

// serverSide adds up the pools. PgBouncer keeps one per database and user; one
// user is assumed.
func (f iniFile) serverSide(facts *facts) (size, reserve int) {
	pool := facts.count(f.get("default_pool_size"), 0, pgBouncerPoolSize)
	spare := facts.count(f.get("reserve_pool_size"), 0, 0)
	most := facts.count(f.get("max_db_connections"), 0, 0)
	databases := f.sections["databases"]
	if len(databases) == 0 {
		databases = map[string]string{"*": ""}
	}
	for name, settings := range databases {
		one := facts.count(f.setting(name, settings, "pool_size"), 0, pool)
		extra := facts.count(f.setting(name, settings, "reserve_pool"), 0, spare)
		if limit := facts.count(f.setting(name, settings, "max_db_connections"), 0, most); limit > 0 && limit < one+extra {
			one, extra = limit, 0
		}
		size += one
		reserve += extra
	}
	return size, reserve
}

// setting reads a key of a database line such as "host=db pool_size=20".
func (f iniFile) setting(database, settings, key string) leaf {
	l := leaf{where: key + " of " + database + " in " + pgBouncerFile, of: f.from.of}
	for field := range strings.FieldsSeq(settings) {
		if k, v, _ := strings.Cut(field, "="); k == key {
			l.Value = Text(v)
		}
	}
	return l
}
