// Package queue predicts waiting: how long requests wait for a worker and
// connections for a pool, in the steady state, from rates and two moments.
//
// A Station is a G/G/c queue served first come, first served. With Poisson
// arrivals and exponential service (both cv² 1) every answer is exact M/M/c.
// Otherwise the probability of waiting is Erlang's, the mean wait is that of
// Allen and Cunneen, and the wait of those who wait is exponential with the
// same mean (the heavy-traffic limit, doi 10.1287/opre.43.5.885, read
// 2026-11-23). The response time adds an independent service time from the
// gamma distribution with the given mean and cv². Against simulations of 1, 4
// and 16 servers at 50 to 90 % load and cv² 0.25 to 2 the mean is within 3 % and
// the p99 within 4 % (TestAgainstSimulation).
//
// Two things it does not know: ramps (a queue that has not settled) and
// saturation. At a utilization of 1 or more there is no steady state, and every
// time is +Inf.
//
// No function panics or returns NaN. Parameters without a meaning (negative,
// NaN, infinite, no server) give the worst answer, saturation, because a proof
// must not pass on nonsense. Times are in seconds, rates per second.
package queue
