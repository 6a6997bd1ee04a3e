package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func TestValue(t *testing.T) {
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	in := Of(props(map[string]any{
		"n": 3.0, "text": "a", "yes": true, "wordyYes": "true", "nothing": nil, "later": unknown,
		"hidden": resource.MakeSecret(resource.NewStringProperty("s")),
		"deep":   map[string]any{"list": []any{map[string]any{"x": 1.0}}, "soon": unknown},
	}))
	cases := map[string]struct {
		reason                  string
		path                    string
		present, known, unknown bool
		shown                   string
	}{
		"Number":       {"a number is known", "n", true, true, false, "3"},
		"Absent":       {"a missing property is not there", "gone", false, false, false, "absent"},
		"Null":         {"null is absent", "nothing", false, false, false, "absent"},
		"Unknown":      {"unknown is there but not known", "later", true, false, true, "[unknown]"},
		"BelowUnknown": {"below an unknown everything is unknown", "later.some[2].path", true, false, true, "[unknown]"},
		"Secret":       {"a secret is known and never shown", "hidden", true, true, false, "[secret]"},
		"Nested":       {"paths lead into lists", "deep.list[0].x", true, true, false, "1"},
		"Beyond":       {"an index beyond the end is absent", "deep.list[1].x", false, false, false, "absent"},
		"PartlyKnown":  {"an object with an unknown inside is not known", "deep", true, false, false, ""},
		"IntoText":     {"text has no properties", "text.x", false, false, false, "absent"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v := in.At(tc.path)
			if v.Present() != tc.present || v.Known() != tc.known || v.Unknown() != tc.unknown {
				t.Errorf("%s: At(%q) is present %t, known %t, unknown %t; want %t, %t, %t", tc.reason, tc.path,
					v.Present(), v.Known(), v.Unknown(), tc.present, tc.known, tc.unknown)
			}
			if tc.shown != "" && v.String() != tc.shown {
				t.Errorf("%s: At(%q).String() = %q, want %q", tc.reason, tc.path, v, tc.shown)
			}
		})
	}
	if !in.At("wordyYes").True() || !in.At("yes").True() || in.At("text").True() {
		t.Error("True() must accept true and the text true, nothing else")
	}
}

func TestConfigValueDecodesJSON(t *testing.T) {
	config := configValue(props(map[string]any{"ids": `["1","2"]`, "account": "123456789012", "region": "x"}))
	if got := len(config.At("ids").List()); got != 2 {
		t.Errorf("configValue: a JSON list in text has %d elements, want 2", got)
	}
	if got := config.At("account").Text(); got != "123456789012" {
		t.Errorf("configValue: digits stay text, got %q", got)
	}
}
