package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/agencyos/headroom/policies/rules"
)

// fromResource maps a resource as Pulumi hands it over to the rules' model.
func fromResource(r plugin.AnalyzerResource) rules.Resource {
	return rules.Resource{
		URN:    string(r.URN),
		Type:   string(r.Type),
		Name:   r.Name,
		Inputs: fromMap(r.Properties),
		Options: rules.Options{
			Known:         true,
			Protect:       r.Options.Protect,
			IgnoreChanges: r.Options.IgnoreChanges,
		},
	}
}

// fromStackResource maps a resource of the finished stack. Its properties are
// outputs: in a preview mostly unknown, later full of what the cloud filled in.
// Where the inputs were seen before, they are what the program declared, and
// outputs only stand in for what was not known then.
func fromStackResource(r plugin.AnalyzerStackResource, seen map[string]rules.Resource) rules.Resource {
	out := fromResource(r.AnalyzerResource)
	out.References = map[string][]string{}
	for property, urns := range r.PropertyDependencies {
		for _, urn := range urns {
			out.References[string(property)] = append(out.References[string(property)], string(urn))
		}
	}
	declared, ok := seen[out.URN]
	if !ok {
		out.Observed = true
		return out
	}
	out.Inputs = rules.Fill(declared.Inputs, out.Inputs)
	return out
}

func fromMap(properties resource.PropertyMap) rules.Value {
	fields := make(map[string]rules.Value, len(properties))
	for key, v := range properties {
		fields[string(key)] = fromValue(v)
	}
	return rules.Object(fields)
}

// fromValue maps every kind of property. A secret stays closed, also to the
// rules, so that no message can carry it.
func fromValue(v resource.PropertyValue) rules.Value {
	switch {
	case v.IsNull():
		return rules.Value{}
	case v.IsSecret():
		return rules.Secret()
	case v.IsComputed():
		return rules.Unknown()
	case v.IsOutput():
		return fromOutput(v.OutputValue())
	case v.IsBool():
		return rules.Bool(v.BoolValue())
	case v.IsNumber():
		return rules.Number(v.NumberValue())
	case v.IsString():
		return rules.Text(v.StringValue())
	case v.IsArray():
		items := make([]rules.Value, len(v.ArrayValue()))
		for i, item := range v.ArrayValue() {
			items[i] = fromValue(item)
		}
		return rules.List(items)
	case v.IsObject():
		return fromMap(v.ObjectValue())
	}
	return rules.Opaque()
}

func fromOutput(o resource.Output) rules.Value {
	switch {
	case o.Secret:
		return rules.Secret()
	case !o.Known:
		return rules.Unknown()
	}
	return fromValue(o.Element)
}
