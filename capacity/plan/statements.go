package plan

// statements say in a sentence what each check proves, for people who did not
// write it.
var statements = map[string]string{
	DBConnections:       "every worker of every pod at its maximum finds a database connection, also while pods are replaced",
	DBLoad:              "the database's CPU and volume carry the load, also at today's peak with an empty cache",
	DBPoolWait:          "no request waits for a connection longer than its promise allows",
	NodeCapacity:        "every pod at its maximum finds a node, and today's peak survives the loss of a zone",
	SubnetIPs:           "nodes and pods at their maximum find free addresses in every zone",
	TriggerTime:         "the autoscaler decides in time after the load rises, in the worst case",
	CapacityTime:        "new pods are ready before the load has used up those that run, and come as fast as the load rises",
	HPAReachable:        "the autoscaler's metric reaches its trigger before a pod is saturated",
	LatencyPeak:         "responses stay as fast as promised at the load asked for, and not slower than today",
	CacheMemory:         "the data that is read often fits the memory of the cache",
	CacheConnections:    "every process that uses the cache finds a connection",
	OriginLoad:          "what the CDN lets through is what the services are sized for",
	CostFloor:           "the bill is within the budget when little happens",
	CostCeiling:         "the bill is within the budget with everything scaled out all month",
	EdgeLimits:          "rules and lifetimes fit the plan of the CDN",
	AlertsRouted:        "every ceiling has a threshold below it, and somebody is told",
	RolloutAvailability: "replacing pods leaves enough of them and drops no request",
	SimulationAgrees:    "a replay of the load, request by request, confirms the figures",
}

// Statement is what a check proves, in a sentence; empty for an unknown id.
func Statement(id string) string { return statements[id] }
