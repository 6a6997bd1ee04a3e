package spec

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
)

// base is the raw config of testdata/base.yaml.
func base(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	raw, err := Raw(baseText(t))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func baseText(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// with is the base with some values set, each as path=value; path= alone
// removes a top-level key.
func with(t testing.TB, sets ...string) map[string]json.RawMessage {
	t.Helper()
	raw := base(t)
	for _, set := range sets {
		path, value, _ := strings.Cut(set, "=")
		if value == "" {
			raw = maps.Clone(raw)
			delete(raw, path)
			continue
		}
		var err error
		if raw, err = Set(raw, path, value); err != nil {
			t.Fatalf("Set(%s): %v", set, err)
		}
	}
	return raw
}

// decode is a stack that must decode.
func decode(t testing.TB, sets ...string) Stack {
	t.Helper()
	stack, err := Decode("base", with(t, sets...))
	if err != nil {
		t.Fatalf("Decode(%v): %v", sets, err)
	}
	return stack
}

// lines are the problems of an error, one per line.
func lines(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatalf("error is %T, want Problems: %v", err, err)
	}
	return strings.Split(err.Error(), "\n")
}
