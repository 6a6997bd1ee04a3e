package provider

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Begin starts a new engine run: what the last preview promised is forgotten.
func (p *Provider) Begin() {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	p.live.run = newRun()
}

// Seed is an object that no program created, under the id it has in the real
// world.
type Seed struct {
	Token, ID string
	// Inputs are what is set on it, Computed what the service adds; what is
	// missing of that is made up.
	Inputs, Computed map[string]any
}

// Seed puts an object there. A program may import it; creating it again is
// refused.
func (p *Provider) Seed(seed Seed) error {
	t, err := p.row(seed.Token)
	if err != nil {
		return err
	}
	seen := Shared{Inputs: resource.NewPropertyMapFromMap(seed.Inputs), Computed: resource.NewPropertyMapFromMap(seed.Computed)}
	if t.Sharing != nil {
		seen = t.Sharing.Seen(seen.Inputs)
	}
	urn := resource.URN("urn:pulumi:live::standin::" + seed.Token + "::" + seed.ID)
	_, computed := p.mint(Value{}, t, urn, seen.Inputs)
	o := &object{
		name: t.identity(seen.Inputs), inputs: withSecrets(t, seen.Inputs), owned: seen.Owned, others: seen.Others,
		computed: merge(clone(seen.Computed), computed),
	}
	if err := p.live.put(t, seed.ID, o); err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	return nil
}

// find answers a live object by its id or the id of its import.
func (p *Provider) find(token, id string) (Value, bool) {
	t, err := p.row(token)
	if err != nil {
		return Value{}, false
	}
	_, o, ok := p.live.get(t, id)
	if !ok {
		return Value{}, false
	}
	return Of(o.outputs(t)), true
}

// Find answers the inputs and computed properties of a live object, for tests
// and for messages.
func (p *Provider) Find(token, id string) (Value, bool) { return p.find(token, id) }

// list answers the live objects of a type by id.
func (p *Provider) list(token string) map[string]Value {
	t, err := p.row(token)
	if err != nil {
		return nil
	}
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	out := map[string]Value{}
	for key, o := range p.live.objects {
		if has, id := split(key); has == token {
			out[id] = Of(o.outputs(t))
		}
	}
	return out
}

// Modify changes live objects behind the program's back, as an operator, an
// autoscaler or a console would. It answers how many objects were changed.
func (p *Provider) Modify(change func(token string, inputs resource.PropertyMap) bool) int {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	n := 0
	for key, o := range p.live.objects {
		changed := *o
		changed.inputs = clone(o.inputs)
		token, _ := split(key)
		if !change(token, changed.inputs) {
			continue
		}
		p.live.objects[key] = &changed
		n++
	}
	return n
}

// Objects counts the live objects by type.
func (p *Provider) Objects() map[string]int {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	count := map[string]int{}
	for key := range p.live.objects {
		token, _ := split(key)
		count[token]++
	}
	return count
}

// split takes token and id out of a key of a world's objects.
func split(key string) (token, id string) {
	token, id, _ = strings.Cut(key, "\x00")
	return token, id
}
