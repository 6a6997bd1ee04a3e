package rules

// All are the rules, in the order in which reports list them.
func All() []Rule {
	return []Rule{
		dbConnections(),
		poolUnlimited(),
		hpaReplicasOwned(),
		hpaTriggerWindow(),
		hpaCPURequest(),
		hpaCPULimit(),
		pdbBlocksDrain(),
		gracefulShutdown(),
		surgeHeadroom(),
		rdsDurable(),
		rdsPrivate(),
		rdsEncrypted(),
		rdsStaticParameter(),
		imagePinned(),
	}
}
