package report

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/plan"
)

// Explain tells how the numbers and checks under an id came about: a check id
// such as "db-connections", or a path such as "services.backend.maxReplicas" or
// "services.backend". The second result is false when nothing has that id.
func Explain(p plan.Plan, id string) (string, bool) {
	var b strings.Builder
	for _, c := range p.Checks {
		if c.ID == id {
			explainCheck(&b, c)
		}
	}
	for _, n := range p.Numbers {
		if n.Path == id || strings.HasPrefix(n.Path, id+".") || strings.HasPrefix(n.Path, id+"[") {
			fmt.Fprintf(&b, "%s = %s\n  %s\n", n.Path, n.Value, n.Why)
		}
	}
	return b.String(), b.Len() > 0
}

func explainCheck(b *strings.Builder, c plan.Check) {
	fmt.Fprintf(b, "%s: %s\n", c.ID, Verdict(c))
	if len(c.Parts) == 0 {
		fmt.Fprintf(b, "  %s\n", c.Why)
	}
	for _, part := range c.Parts {
		sign := "≤"
		if !part.OK {
			sign = ">"
		}
		fmt.Fprintf(b, "  %s: %s %s %s %s\n    %s\n", part.Subject, part.Have, sign, part.Limit, part.Unit, part.Why)
	}
	if c.Fix != "" {
		fmt.Fprintf(b, "  fix: %s\n", c.Fix)
	}
}

// Explainable are all ids that Explain knows.
func Explainable(p plan.Plan) []string {
	var ids []string
	for _, c := range p.Checks {
		ids = append(ids, c.ID)
	}
	for _, n := range p.Numbers {
		ids = append(ids, n.Path)
	}
	return ids
}
