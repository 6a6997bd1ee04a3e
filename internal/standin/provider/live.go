package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Begin starts a new engine run: what the last preview promised is forgotten.
func (p *Provider) Begin() {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	p.live.claims = map[string]resource.URN{}
}

// Seed puts an object there that no program created, under the id it has in
// the real world. A program may import it; creating it again is refused.
func (p *Provider) Seed(token, id string, inputs map[string]any) error {
	t, err := p.row(token)
	if err != nil {
		return err
	}
	props := resource.NewPropertyMapFromMap(inputs)
	urn := resource.URN("urn:pulumi:live::standin::" + token + "::" + id)
	_, computed := p.mint(Value{}, t, urn, props)
	o := &object{name: t.identity(props), inputs: withSecrets(t, props), computed: computed}
	if err := p.live.put(t, id, o); err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	return nil
}

// Modify changes live objects behind the program's back, as an operator, an
// autoscaler or a console would. It answers how many objects were changed.
func (p *Provider) Modify(change func(token string, inputs resource.PropertyMap) bool) int {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	n := 0
	for key, o := range p.live.objects {
		inputs := clone(o.inputs)
		if !change(tokenOf(key), inputs) {
			continue
		}
		p.live.objects[key] = &object{urn: o.urn, name: o.name, inputs: inputs, computed: o.computed}
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
		count[tokenOf(key)]++
	}
	return count
}

func tokenOf(key string) string {
	for i := range key {
		if key[i] == 0 {
			return key[:i]
		}
	}
	return key
}
