package rules

import (
	"strconv"
	"strings"
)

// rdsMultiAZ prevents an outage of hours: without a standby in another zone, a
// lost zone or host means a restore from the last backup.
func rdsMultiAZ() Rule {
	return Rule{
		ID: "rds-multi-az", Severity: High, Level: Mandatory, Single: true,
		What:    "databases have a standby in another zone",
		Why:     "without one, losing a zone means restoring a backup: hours instead of one or two minutes",
		Fix:     "set headroom:database.multiAz: true",
		Anchors: []string{"CKV_AWS_157", "nag RDS3", "KICS pulumi RDS multi-AZ"},
		Types:   []string{typeRDSInstance}, Options: []Option{relaxedStacks()},
		Eval: each("whether it survives the loss of a zone", func(in Input, v *verdict, i Resource) {
			if in.relaxed(i) {
				v.notApplicable("stack %s may do without a standby", stackOf(i))
				return
			}
			if v.replica(i) {
				return
			}
			v.on(i.at("multiAz"))
			v.pass("a standby in another zone")
		}, typeRDSInstance),
	}
}

// replica ends the judgement of an instance that copies another one.
func (v *verdict) replica(i Resource) bool {
	source := i.at("replicateSourceDb")
	if source.Absent() {
		return false
	}
	v.readable(source)
	v.notApplicable("a replica can be made again from its source")
	return true
}

// rdsStorageGrows prevents the full disk that stops every write at once.
func rdsStorageGrows() Rule {
	return Rule{
		ID: "rds-storage-grows", Severity: High, Level: Mandatory, Single: true,
		What:    "database storage may grow by itself",
		Why:     "a full volume stops every write, and RDS grows it only up to maxAllocatedStorage",
		Fix:     "set headroom:database.storage.maxGiB at least 10 % above storage.gib",
		Anchors: []string{"none elsewhere", "USER_PIOPS.StorageTypes"},
		Types:   []string{typeRDSInstance},
		Eval: each("whether its storage can grow", func(_ Input, v *verdict, i Resource) {
			v.require(func(f *facts) string {
				allocated := f.count(i.at("allocatedStorage"), 0, 0)
				most := f.count(i.at("maxAllocatedStorage"), 0, 0)
				// RDS asks for at least a tenth more
				// (docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.StorageTypes.html, 2026-11).
				if most*10 >= allocated*11 && most > 0 {
					return ""
				}
				return sprintf("maxAllocatedStorage %d GiB is not 10 %% above allocatedStorage %d GiB", most, allocated)
			})
			v.pass("storage grows by itself")
		}, typeRDSInstance),
	}
}

// rdsWindow prevents a restart in the middle of the day: with applyImmediately a
// change of class or engine interrupts at the moment of the update.
func rdsWindow() Rule {
	return Rule{
		ID: "rds-window", Severity: Medium, Level: Mandatory, Single: true,
		What:    "changes that interrupt the database wait for its maintenance window",
		Why:     "applyImmediately fails the database over at the moment of the update, and a major upgrade cannot be undone",
		Fix:     "leave applyImmediately and allowMajorVersionUpgrade false, and pass them by hand for the one update that needs them",
		Anchors: []string{"tf-aws 40089", "terraform-aws-rds 628"},
		Types:   []string{typeRDSInstance},
		Eval: each("whether changes wait for the window", func(_ Input, v *verdict, i Resource) {
			v.off(i.at("applyImmediately"))
			v.off(i.at("allowMajorVersionUpgrade"))
			v.pass("changes wait for the maintenance window")
		}, typeRDSInstance),
	}
}

// rdsCredentials prevents a password that is in the program, its history and
// the state of everybody who may preview.
func rdsCredentials() Rule {
	return Rule{
		ID: "rds-credentials", Severity: Critical, Level: Mandatory, Single: true,
		What:    "master passwords of databases are no plain text",
		Why:     "a password in the program is in its history and in the state for ever",
		Fix:     "set manageMasterUserPassword: true, so that RDS keeps and rotates it, or pass a secret",
		Anchors: []string{"none elsewhere for inputs of a program"},
		Types:   []string{typeRDSInstance},
		Eval: each("whether the master password is plain text", func(_ Input, v *verdict, i Resource) {
			password := i.at("password")
			switch {
			case password.Absent(), password.Secret():
			case password.Unknown():
				v.readable(password)
			default:
				v.fault("password is plain text")
			}
			v.pass("no password in plain text")
		}, typeRDSInstance),
	}
}

// rdsParameters finds the settings of a parameter group that switch off what
// the rest of the stack relies on.
func rdsParameters() Rule {
	return Rule{
		ID: "rds-parameters", Severity: Medium, Level: Mandatory, Single: true,
		What:    "parameter groups keep TLS and pg_stat_statements on",
		Why:     "passwords and rows would cross the network in plain text, or no slow query could be found",
		Fix:     "leave rds.force_ssl at 1, and list pg_stat_statements in shared_preload_libraries where it is set",
		Anchors: []string{"CKV2_AWS_69", "CKV2_AWS_30"},
		Types:   []string{typeParameterGroup},
		Eval: each("whether TLS and statistics stay on", func(_ Input, v *verdict, g Resource) {
			family := v.textOr(g.at("family"), "")
			if family != "" && !strings.Contains(family, "postgres") {
				v.notApplicable("family %s is not PostgreSQL", legible(family))
				return
			}
			v.require(func(f *facts) string { return f.forcedTLS(g) })
			v.require(func(f *facts) string {
				f.readable(g.at("family"))
				value, stated := f.parameter(g, "shared_preload_libraries")
				if !stated || strings.Contains(value, "pg_stat_statements") {
					return ""
				}
				return "shared_preload_libraries " + value + " lacks pg_stat_statements"
			})
			v.pass("TLS is forced, statistics are on")
		}, typeParameterGroup),
	}
}

// forcedSince is the major version from which RDS forces TLS by default
// (docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html, 2026-11).
const forcedSince = 15

func (f *facts) forcedTLS(g Resource) string {
	family := f.textOr(g.at("family"), "")
	value, stated := f.parameter(g, "rds.force_ssl")
	// A family that has no number is taken for an old one.
	major, _ := strconv.Atoi(strings.TrimPrefix(family, "postgres"))
	switch {
	case stated && value != "1":
		return "rds.force_ssl is " + value
	case !stated && major < forcedSince:
		return sprintf("rds.force_ssl is not set, and family %s does not force TLS by itself", show(g.at("family")))
	}
	return ""
}

// parameter is a value that a group states.
func (f *facts) parameter(g Resource, name string) (string, bool) {
	for _, p := range f.list(g.at("parameters")) {
		if f.textOr(p.at("name"), "") == name {
			value := p.at("value")
			return f.textOr(value, ""), true
		}
	}
	return "", false
}
