package plan

import (
	"maps"
	"slices"
	"strings"
)

// world is a plan with its inputs: everything that the checks look at. The
// settings in the plan are frozen; only the load may vary.
type world struct {
	input
	plan *Plan
}

// prover proves one check at a multiple of today's peak.
type prover struct {
	id string
	// varies says whether the answer depends on the load.
	varies bool
	prove  func(w world, m float64) []Part
}

// provers in the order of the documentation.
func provers() []prover {
	return []prover{
		{DBConnections, false, world.dbConnections},
		{DBLoad, true, world.dbLoad},
		{DBPoolWait, true, world.dbPoolWait},
		{NodeCapacity, false, world.nodeCapacity},
		{SubnetIPs, false, world.subnetIPs},
		{TriggerTime, false, world.triggerTime},
		{CapacityTime, true, world.capacityTime},
		{HPAReachable, false, world.hpaReachable},
		{LatencyPeak, true, world.latencyPeak},
		{CacheMemory, false, world.cacheMemory},
		{CacheConnections, false, world.cacheConnectionsFit},
		{OriginLoad, true, world.originLoad},
		{CostFloor, false, world.costFloor},
		{CostCeiling, false, world.costCeiling},
		{EdgeLimits, false, world.edgeLimits},
		{AlertsRouted, false, world.alertsRouted},
		{RolloutAvailability, true, world.rolloutAvailability},
	}
}

// CheckIDs are the ids of all checks, in order.
func CheckIDs() []string {
	var ids []string
	for _, p := range provers() {
		ids = append(ids, p.id)
	}
	return ids
}

// prove runs every check at a multiple of today's peak.
func (w world) prove(m float64) []Check {
	var checks []Check
	for _, p := range provers() {
		checks = append(checks, NewCheck(p.id, p.prove(w, m)))
	}
	return checks
}

// under joins a service and what is said about it.
func under(parts ...string) string { return strings.Join(parts, " ") }

// Names are the services of a plan in a fixed order.
func Names(p Plan) []string { return slices.Sorted(maps.Keys(p.Services)) }
