package provider

import (
	"github.com/agencyos/headroom/capacity/effects"
)

// Known fills in what package effects knows of a type: what replaces an object
// of it and which inputs it keeps. A type that is not known there stays without
// a source, and New refuses it.
func Known(t Type) Type {
	row, _ := effects.Of(t.Token)
	t.Source, t.Keeps = row.Source, row.Keeps
	for _, r := range row.Replacing() {
		t.ReplaceOn = append(t.ReplaceOn, Replace{
			Path: r.Path, AddedOrRemoved: r.When == effects.Appears, Unless: unlessSet(r.Unless),
		})
	}
	return t
}

// unlessSet withdraws a row while a provider setting is on, except for an
// object declared immutable.
func unlessSet(setting string) func(config, inputs Value) bool {
	if setting == "" {
		return nil
	}
	return func(config, in Value) bool { return config.At(setting).True() && !in.At("immutable").True() }
}
