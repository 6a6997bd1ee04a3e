package rules

// rdsEncrypted prevents a database that has to be rebuilt: encryption at rest
// can only be chosen at creation, so turning it on later replaces the instance.
func rdsEncrypted() Rule {
	return Rule{
		ID: "rds-encrypted", Severity: High, Level: Mandatory, Single: true,
		What:    "databases are encrypted at rest",
		Why:     "it can only be chosen at creation; later it means a new instance and a migration",
		Fix:     "set storageEncrypted: true on the instance",
		Anchors: []string{"CKV_AWS_16", "AWS-0080", "nag RDS2"},
		Types:   []string{typeRDSInstance},
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, i := range m.of(typeRDSInstance) {
				all = append(all, judgeEncryption(i))
			}
			return all
		},
	}
}

func judgeEncryption(i Resource) Finding {
	if source := i.at("replicateSourceDb"); source.Known() {
		return notApplicable(i, "a replica is encrypted as its source is")
	}
	f := &facts{}
	f.readable(i.at("replicateSourceDb"))
	var faults []string
	encrypted := f.flag(i.at("storageEncrypted"))
	if f.complete() && !encrypted {
		faults = append(faults, "storageEncrypted is "+show(i.at("storageEncrypted")))
	}
	return decide(i, f, "whether it is encrypted", faults, "storageEncrypted is true")
}
