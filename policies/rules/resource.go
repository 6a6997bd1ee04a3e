package rules

import (
	"slices"
	"strconv"
	"strings"
)

// Resource is one declared resource.
type Resource struct {
	// URN identifies the resource; a manifest may use its path.
	URN string
	// Type token such as "kubernetes:apps/v1:Deployment".
	Type string
	// Name is the logical name.
	Name string
	// Inputs are the properties as the program gave them.
	Inputs Value
	// Observed says that Inputs are in truth a live object, so that a field
	// that is set there says nothing about what the program wrote.
	Observed bool
	// Options of the resource.
	Options Options
	// References are the URNs that a top-level property is computed from.
	References map[string][]string
	// tag and space are its label and namespace, kept because every judgement
	// asks for them; NewModel sets them.
	tag, space string
}

// Options are the resource options that rules judge.
type Options struct {
	// Known is false where the source has no options, such as a manifest.
	Known bool
	// Protect keeps Pulumi from deleting the resource.
	Protect bool
	// IgnoreChanges are the property paths that Pulumi leaves alone.
	IgnoreChanges []string
}

// ignores says whether changes of a dotted path are ignored.
func (o Options) ignores(path string) bool {
	return slices.ContainsFunc(o.IgnoreChanges, func(ignored string) bool {
		ignored = strings.NewReplacer(`["`, ".", `"]`, "").Replace(ignored)
		return ignored == path || ignored == "*" || strings.HasPrefix(path, ignored+".")
	})
}

// leaf is a value that knows where it stands, so that every message does too.
type leaf struct {
	Value
	where string
	of    string
}

// root is the whole input tree of a resource.
func (r Resource) root() leaf { return leaf{Value: r.Inputs, of: r.label()} }

// at follows a dotted path.
func (r Resource) at(path string) leaf { return r.root().at(path) }

// annotation is an annotation of a Kubernetes object.
func (r Resource) annotation(key string) leaf { return r.at("metadata.annotations").key(key) }

// label is such as "Deployment api".
func (r Resource) label() string {
	if r.tag != "" {
		return r.tag
	}
	kind := r.Type[strings.LastIndexByte(r.Type, ':')+1:]
	if name := nameOf(r); name != "" {
		return kind + " " + legible(name)
	}
	return kind + " without a name"
}

// subject is the name, or the label of what has none.
func (r Resource) subject() string {
	if name := nameOf(r); name != "" {
		return legible(name)
	}
	return r.label()
}

// at follows a dotted path from here.
func (l leaf) at(path string) leaf {
	for part := range strings.SplitSeq(path, ".") {
		l = l.key(part)
	}
	return l
}

// key follows one key, which may hold dots.
func (l leaf) key(key string) leaf {
	l.Value = l.Get(key)
	if l.where == "" {
		l.where = key
	} else {
		l.where = l.where + "." + key
	}
	return l
}

// items are the items of a list.
func (l leaf) items() []leaf {
	items := make([]leaf, 0, len(l.Items()))
	for i, item := range l.Items() {
		items = append(items, leaf{Value: item, where: l.where + "[" + strconv.Itoa(i) + "]", of: l.of})
	}
	return items
}

// String is such as "spec.maxReplicas of HorizontalPodAutoscaler api".
func (l leaf) String() string {
	if l.where == "" {
		return l.of
	}
	return l.where + " of " + l.of
}

// Model is all resources of a stack.
type Model struct {
	all    []Resource
	byType map[string][]Resource
	byURN  map[string]Resource
	// byName are the resources that may answer to a name, by type, name and
	// namespace; the name that is not known yet is empty.
	byName map[named][]Resource
	// scaled are the targets of all autoscalers, found when they are first asked for.
	scaled *[]service
}

// named is a type, a name and a namespace.
type named struct{ typ, name, space string }

// NewModel indexes resources. Their order is kept.
func NewModel(resources []Resource) Model {
	m := Model{all: resources, byType: map[string][]Resource{}, byURN: map[string]Resource{}, byName: map[named][]Resource{}, scaled: new([]service)}
	for _, r := range resources {
		r.tag, r.space = r.label(), namespaceOf(r)
		m.byType[r.Type] = append(m.byType[r.Type], r)
		m.byURN[r.URN] = r
		for _, name := range r.answersTo() {
			key := named{r.Type, name, r.space}
			m.byName[key] = append(m.byName[key], r)
		}
	}
	return m
}

// answersTo are the names under which a resource may be looked for.
func (r Resource) answersTo() []string {
	names := []string{r.Name}
	own := r.Inputs.Get("metadata", "name")
	if text := own.name(); text != "" {
		names = append(names, text)
	} else if own.Unknown() {
		names = append(names, "")
	}
	if target, ok := r.annotation(noteTarget).text(); ok {
		names = append(names, target+settingsSuffix)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// of are the resources of some types. The list is shared: whoever adds to it gets
// a copy.
func (m Model) of(types ...string) []Resource {
	var found []Resource
	for _, t := range types {
		if found == nil {
			found = slices.Clip(m.byType[t])
			continue
		}
		found = append(found, m.byType[t]...)
	}
	return found
}
