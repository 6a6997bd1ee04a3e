package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A text is no number, also where the number may be nothing.
func TestOptionAcceptsNumbers(t *testing.T) {
	least := Option{Name: "spare", Default: 1, Low: 0, High: 9}
	for value, want := range map[any]string{
		0.0: "", 9.0: "", 10.0: "10: must be a whole number from 0 to 9", "3": "3: must be a whole number from 0 to 9", true: "true: must be a whole number from 0 to 9",
	} {
		_, err := least.accept(value)
		if diff := cmp.Diff(want, said(err)); diff != "" {
			t.Errorf("accept(%v) (-want +got):\n%s", value, diff)
		}
	}
}

// A manifest is in no stack, whatever its path is called: a rule that a stack may
// do without holds for it.
func TestStackOf(t *testing.T) {
	for urn, want := range map[string]string{
		"urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::api": "dev", "dev": "", "dev::shop.yaml#1": "", "": "",
	} {
		if got := stackOf(Resource{URN: urn}); got != want {
			t.Errorf("stackOf(%s) = %q, want %q", urn, got, want)
		}
	}
}
