package rules

import "fmt"

// minBackupDays of automated backups: a week, so that a fault noticed on Monday
// can still be undone to Friday.
const minBackupDays = 7

const optBackupDays = "backupDays"

// rdsDurable prevents losing the data with the stack: by a destroy, by a
// replacement in a preview nobody read, or by a fault found after the backups
// rolled over.
func rdsDurable() Rule {
	return Rule{
		ID: "rds-durable", Severity: Critical, Level: Mandatory, Single: true, Keeps: true,
		What:    "databases survive a mistaken destroy, replacement or write",
		Why:     "the data would be gone with the resource",
		Fix:     "set deletionProtection: true, skipFinalSnapshot: false, backupRetentionPeriod ≥ 7 (headroom:database.backupDays) and the option protect",
		Anchors: []string{"S17", "CKV_AWS_133", "CKV_AWS_293", "AWS-0077", "AWS-0177", "nag RDS10", "nag RDS13"},
		Types:   []string{typeRDSInstance},
		Options: []Option{{Name: optBackupDays, What: "days of automated backups at least", Default: minBackupDays, Low: 1, High: 35}},
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, i := range m.of(typeRDSInstance) {
				all = append(all, judgeDurability(i, m.whole(optBackupDays)))
			}
			return all
		},
	}
}

func judgeDurability(i Resource, least int) Finding {
	if i.at("replicateSourceDb").Known() {
		return notApplicable(i, "a replica can be made again from its source")
	}
	f := &facts{}
	var faults []string
	replica := &facts{}
	if !replica.readable(i.at("replicateSourceDb")) {
		f.waits = replica.waits
		return cannotKnow(i, f, "whether the data is safe")
	}
	check := func(good bool, own facts, fault string) {
		f.waits = append(f.waits, own.waits...)
		if own.complete() && !good {
			faults = append(faults, fault)
		}
	}
	var own [3]facts
	check(own[0].flag(i.at("deletionProtection")), own[0], "deletionProtection is "+show(i.at("deletionProtection")))
	check(!own[1].flag(i.at("skipFinalSnapshot")), own[1], "skipFinalSnapshot is true")
	days := own[2].count(i.at("backupRetentionPeriod"), 0, 0)
	check(days >= least, own[2], fmt.Sprintf("backupRetentionPeriod %d < %d days", days, least))
	switch {
	case !i.Options.Known:
		f.wait("the resource options of %s; a manifest has none", i.label())
	case !i.Options.Protect:
		faults = append(faults, "the option protect is off, so a destroy or a replacement deletes it")
	}
	return decide(i, f, "whether the data is safe", faults, fmt.Sprintf("protected, final snapshot, %d days of backups", days))
}
