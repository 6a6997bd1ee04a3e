package rules

// All are the rules, in the order in which reports list them: what scales, then
// what it scales, then what is around it.
func All() []Rule {
	return []Rule{
		dbConnections(), poolUnlimited(),
		nodeCapacity(), subnetIPs(),
		hpaReplicasOwned(), hpaTriggerWindow(), metricsFresh(), hpaRange(), hpaSingle(), hpaScaleDown(), hpaCPURequest(), hpaCPULimit(), hpaMemory(),
		pdbBlocksDrain(), pdbPresent(), pdbUnhealthy(),
		gracefulShutdown(), surgeHeadroom(), podSpread(), podEvictable(), clusterAutoscaler(), priorityPause(),
		cacheClients(), cacheEviction(), alarmCoverage(), statefulProtected(),
		podHardened(), podProbes(), podMemory(), podToken(), secretPlain(), imagePinned(), chartPinned(),
		nodeIMDS(), nodeDisk(), nodeReplaceable(), iamLeast(), iamTrust(),
		rdsDurable(), rdsPrivate(), rdsEncrypted(), rdsCredentials(), rdsStaticParameter(), rdsParameters(),
		rdsMultiAZ(), rdsStorageGrows(), rdsWindow(),
		cacheEncrypted(), cacheAccess(), cacheFailover(),
		s3Public(), s3Policy(),
		cdnHTTPS(), cdnOrigin(), cdnPrivate(), certRenews(),
		zoneTLS(), zoneStale(), zonePhase(), cacheRule(),
	}
}
