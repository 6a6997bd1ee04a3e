package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/agencyos/headroom/internal/standin"
)

func TestPolicyPack(t *testing.T) {
	pack, err := standin.BuildPolicyPack(t.Context(), "testdata/pack", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	program := base()
	s := open(t, program.run, func(o *standin.Options) { o.PolicyPack = pack })
	if r := must(t, "preview of a stack the pack allows", s.Preview); len(r.Violations) > 0 {
		t.Errorf("preview of a stack the pack allows: %v", r.Violations)
	}

	program.maxReplicas = 60
	s.SetProgram(program.run)
	r, err := s.Preview(t.Context())
	if !errors.Is(err, standin.ErrFailed) || len(r.Violations) != 1 {
		t.Fatalf("preview of a stack the pack forbids = %v with %v, want one violation", err, r.Violations)
	}
	v := r.Violations[0]
	if !v.Mandatory() || v.Policy != "few-replicas" || !strings.Contains(v.Message, "maxReplicas = 60: must be below 50") {
		t.Errorf("the violation reads %+v", v)
	}
	if !strings.HasSuffix(v.URN, "HorizontalPodAutoscaler::backend") {
		t.Errorf("the violation is about %s, want the autoscaler", v.URN)
	}
	if _, err := s.Up(t.Context()); !errors.Is(err, standin.ErrFailed) {
		t.Errorf("up of a stack the pack forbids = %v, want it refused", err)
	}
}
