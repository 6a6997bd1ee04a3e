// Package loadtest reads what load generators write and reduces it to steps of
// constant load: the raw results and summaries of k6, the results and reports of
// vegeta, and CSV.
//
// Raw results are exact: latencies belong to the step in which their request
// began, quantiles are those of all samples, and the regularity of the arrivals is
// measured. A summary or a line of CSV is one step as it stands.
//
// Three traps are told, never smoothed over. A generator that ran out of virtual
// users drops iterations instead of delaying them, so the latencies of such a step
// are those of the requests that were sent, and Step.Dropped censors it. A closed
// generator, whose users wait for the answer before they ask again, slows down
// with the service and omits the waiting of everybody else: Step.Closed. And
// generators space requests evenly where people do not: Step.ArrivalCV2.
//
// The package is pure: it reads from io.Reader and returns values, or
// baseline.Problems. Latencies are in milliseconds, rates per second.
package loadtest
