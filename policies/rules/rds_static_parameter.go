package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
)

// rdsStaticParameter prevents an update that fails half-way: RDS refuses a
// static parameter with the default apply method by InvalidParameterCombination,
// without saying which, after other resources were already changed.
func rdsStaticParameter() Rule {
	return Rule{
		ID: "rds-static-parameter", Severity: Medium, Level: Mandatory, Single: true,
		What:    "static PostgreSQL parameters are applied by pending-reboot",
		Why:     "RDS refuses the parameter group in the middle of the update and does not name the parameter",
		Fix:     "set applyMethod: pending-reboot on the parameter when the group is created; changing it later never converges",
		Anchors: []string{"tf-aws 36419", "tf-aws 18035"},
		Types:   []string{typeParameterGroup},
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, g := range m.of(typeParameterGroup) {
				all = append(all, judgeParameters(g))
			}
			return all
		},
	}
}

const pendingReboot = "pending-reboot"

func judgeParameters(g Resource) Finding {
	f := &facts{}
	family := f.textOr(g.at("family"), "")
	if family != "" && !strings.Contains(family, "postgres") {
		return notApplicable(g, "family %s is not PostgreSQL", legible(family))
	}
	major, _ := strconv.Atoi(strings.TrimLeft(family, "abcdefghijklmnopqrstuvwxyz-"))
	var faults []string
	for _, p := range f.list(g.at("parameters")) {
		name := f.textOr(p.at("name"), "")
		if !catalog.StaticParameter(name, major) {
			continue
		}
		own := &facts{}
		if method := own.textOr(p.at("applyMethod"), "immediate"); own.complete() && method != pendingReboot {
			faults = append(faults, fmt.Sprintf("%s is static and has applyMethod %s", name, legible(method)))
		}
		f.waits = append(f.waits, own.waits...)
	}
	if family == "" && len(faults) > 0 {
		// Of an unread family these may be dynamic.
		f.wait("family of %s to be set", g.label())
		return cannotKnow(g, f, "whether RDS accepts the parameters: "+strings.Join(faults, "; "))
	}
	return decide(g, f, "whether RDS accepts the parameters", faults, "every static parameter waits for a reboot")
}
