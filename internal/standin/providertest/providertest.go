// Package providertest makes and reads what the tests of stand-ins share: inputs
// that differ in a few places, and the rules that refuse them.
package providertest

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Changed sets paths of good inputs; a nil value removes one.
func Changed(t *testing.T, good, change map[string]any) resource.PropertyMap {
	t.Helper()
	in := resource.NewObjectProperty(resource.NewPropertyMapFromMap(good))
	for at, value := range change {
		path, err := resource.ParsePropertyPath(at)
		if err != nil {
			t.Fatal(err)
		}
		var ok bool
		if value == nil {
			ok = path.Delete(in)
		} else {
			in, ok = path.Add(in, resource.NewPropertyValue(value))
		}
		if !ok {
			t.Fatalf("%s: no place for it in %v", at, in)
		}
	}
	return in.ObjectValue()
}

// Refused are the ids of the rules that refuse inputs; a failure without one
// stands as it is.
func Refused(failures []plugin.CheckFailure) []string {
	var rules []string
	for _, f := range failures {
		rule := f.Reason
		if i := strings.LastIndex(rule, "("); i >= 0 && strings.HasSuffix(rule, ")") {
			rule = strings.TrimSuffix(rule[i+1:], ")")
		}
		rules = append(rules, rule)
	}
	return rules
}
