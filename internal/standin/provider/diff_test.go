package provider

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// widget is a type with one row of each sort.
func widget() Type {
	return Type{
		Token: "test:index:Widget", Source: "test",
		ReplaceOn: append(On("name", "spec.selector", "list[*].key"),
			Replace{Path: "source", AddedOrRemoved: true},
			Replace{Path: "data", Unless: func(config, in Value) bool {
				return config.At("mutable").True() && !in.At("immutable").True()
			}}),
		Sets:     []string{"ids"},
		Identity: func(in Value) string { return in.At("name").Text() },
		Mint: func(m Minting) (string, map[string]any) {
			return "w-" + m.Hex(4), map[string]any{"arn": "arn:" + m.Hex(4), "spec": map[string]any{"ip": "10.0.0.1"}}
		},
	}
}

func props(m map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(m) }

// want is what a diff comes to.
type want struct {
	Diffs, Replaces []string
	DeleteFirst     bool
}

func TestDiff(t *testing.T) {
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	secret := func(s string) any { return resource.MakeSecret(resource.NewStringProperty(s)) }
	cases := map[string]struct {
		reason    string
		config    map[string]any
		old, new  map[string]any
		autonamed bool
		want      want
	}{
		"Same": {
			reason: "equal inputs are no change",
			old:    map[string]any{"size": 1.0}, new: map[string]any{"size": 1.0},
		},
		"Bookkeeping": {
			reason: "what a bridge notes about defaults is no input",
			old:    map[string]any{"__defaults": []any{"size"}}, new: map[string]any{"__defaults": []any{}},
		},
		"Null": {
			reason: "a null is an absent input",
			old:    map[string]any{"size": nil}, new: map[string]any{},
		},
		"SecretOfSameValue": {
			reason: "marking a value secret changes nothing in the world",
			old:    map[string]any{"password": "a"}, new: map[string]any{"password": secret("a")},
		},
		"SecretChanged": {
			reason: "a changed secret is a change",
			old:    map[string]any{"password": secret("a")}, new: map[string]any{"password": secret("b")},
			want: want{Diffs: []string{"password"}},
		},
		"Update": {
			reason: "an input without a row updates in place",
			old:    map[string]any{"size": 1.0}, new: map[string]any{"size": 2.0},
			want: want{Diffs: []string{"size"}},
		},
		"SetReordered": {
			reason: "order means nothing in a set",
			old:    map[string]any{"ids": []any{"a", "b"}}, new: map[string]any{"ids": []any{"b", "a"}},
		},
		"SetChanged": {
			reason: "a set changes as a whole",
			old:    map[string]any{"ids": []any{"a", "b"}}, new: map[string]any{"ids": []any{"c", "b", "a"}},
			want: want{Diffs: []string{"ids"}},
		},
		"Renamed": {
			reason: "a new name is a replacement that needs no deletion first",
			old:    map[string]any{"name": "a"}, new: map[string]any{"name": "b"},
			want: want{Diffs: []string{"name"}, Replaces: []string{"name"}},
		},
		"ReplacedUnderFixedName": {
			reason: "the old object holds the name, so it must go first",
			old:    map[string]any{"name": "a", "data": "1"}, new: map[string]any{"name": "a", "data": "2"},
			want: want{Diffs: []string{"data"}, Replaces: []string{"data"}, DeleteFirst: true},
		},
		"ReplacedUnderChosenName": {
			reason: "the provider can choose another name, so the new object comes first",
			old:    map[string]any{"name": "a", "data": "1"}, new: map[string]any{"name": "a", "data": "2"},
			autonamed: true,
			want:      want{Diffs: []string{"data"}, Replaces: []string{"data"}},
		},
		"RowWithdrawn": {
			reason: "a provider setting withdraws the row",
			config: map[string]any{"mutable": "true"},
			old:    map[string]any{"data": "1"}, new: map[string]any{"data": "2"},
			want: want{Diffs: []string{"data"}},
		},
		"RowKeptForImmutable": {
			reason: "an immutable object keeps its row whatever the setting",
			config: map[string]any{"mutable": true},
			old:    map[string]any{"data": "1", "immutable": true}, new: map[string]any{"data": "2", "immutable": true},
			want: want{Diffs: []string{"data"}, Replaces: []string{"data"}},
		},
		"BelowRow": {
			reason: "a change inside a replacing object replaces",
			old:    map[string]any{"spec": map[string]any{"selector": map[string]any{"app": "a"}}},
			new:    map[string]any{"spec": map[string]any{"selector": map[string]any{"app": "b"}}},
			want:   want{Diffs: []string{"spec.selector.app"}, Replaces: []string{"spec.selector.app"}},
		},
		"BesideRow": {
			reason: "a change next to a replacing input updates",
			old:    map[string]any{"spec": map[string]any{"selector": "a", "n": 1.0}},
			new:    map[string]any{"spec": map[string]any{"selector": "a", "n": 2.0}},
			want:   want{Diffs: []string{"spec.n"}},
		},
		"Wildcard": {
			reason: "a star stands for any index",
			old:    map[string]any{"list": []any{map[string]any{"key": "a"}}},
			new:    map[string]any{"list": []any{map[string]any{"key": "b"}}},
			want:   want{Diffs: []string{"list[0].key"}, Replaces: []string{"list[0].key"}},
		},
		"SourceChanged": {
			reason: "only adding or removing the input replaces",
			old:    map[string]any{"source": "a"}, new: map[string]any{"source": "b"},
			want: want{Diffs: []string{"source"}},
		},
		"SourceRemoved": {
			reason: "removing the input replaces",
			old:    map[string]any{"source": "a"}, new: map[string]any{},
			want: want{Diffs: []string{"source"}, Replaces: []string{"source"}},
		},
		"UnknownInput": {
			reason: "a value not known yet may turn out to be a change",
			old:    map[string]any{"size": 1.0}, new: map[string]any{"size": unknown},
			want: want{Diffs: []string{"size"}},
		},
		"UnknownReplacing": {
			reason: "and may turn out to replace",
			old:    map[string]any{"name": "a"}, new: map[string]any{"name": unknown},
			want: want{Diffs: []string{"name"}, Replaces: []string{"name"}},
		},
		"UnknownAboveRow": {
			reason: "an unknown object may hold a changed selector",
			old:    map[string]any{"spec": map[string]any{"selector": "a"}}, new: map[string]any{"spec": unknown},
			want: want{Diffs: []string{"spec"}, Replaces: []string{"spec"}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := widget().diff(configValue(props(tc.config)), props(tc.old), props(tc.new), tc.autonamed)
			if diff := cmp.Diff(tc.want, summary(got)); diff != "" {
				t.Errorf("%s\ndiff(%v, %v) (-want +got):\n%s", tc.reason, tc.old, tc.new, diff)
			}
		})
	}
}

func summary(d plugin.DiffResult) (s want) {
	for path := range d.DetailedDiff {
		s.Diffs = append(s.Diffs, path)
	}
	for _, k := range d.ReplaceKeys {
		s.Replaces = append(s.Replaces, string(k))
	}
	slices.Sort(s.Diffs)
	s.DeleteFirst = d.DeleteBeforeReplace
	return s
}
