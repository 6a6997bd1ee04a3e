package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Sharing is how a program shares an object with others that write to it.
type Sharing struct {
	// Seen sorts a live object that no program made.
	Seen func(raw resource.PropertyMap) Shared
	// Apply is the object after the program stated its inputs anew.
	Apply func(o Shared, news resource.PropertyMap) (resource.PropertyMap, error)
	// Shape keeps of a live object what the program states.
	Shape func(live, inputs resource.PropertyMap) resource.PropertyMap
	// Source is where this was read.
	Source string
}

// Shared is an object with who set what on it.
type Shared struct {
	// Inputs are all that is set, Computed what the service adds.
	Inputs, Computed resource.PropertyMap
	// Owned are the inputs that the program set, or takes over when it first
	// applies: what it no longer states of them goes.
	Owned resource.PropertyMap
	// Others set inputs too, and keep them.
	Others map[string]resource.PropertyMap
}

// settle is the object after an update.
func (t Type) settle(o *object, news resource.PropertyMap) (resource.PropertyMap, error) {
	if t.Sharing != nil {
		return t.Sharing.Apply(Shared{Inputs: o.inputs, Owned: o.owned, Others: o.others}, news)
	}
	out := clone(news)
	for _, name := range t.Keeps {
		key := resource.PropertyKey(name)
		if live, ok := o.inputs[key]; ok && out[key].IsNull() {
			out[key] = live
		}
	}
	return out, nil
}

// shape is what a read tells: all of a live object in an import, and what the
// program states of it in a refresh.
func (t Type) shape(o *object, inputs resource.PropertyMap) resource.PropertyMap {
	live := clone(o.inputs)
	switch {
	case len(inputs) == 0:
		return live
	case t.Sharing != nil:
		return t.Sharing.Shape(live, inputs)
	}
	out := resource.PropertyMap{}
	for key, old := range inputs {
		if v, ok := live[key]; ok {
			out[key] = v
		} else if key == internalKey {
			out[key] = old
		}
	}
	return out
}
