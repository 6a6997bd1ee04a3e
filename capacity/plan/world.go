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

// proof makes the parts of a check at a multiple of today's peak.
type proof func(w world, m float64) []Part

// prover proves one check.
type prover struct {
	id    string
	prove proof
	// loaded are the parts whose answer depends on the load; nil when none does.
	loaded proof
}

// constant is the prover of a check that every load finds the same.
func constant(id string, prove proof) prover { return prover{id: id, prove: prove} }

// varying is the prover of a check that depends on the load as a whole.
func varying(id string, prove proof) prover { return prover{id, prove, prove} }

// provers in the order of the documentation.
func provers() []prover {
	return []prover{
		constant(DBConnections, world.dbConnections),
		varying(DBLoad, world.dbLoad),
		varying(DBPoolWait, world.dbPoolWait),
		{NodeCapacity, world.nodeCapacity, world.requestsHold},
		constant(SubnetIPs, world.subnetIPs),
		constant(TriggerTime, world.triggerTime),
		varying(CapacityTime, world.capacityTime),
		constant(HPAReachable, world.hpaReachable),
		varying(LatencyPeak, world.latencyPeak),
		constant(CacheMemory, world.cacheMemory),
		constant(CacheConnections, world.cacheConnectionsFit),
		varying(OriginLoad, world.originLoad),
		constant(CostFloor, world.costFloor),
		constant(CostCeiling, world.costCeiling),
		constant(EdgeLimits, world.edgeLimits),
		constant(AlertsRouted, world.alertsRouted),
		varying(RolloutAvailability, world.rolloutAvailability),
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
