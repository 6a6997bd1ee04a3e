package engine_test

import (
	"strings"
	"testing"

	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/stacks"
)

// TestOtherAccount: with the credentials of another account nothing is read and
// nothing is made, whatever the operation.
func TestOtherAccount(t *testing.T) {
	s := open(t, stacks.Program, func(o *standin.Options) { o.Dir, o.Stack, o.Account = root, "prod", "999999999999" })
	for what, do := range map[string]operation{"preview": s.Preview, "up": s.Up} {
		r, err := do(t.Context())
		if told := strings.Join(r.Diagnostics, "\n"); err == nil || !strings.Contains(told, "AWS account ID not allowed: 999999999999") {
			t.Errorf("%s = %v with\n%s\nwant the account refused", what, err, told)
		}
		for name, p := range s.Providers {
			if made := p.Objects(); len(made) > 0 {
				t.Errorf("%s in another account leaves objects in %s: %v", what, name, made)
			}
		}
		for _, resource := range r.Resources {
			if !strings.HasPrefix(resource.Type, "pulumi:") {
				t.Errorf("%s in another account gets as far as %s", what, resource.URN)
			}
		}
	}
}
