// Package engine_test runs the real Pulumi engine on programs, with stand-in
// providers. It needs no account and no network.
package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/internal/standin"
)

// open starts a session on the test project. The engine is found once: a test
// that finds none fails, it is not skipped.
func open(t *testing.T, program pulumi.RunFunc, change ...func(*standin.Options)) *standin.Session {
	t.Helper()
	opts := standin.Options{Dir: "testdata/project", Stack: "test", Program: program, Progress: t.Output()}
	for _, c := range change {
		c(&opts)
	}
	session, err := standin.Open(t.Context(), opts)
	if err != nil {
		t.Fatalf("standin.Open(...): %v", err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Errorf("session.Close(): %v", err)
		}
	})
	return session
}

func steps(r standin.Result) map[string][]string {
	byOp := map[string][]string{}
	for _, s := range r.Steps {
		_, name, _ := strings.Cut(s.URN, "::headroom::")
		byOp[s.Op] = append(byOp[s.Op], name)
	}
	return byOp
}

func must(t *testing.T, what string, do func(context.Context) (standin.Result, error)) standin.Result {
	t.Helper()
	r, err := do(t.Context())
	if err != nil {
		t.Fatalf("%s: %v\n%s", what, err, strings.Join(r.Diagnostics, "\n"))
	}
	return r
}

func TestLifecycle(t *testing.T) {
	program := base()
	s := open(t, program.run)

	preview := must(t, "first preview", s.Preview)
	if got := preview.Changes["create"]; got < 19 {
		t.Errorf("first preview creates %d resources, want every one: %v", got, preview.Changes)
	}
	must(t, "first up", s.Up)

	again := must(t, "preview after up", s.Preview)
	if diff := cmp.Diff(map[string][]string{}, steps(again)); diff != "" {
		t.Errorf("preview after up: an unchanged program changes something (-want +got):\n%s", diff)
	}

	program.maxReplicas, program.maxConns, program.poolSize, program.family = 20, "300", "8", "postgres17"
	s.SetProgram(program.run)
	want := map[string][]string{}
	changed := steps(must(t, "changed up", s.Up))
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Errorf("changed up (-want +got):\n%s", diff)
	}

	must(t, "destroy", s.Destroy)
	for name, p := range s.Providers {
		if left := p.Objects(); len(left) > 0 {
			t.Errorf("destroy leaves objects in %s: %v", name, left)
		}
	}
}
