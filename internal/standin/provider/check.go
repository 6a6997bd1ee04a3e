package provider

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// failures runs the rules of one moment.
func failures(rules []Rule, when Moment, config, inputs Value) (bad []plugin.CheckFailure) {
	for _, rule := range rules {
		if rule.When != when {
			continue
		}
		bad = append(bad, rule.failures(inputs, rule.Test(config, inputs))...)
	}
	return bad
}

// moves runs the rules about what an update may do.
func moves(rules []Rule, old, inputs Value) (bad []plugin.CheckFailure) {
	for _, rule := range rules {
		if rule.When != OnUpdate {
			continue
		}
		bad = append(bad, rule.failures(inputs, rule.Between(old, inputs))...)
	}
	return bad
}

// failures are problems as the engine takes them, with the rule that found them.
func (r Rule) failures(inputs Value, problems []Problem) []plugin.CheckFailure {
	bad := make([]plugin.CheckFailure, len(problems))
	for i, problem := range problems {
		bad[i] = plugin.CheckFailure{
			Property: resource.PropertyKey(root(problem.Path)),
			Reason:   fmt.Sprintf("%s (%s)", describe(inputs, problem), r.ID),
		}
	}
	return bad
}

// reasons are all failures on one line.
func reasons(bad []plugin.CheckFailure) string {
	all := make([]string, len(bad))
	for i, f := range bad {
		all[i] = f.Reason
	}
	return strings.Join(all, "; ")
}

// describe writes a problem as path = value: rule.
func describe(inputs Value, problem Problem) string {
	if problem.Path == "" {
		return problem.Text
	}
	return fmt.Sprintf("%s = %s: %s", problem.Path, inputs.At(problem.Path), problem.Text)
}

// missing reports the required inputs that are not set.
func missing(t Type, inputs Value) (bad []plugin.CheckFailure) {
	for _, path := range t.Required {
		if !inputs.At(path).Present() {
			bad = append(bad, plugin.CheckFailure{
				Property: resource.PropertyKey(root(path)),
				Reason:   fmt.Sprintf("%s is required", path),
			})
		}
	}
	return bad
}

// root is the top-level property of a path: the engine names failures by it.
func root(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

// withSecrets marks the properties that are always secret.
func withSecrets(t Type, m resource.PropertyMap) resource.PropertyMap {
	for _, name := range t.Secrets {
		key := resource.PropertyKey(name)
		if v, ok := m[key]; ok && !v.IsSecret() && !v.IsNull() {
			m[key] = resource.MakeSecret(v)
		}
	}
	return m
}

// clone copies a property map without its nulls, one level deep: values below
// are never changed in place.
func clone(m resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for k, v := range m {
		if !v.IsNull() {
			out[k] = v
		}
	}
	return out
}

func (t Type) identity(inputs resource.PropertyMap) string {
	if t.Identity == nil || t.Token == "" {
		return ""
	}
	return t.Identity(Of(inputs))
}
