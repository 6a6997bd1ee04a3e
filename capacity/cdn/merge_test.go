package cdn

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

func rendered() Vercel {
	return NewVercel([]spec.CacheRule{{Name: "assets", Path: "/assets/", Class: spec.Immutable}}, nil)
}

const ours = `{"source":"/assets/(.*)","headers":[{"key":"Cache-Control","value":"max-age=31536000, immutable"},{"key":"Vercel-CDN-Cache-Control","value":"max-age=31536000, immutable"}]}`

func TestMerge(t *testing.T) {
	for name, tc := range map[string]struct{ reason, existing, want string }{
		"Empty":      {"a file without anything", `{}`, `{"headers":[` + ours + `]}`},
		"OtherKeys":  {"all but headers is others', in its order", `{"zeta":1,"rewrites":[{"source":"/a","destination":"/b"}],"alpha":{"b":1,"a":2}}`, `{"zeta":1,"rewrites":[{"source":"/a","destination":"/b"}],"alpha":{"b":1,"a":2},"headers":[` + ours + `]}`},
		"InPlace":    {"headers stay where they stand", `{"headers":[],"cleanUrls":true}`, `{"headers":[` + ours + `],"cleanUrls":true}`},
		"Former":     {"what an earlier render wrote goes", `{"headers":[{"source":"/old/(.*)","headers":[{"key":"Cache-Control","value":"max-age=1"},{"key":"vercel-cdn-cache-control","value":"max-age=1"}]}]}`, `{"headers":[` + ours + `]}`},
		"Security":   {"a header of others stays, and comes first", `{"headers":[{"source":"/(.*)","headers":[{"key":"Content-Security-Policy","value":"default-src 'self' <a>&b"}]}]}`, `{"headers":[{"source":"/(.*)","headers":[{"key":"Content-Security-Policy","value":"default-src 'self' <a>&b"}]},` + ours + `]}`},
		"Mixed":      {"of a mixed entry only the caching goes", `{"headers":[{"source":"/(.*)","has":[{"type":"host","value":"a"}],"headers":[{"key":"cache-control","value":"max-age=1"},{"key":"X-A","value":"1"}]}]}`, `{"headers":[{"source":"/(.*)","has":[{"type":"host","value":"a"}],"headers":[{"key":"X-A","value":"1"}]},` + ours + `]}`},
		"BigNumbers": {"numbers keep their digits", `{"n":12345678901234567890.10,"e":1e3}`, `{"n":12345678901234567890.10,"e":1e3,"headers":[` + ours + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rendered().Merge([]byte(tc.existing))
			if err != nil {
				t.Fatal(err)
			}
			var compact strings.Builder
			for line := range strings.Lines(string(got)) {
				compact.WriteString(strings.TrimSpace(line))
			}
			plainText := strings.NewReplacer(`": `, `":`).Replace(compact.String())
			if diff := cmp.Diff(tc.want, plainText); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if again, err := rendered().Merge(got); err != nil || string(again) != string(got) {
				t.Errorf("%s: merging again changes the file: %v\n%s", tc.reason, err, again)
			}
			if err := vercelProblems(t, string(got)); err != nil {
				t.Errorf("%s: the merged file has not the documented form: %v", tc.reason, err)
			}
		})
	}
}

func TestMergeRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ reason, existing, want string }{
		"Nothing":    {"an empty file", ``, "not a vercel.json"},
		"Cut":        {"a file that ends early", `{"a":`, "not a vercel.json"},
		"List":       {"not an object", `[]`, "not a JSON object"},
		"Null":       {"nor null", `null`, "not a JSON object"},
		"Comment":    {"JSON has no comments", "{} // mine", "not a vercel.json"},
		"Twice":      {"which one counts?", `{"a":1,"a":2}`, `key "a" stands twice`},
		"NoList":     {"headers are a list", `{"headers":{}}`, "headers: not a list"},
		"NullEntry":  {"of entries", `{"headers":[null]}`, "headers: not a list of entries"},
		"NoHeaders":  {"an entry has headers", `{"headers":[{"source":"/"}]}`, "headers[0]: has no headers"},
		"HeaderText": {"and they have keys", `{"headers":[{"source":"/","headers":["a"]}]}`, "headers[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := rendered().Merge([]byte(tc.existing)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: Merge(%q) = %s, %v, want an error with %q", tc.reason, tc.existing, got, err, tc.want)
			}
		})
	}
}

// FuzzMerge looks for a file that loses a key, or stops being JSON.
func FuzzMerge(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,{"b":"<&>"}],"headers":[{"source":"/","headers":[{"key":"X","value":"y"}]}]}`, `{"headers":[]} `, `{"\u0061":1}`, `{"":[8e888]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, existing string) {
		got, err := rendered().Merge([]byte(existing))
		if err != nil {
			return
		}
		before, err := exactly([]byte(existing))
		if err != nil {
			t.Fatalf("Merge accepts %q, which is no JSON object: %v", existing, err)
		}
		after, err := exactly(got)
		if err != nil {
			t.Fatalf("Merge(%q) is no JSON: %v\n%s", existing, err, got)
		}
		delete(before, "headers")
		if after["headers"] == nil {
			t.Fatalf("Merge(%q) has no headers", existing)
		}
		delete(after, "headers")
		if diff := cmp.Diff(before, after); diff != "" && len(before) > 0 {
			t.Fatalf("Merge(%q) changes what is not ours (-before +after):\n%s", existing, diff)
		}
	})
}

// exactly reads a JSON object with its numbers as they are written: one may be
// greater than a float64 holds.
func exactly(text []byte) (map[string]any, error) {
	if !json.Valid(text) {
		return nil, errors.New("invalid JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out map[string]any
	return out, d.Decode(&out)
}
