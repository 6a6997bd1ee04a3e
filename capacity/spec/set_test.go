package spec

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSet(t *testing.T) {
	const start = `{"a":{"b":1,"list":[{"x":1},{"x":2}]},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`
	cases := map[string]struct {
		reason, path, value string
		want                string // the whole config, or the problem
		refused             bool
	}{
		"Leaf":       {reason: "a number as in the file", path: "a.b", value: "2", want: `{"a":{"b":2,"list":[{"x":1},{"x":2}]},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`},
		"Text":       {reason: "a quantity as in the file", path: "a.b", value: "60%", want: `{"a":{"b":"60%","list":[{"x":1},{"x":2}]},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`},
		"Quoted":     {reason: "YAML's quotes keep text", path: "a.b", value: `"2"`, want: `{"a":{"b":"2","list":[{"x":1},{"x":2}]},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`},
		"Object":     {reason: "a whole object", path: "a.b", value: "{c: [1, 2]}", want: `{"a":{"b":{"c":[1,2]},"list":[{"x":1},{"x":2}]},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`},
		"Element":    {reason: "an element of a list", path: "a.list[1].x", value: "9", want: `{"a":{"b":1,"list":[{"x":1},{"x":9}]},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`},
		"New":        {reason: "maps on the way are made", path: "z.y.x", value: "1", want: `{"a":{"b":1,"list":[{"x":1},{"x":2}]},"budget":{"monthly":1},"services":{"backend":{"port":80}},"z":{"y":{"x":1}}}`},
		"Whole":      {reason: "a whole concern", path: "a", value: "{}", want: `{"a":{},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`},
		"Empty":      {reason: "an empty value is null, which Decode refuses", path: "a.b", value: "", want: `{"a":{"b":null,"list":[{"x":1},{"x":2}]},"budget":{"monthly":1},"services":{"backend":{"port":80}}}`},
		"Price":      {reason: "the name of a type holds dots", path: "budget.prices.db.m7g.large.multiAz", value: "0.3", want: `{"a":{"b":1,"list":[{"x":1},{"x":2}]},"budget":{"monthly":1,"prices":{"db.m7g.large.multiAz":0.3}},"services":{"backend":{"port":80}}}`},
		"PastEnd":    {reason: "no element there", path: "a.list[2].x", value: "9", want: "a.list[2].x: has no element [2]; the list has 2", refused: true},
		"Negative":   {reason: "nor before the first", path: "a.list[-1].x", value: "9", want: "a.list[-1].x: has no element [-1]; the list has 2", refused: true},
		"NoIndex":    {reason: "a name where an index belongs", path: "a.list.x", value: "9", want: "a.list.x: has no element [x]; the list has 2", refused: true},
		"BelowLeaf":  {reason: "a number has no fields", path: "a.b.c", value: "9", want: "a.b.c: goes below a plain value; shorten the path", refused: true},
		"NoPath":     {reason: "which?", path: "", value: "9", want: ": is not a path; write it as services.backend.workers=3 or nodes.groups[0].maxSize=30", refused: true},
		"EmptyStep":  {reason: "a dot too many", path: "a..b", value: "9", want: "a..b: is not a path; write it as services.backend.workers=3 or nodes.groups[0].maxSize=30", refused: true},
		"NotAValue":  {reason: "YAML that cannot be read", path: "a.b", value: "[1", want: "a.b = [1: is not a value; write it as in the stack file", refused: true},
		"Typo":       {reason: "a service that is not there is no new one", path: "services.backnd.workers", value: "9", want: `services.backnd: is not there; did you mean "backend"?`, refused: true},
		"Stranger":   {reason: "nor one that nobody meant", path: "services.x.workers", value: "9", want: "services.x: is not there; services here: backend; a new one is set whole", refused: true},
		"NewService": {reason: "set whole, as long as it lasts", path: "services.x", value: "{port: 1}", want: strings.Replace(start, `{"port":80}`, `{"port":80},"x":{"port":1}`, 1)},
		"PriceAlone": {reason: "no type named", path: "budget.prices.", value: "9", want: "budget.prices.: is not a path; write it as services.backend.workers=3 or nodes.groups[0].maxSize=30", refused: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			raw := map[string]json.RawMessage{}
			if err := json.Unmarshal([]byte(start), &raw); err != nil {
				t.Fatal(err)
			}
			got, err := Change(raw, tc.path, tc.value)
			text := asText(t, got)
			if err != nil {
				text = err.Error()
			}
			if tc.refused != (err != nil) {
				t.Errorf("%s\nSet(%s, %s): error %v", tc.reason, tc.path, tc.value, err)
			}
			want := strings.TrimPrefix(tc.want, ": ")
			if diff := cmp.Diff(want, text); diff != "" {
				t.Errorf("%s\nSet(%s, %s) (-want +got):\n%s", tc.reason, tc.path, tc.value, diff)
			}
			if diff := cmp.Diff(start, asText(t, raw)); diff != "" {
				t.Errorf("Set changed what it was given:\n%s", diff)
			}
		})
	}
}

// The lines that a preview prints to be added begin with nothing.
func TestSetBeginsAService(t *testing.T) {
	raw := map[string]json.RawMessage{}
	for _, path := range []string{"services.a.deployment", "services.b.deployment"} {
		var err error
		if raw, err = Set(raw, path, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(`{"services":{"a":{"deployment":"x"},"b":{"deployment":"x"}}}`, asText(t, raw)); diff != "" {
		t.Errorf("Set (-want +got):\n%s", diff)
	}
}

func asText(t *testing.T, raw map[string]json.RawMessage) string {
	t.Helper()
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func FuzzSet(f *testing.F) {
	for _, path := range []string{"services.backend.workers", "nodes.groups[0].maxSize", "a", "..", "[0]", "budget.prices.db.m7g.large", "nodes.groups[99999999999999999999]"} {
		for _, value := range []string{"3", "60%", "{a: [1]}", "", "[", "~", "*a", "&a [*a]"} {
			f.Add(path, value)
		}
	}
	raw := base(f)
	before, err := json.Marshal(raw)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		out, err := Set(raw, path, value)
		if after, _ := json.Marshal(raw); string(after) != string(before) {
			t.Fatalf("Set(%q, %q) changed what it was given", path, value)
		}
		if err != nil {
			lines(t, err)
			return
		}
		if _, err := json.Marshal(out); err != nil {
			t.Errorf("Set(%q, %q) made text that is not JSON: %v", path, value, err)
		}
		if _, err := Decode("base", out); err != nil {
			lines(t, err)
		}
	})
}
