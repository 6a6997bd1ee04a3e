// Package station serves the requests of one service, one by one: a load
// balancer before pods, each with a queue for its workers and pools of database
// connections.
package station

import "github.com/agencyos/headroom/capacity/queue"

// Config is what requests meet at one service. Times are in seconds.
type Config struct {
	// Balancing picks the pod for a request. Default: queue.RoundRobin.
	Balancing queue.Policy
	// Discipline is how a pod shares its servers. Default: FCFS.
	Discipline Discipline
	// Servers are the requests that one pod truly works on at once.
	Servers int
	// CPU is the time that a request occupies a server.
	CPU Work
	// Kinds are the routes, with shares that add up to 1. At least one.
	Kinds []Kind
	// Pool is the way to the database; nil without one.
	Pool *Pool
	// Queue is how many requests may wait at one pod, or share it beyond one per
	// server; one more is dropped.
	// Default: 2048, the listen backlog of uvicorn
	// (https://www.uvicorn.org/settings/, 2026-11).
	Queue int
	// Client is how callers behave.
	Client Client
}

// Discipline is how a pod shares its servers among requests.
type Discipline string

// The disciplines.
const (
	// FCFS works on requests in the order of their arrival, one per server: a
	// bounded pool of workers.
	FCFS Discipline = "fcfs"
	// PS works on all requests at once: an event loop. Servers are then cores.
	PS Discipline = "ps"
)

// Work is a random time, gamma-distributed as in package queue.
type Work struct {
	// Mean in seconds, CV2 the squared coefficient of variation: 0 is constant.
	Mean, CV2 float64
}

// Kind is one route.
type Kind struct {
	// Share of the requests.
	Share float64
	// Service is the whole time in service when nothing waits, CPU included.
	Service Work
	// Promise is the p99 that users are promised; 0 promises nothing.
	Promise float64
}

// Pool is the connection pool of every worker process.
type Pool struct {
	// PerPod is the number of pools in a pod: workers × engines.
	PerPod int
	// Size stays open once opened, Overflow is opened for bursts.
	Size, Overflow int
	// Timeout of a wait for a connection, after which the request fails; at 0 it
	// fails when none is free.
	Timeout float64
	// Share of the requests that need a connection: the misses of the cache.
	Share float64
	// Hold is how long a request keeps it.
	Hold Work
}

// Client is how callers behave.
type Client struct {
	// Timeout after which a caller gives up; 0 waits for ever. The pod does not
	// notice and finishes the work.
	Timeout float64
	// Retries of a failed request, each after Backoff seconds and jitter of as
	// much again.
	Retries int
	Backoff float64
}

// Window is what happened between two calls of Take. Requests count where they
// arrive, and so do answers and failures, with two exceptions: what a shared pod
// (PS) does counts when it is known, and what is lost with a pod when it is lost.
// A retry is a request of its own.
type Window struct {
	// Requests that arrived.
	Requests float64
	// Promised of them were of a kind with a promise; Broken of these failed or
	// took longer than it.
	Promised, Broken float64
	Failures
	// P99 of all requests in seconds, +Inf when more than one in a hundred
	// failed, 0 without requests.
	P99 float64
	// PoolWait is the p99 of the wait for a connection, 0 without a pool.
	PoolWait float64
	// Connections is the most that were open at once, all pods together.
	Connections int
}

// Failures count failed requests by cause.
type Failures struct {
	// TimedOut: the caller gave up. PoolTimedOut: no connection in time.
	// Refused: the database had no slot. Dropped: the queue was full, or no pod
	// was there. Lost: the pod was gone.
	TimedOut, PoolTimedOut, Refused, Dropped, Lost float64
}

// Sum of all failures.
func (f Failures) Sum() float64 {
	return f.TimedOut + f.PoolTimedOut + f.Refused + f.Dropped + f.Lost
}

// Plus adds failures.
func (f Failures) Plus(g Failures) Failures {
	return Failures{f.TimedOut + g.TimedOut, f.PoolTimedOut + g.PoolTimedOut, f.Refused + g.Refused, f.Dropped + g.Dropped, f.Lost + g.Lost}
}

// Times is so many times the failures.
func (f Failures) Times(x float64) Failures {
	return Failures{f.TimedOut * x, f.PoolTimedOut * x, f.Refused * x, f.Dropped * x, f.Lost * x}
}

// Quantiles of the response time in seconds, failed requests counting as +Inf.
type Quantiles struct{ P50, P90, P99, P999 float64 }

// Conditions are what the rest of the world does to the service; they hold until
// they are set again.
type Conditions struct {
	// Arrival rate of new requests, per second.
	Arrival float64
	// MissShare replaces Pool.Share.
	MissShare float64
	// HoldExtra is added to every hold: the wait inside database and pooler, in
	// seconds. HoldFactor multiplies the hold: a slow database; 0 counts as 1. The
	// response takes longer by as much as the hold does.
	HoldExtra, HoldFactor float64
	// Slots are the database connections that this service may have open; a
	// connection beyond them is refused. 0 is no limit.
	Slots int
}
