package provider

import (
	"cmp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Live is one live object.
type Live struct {
	Token, ID string
	// URN of the program's resource; empty for an object no program made.
	URN resource.URN
	// Inputs are all that is set on it.
	Inputs Value
}

// Rival is a live object that works against one that a program declares. Without
// an id, what is declared points at nothing that is live; the value is then what
// it most likely should point at, where there is one.
type Rival struct{ ID, Value, Why string }

// Collision is a resource of the program that meets a live object of others:
// one that is there already, or one that works against it.
type Collision struct {
	URN resource.URN
	// Token and ID of the live object; the id is that of an import, and empty
	// where the resource points at nothing that is live.
	Token, ID string
	// Value that the resource most likely should point at, as YAML.
	Value string
	// Why says what is wrong with both.
	Why string
}

// Collisions are those of the last run, sorted. A preview makes nothing, so it
// can name them all; what is really created over a live object fails there.
func (p *Provider) Collisions() []Collision {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	found := slices.Clone(p.live.collisions)
	for i, c := range found {
		found[i].ID = p.importID(c.Token, c.ID)
	}
	all := p.live.list()
	for _, made := range all {
		t := p.types[made.Token]
		if made.URN == "" || t.Rivals == nil {
			continue
		}
		for _, r := range t.Rivals(all, made) {
			found = append(found, Collision{URN: made.URN, Token: made.Token, ID: r.ID, Value: r.Value, Why: r.Why})
		}
	}
	slices.SortFunc(found, func(a, b Collision) int {
		return cmp.Or(cmp.Compare(a.Token, b.Token), cmp.Compare(a.ID, b.ID), cmp.Compare(a.URN, b.URN))
	})
	return slices.Compact(found)
}

// importID is the id by which an import names a live object.
func (p *Provider) importID(token, id string) string {
	t := p.types[token]
	if o, ok := p.live.objects[token+"\x00"+id]; ok && t.ImportID != nil {
		return t.ImportID(Of(o.inputs))
	}
	return id
}

// list are all objects, and those that this run has promised in a preview. An
// object that the run reads for an import is the program's.
func (w *world) list() []Live {
	var all []Live
	for key, o := range w.objects {
		token, id := split(key)
		l := Live{Token: token, ID: id, URN: o.urn, Inputs: Of(o.inputs)}
		for _, urn := range append(w.imported[key], o.urn) {
			if promised, ok := w.planned[urn]; ok || l.URN == "" {
				l.URN = urn
				if ok {
					l.Inputs = Of(promised.inputs)
				}
			}
		}
		all = append(all, l)
	}
	for urn, promised := range w.planned {
		if !slices.ContainsFunc(all, func(l Live) bool { return l.URN == urn }) {
			all = append(all, Live{Token: promised.token, URN: urn, Inputs: Of(promised.inputs)})
		}
	}
	return all
}

// Commit makes what the last run imported the program's own. The provider cannot
// tell a read for a preview from one for an update.
func (p *Provider) Commit() {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	for key, urns := range p.live.imported {
		if o, ok := p.live.objects[key]; ok && o.urn == "" {
			changed := *o
			changed.urn = urns[len(urns)-1]
			p.live.objects[key] = &changed
		}
	}
}

// promise is what a preview would make of a resource.
type promise struct {
	token  string
	inputs resource.PropertyMap
}
