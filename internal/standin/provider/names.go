package provider

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Fill adds the defaults of a bridged provider and, where the type has one, a
// name: the old one if the provider chose it, a new one otherwise. What it
// filled is noted in "__defaults", as the real bridge does.
func Fill(c Checking) (resource.PropertyMap, error) {
	filled := []string{}
	for name, value := range c.Type.Defaults {
		key := resource.PropertyKey(name)
		if _, set := c.News[key]; !set {
			c.News[key] = resource.NewPropertyValue(value)
			filled = append(filled, name)
		}
	}
	if a := c.Type.Autoname; a != nil && !a.named(c.News) {
		name, err := a.pick(c)
		if err != nil {
			return nil, err
		}
		c.News[resource.PropertyKey(a.Property)] = name
		filled = append(filled, a.Property)
	}
	slices.Sort(filled)
	c.News[internalKey] = resource.NewPropertyValue(filled)
	return c.News, nil
}

// Filled tells whether Fill put the property there.
func Filled(inputs Value, property string) bool {
	return slices.ContainsFunc(inputs.At(internalKey).List(), func(v Value) bool { return v.Text() == property })
}

func (a *Autoname) named(news resource.PropertyMap) bool {
	return slices.ContainsFunc(append([]string{a.Property}, a.Unless...), func(p string) bool {
		v, ok := news[resource.PropertyKey(p)]
		return ok && !v.IsNull()
	})
}

func (a *Autoname) pick(c Checking) (resource.PropertyValue, error) {
	if old, ok := c.Olds[resource.PropertyKey(a.Property)]; ok && Filled(Of(c.Olds), a.Property) {
		return old, nil
	}
	name, err := resource.NewUniqueName(c.Seed, c.Name+a.Separator, a.Random, a.Max, nil)
	if err != nil {
		return resource.PropertyValue{}, err
	}
	return resource.NewStringProperty(name), nil
}
