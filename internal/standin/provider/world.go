package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// world is everything that exists behind one provider: what was created and
// what was there before.
type world struct {
	mu      sync.Mutex
	objects map[string]*object // by token and id
	named   map[string]string  // identity -> key in objects
	serial  map[resource.URN]int
	run
}

// run is what one engine run has seen and promised.
type run struct {
	claims     map[string]resource.URN
	planned    map[resource.URN]promise
	imported   map[string][]resource.URN // key in objects -> resources that read it
	collisions []Collision
}

func newRun() run {
	return run{
		claims: map[string]resource.URN{}, planned: map[resource.URN]promise{}, imported: map[string][]resource.URN{},
	}
}

// object is one live object. The inputs are all that is set on it, the owned
// ones those that its program stated; others stated theirs.
type object struct {
	urn      resource.URN
	name     string
	inputs   resource.PropertyMap
	owned    resource.PropertyMap
	others   map[string]resource.PropertyMap
	computed resource.PropertyMap
}

func newWorld() *world {
	return &world{
		objects: map[string]*object{}, named: map[string]string{}, serial: map[resource.URN]int{}, run: newRun(),
	}
}

// outputs are the inputs with the computed properties filled in around them.
func (o *object) outputs(t Type) resource.PropertyMap {
	out := merge(clone(o.inputs), o.computed)
	delete(out, internalKey)
	return withSecrets(t, out)
}

// merge fills properties that base lacks, into objects too.
func merge(base, extra resource.PropertyMap) resource.PropertyMap {
	for k, v := range extra {
		have, ok := base[k]
		switch {
		case !ok:
			base[k] = v
		case have.IsObject() && v.IsObject():
			base[k] = resource.NewObjectProperty(merge(clone(have.ObjectValue()), v.ObjectValue()))
		}
	}
	return base
}

// claim refuses a second object under one identity. A preview makes nothing,
// so it remembers what it has promised until the next run begins, and notes what
// it meets instead of stopping at the first.
func (w *world) claim(t Type, urn resource.URN, name string, preview bool) error {
	if name == "" {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	key, taken := w.named[name]
	if taken && (!preview || w.objects[key].urn != urn && !slices.Contains(w.imported[key], urn)) {
		owner := w.objects[key].urn
		if !preview || owner != "" {
			return exists(t, name, owner)
		}
		token, id := split(key)
		w.collisions = append(w.collisions, Collision{URN: urn, Token: token, ID: id, Why: "exists already"})
	}
	if owner, promised := w.claims[name]; promised && owner != urn {
		return exists(t, name, owner)
	}
	if preview {
		w.claims[name] = urn
	}
	return nil
}

func exists(t Type, name string, owner resource.URN) error {
	by := "an object that was there before"
	if owner != "" {
		by = string(owner)
	}
	return fmt.Errorf("AlreadyExists: %s %q is already taken by %s; "+
		"choose another name, or import the existing object", t.Token, name, by)
}

func (w *world) put(t Type, id string, o *object) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := t.Token + "\x00" + id
	if _, taken := w.objects[key]; taken && o.name != "" {
		return exists(t, id, w.objects[key].urn)
	}
	w.objects[key] = o
	if o.name != "" {
		w.named[o.name] = key
	}
	return nil
}

// get finds an object by its id or by the id of its import.
func (w *world) get(t Type, id string) (key string, o *object, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.Unwrap != nil {
		id = t.Unwrap(id)
	}
	key = t.Token + "\x00" + id
	if o, ok = w.objects[key]; ok || t.Alias == nil {
		return key, o, ok
	}
	key, ok = w.named[t.Alias(id)]
	return key, w.objects[key], ok
}

// plan notes what a preview would make of a resource.
func (w *world) plan(t Type, urn resource.URN, inputs resource.PropertyMap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.planned[urn] = promise{token: t.Token, inputs: inputs}
}

// adopt notes that a resource of the program is a live object.
func (w *world) adopt(key string, urn resource.URN) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.imported[key] = append(w.imported[key], urn)
}

func (w *world) replace(key string, o *object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.named, w.objects[key].name)
	w.objects[key] = o
	if o.name != "" {
		w.named[o.name] = key
	}
}

func (w *world) remove(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o, ok := w.objects[key]; ok && w.named[o.name] == key {
		delete(w.named, o.name)
	}
	delete(w.objects, key)
}

// hexOf answers digits that depend on the resource and on how often it was
// created, so that a run is repeatable and a replacement still differs.
func (w *world) hexOf(urn resource.URN) func(int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial[urn]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s#%d", urn, w.serial[urn]))
	digits := hex.EncodeToString(sum[:])
	return func(n int) string {
		taken := digits[:min(n, len(digits))]
		next := sha256.Sum256([]byte(digits))
		digits = hex.EncodeToString(next[:])
		return taken
	}
}

// mint asks the table for the id and computed outputs of a new object.
func (p *Provider) mint(
	config Value, t Type, urn resource.URN, inputs resource.PropertyMap,
) (string, resource.PropertyMap) {
	id, computed := t.Mint(Minting{
		Name: urn.Name(), Inputs: Of(inputs), Config: config, Hex: p.live.hexOf(urn),
	})
	return id, resource.NewPropertyMapFromMap(computed)
}
