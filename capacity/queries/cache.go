package queries

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/statement"
	"github.com/agencyos/headroom/capacity/text"
)

// Cache is which results are worth keeping, and what that would spare.
type Cache struct {
	Candidates []Cacheable `json:"candidates"`
	// HitRatio is the share of the SELECTs looked into, 0 to 1, that the cache
	// would answer: what cacheHitRatio of a baseline is for requests.
	HitRatio float64 `json:"hitRatio"`
	// TimeShare of the database that this spares, 0 to 1.
	TimeShare float64 `json:"timeShare"`
	// Unknown says why nothing can be told; empty otherwise.
	Unknown string `json:"unknown,omitempty"`
}

// Cacheable is a query whose result stays the same long enough.
type Cacheable struct {
	QueryID QueryID `json:"queryId"`
	// Text of the query.
	Text string `json:"text"`
	// CallsPerSecond of it, and rows written per second to its tables.
	CallsPerSecond  float64 `json:"callsPerSecond"`
	WritesPerSecond float64 `json:"writesPerSecond"`
	// Results is how many different ones there may be, at most: one for each
	// combination of the values that its parameters are compared with. 0 unknown.
	Results float64 `json:"results"`
	// TTLSeconds after which a result is fetched anew.
	TTLSeconds float64 `json:"ttlSeconds"`
	// HitRatio that this gives, 0 to 1, when all results are asked for equally
	// often: the least for so many of them. 0 where Results is unknown.
	HitRatio float64 `json:"hitRatio"`
	// TimeShare of the database that this spares, 0 to 1.
	TimeShare float64 `json:"timeShare"`
	Why       string  `json:"why"`
}

const (
	// leastCalls per second that are worth a cache in between.
	leastCalls = 1
	// leastHits is the hit ratio below which the cache costs more than it spares.
	leastHits = 0.3
	// mostStale is the share of results that may be out of date when they expire.
	mostStale = 0.05
	// shortestTTL: below it, results change too often to be kept by time alone.
	// longestTTL bounds how long a change that nobody counted can stay unseen.
	shortestTTL = 5 * time.Second
	longestTTL  = time.Hour
	// unseen is how many writes there may be where none was seen, with 95 %
	// confidence: the rule of three. A short look proves little.
	// https://en.wikipedia.org/wiki/Rule_of_three_(statistics) (2026-11-25)
	unseen = 3
)

// cache looks for results worth keeping.
func (a *adviser) cache(ctx context.Context, statements []Advice) (Cache, error) {
	if a.Writes == nil {
		return Cache{Candidates: []Cacheable{}, Unknown: "the rate of writes is unknown: --interval or --since gives it"}, nil
	}
	volatile, err := a.volatile(ctx, statements)
	if err != nil {
		return Cache{}, err
	}
	out := Cache{Candidates: []Cacheable{}}
	calls, hits := 0.0, 0.0
	for _, s := range statements {
		if s.Kind == statement.Select {
			calls += s.CallsPerSecond()
		}
		c, ok := a.cacheable(s, volatile)
		if !ok {
			continue
		}
		out.Candidates = append(out.Candidates, c)
		out.TimeShare += c.TimeShare
		hits += c.HitRatio * c.CallsPerSecond
	}
	if calls > 0 {
		out.HitRatio = hits / calls
	}
	return out, nil
}

// volatile are the functions of the statements that give another result each
// time.
func (a *adviser) volatile(ctx context.Context, statements []Advice) ([]string, error) {
	var names []string
	for _, s := range statements {
		names = append(names, s.parsed.Functions...)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		return nil, nil
	}
	return a.db.Volatile(ctx, names)
}

// stable tells whether the same query gives the same result until a table is
// written to.
func stable(s Advice, volatile []string) bool {
	p := s.parsed
	uncertain := slices.ContainsFunc(p.Functions, func(f string) bool { return slices.Contains(volatile, f) })
	return s.root != nil && p.Kind == statement.Select && !p.Locks && !p.Writes && p.Clock() == "" && !uncertain
}

func (a *adviser) cacheable(s Advice, volatile []string) (Cacheable, bool) {
	if !stable(s, volatile) || s.CallsPerSecond() < leastCalls || len(s.scans) == 0 {
		return Cacheable{}, false
	}
	c := Cacheable{QueryID: s.QueryID, Text: s.Text, CallsPerSecond: s.CallsPerSecond(), Results: a.results(s)}
	seen := map[explain.Table]bool{}
	for _, scan := range s.scans {
		name, _ := scan.Table()
		t, known := a.tables[name]
		if !known || !t.Indexable() {
			return c, false
		}
		if !seen[name] {
			seen[name] = true
			c.WritesPerSecond += a.writesTo(t)
		}
	}
	return c.timed(s.Share, a.writesSeconds)
}

// results is how many different results a query may have; 0 when its parameters
// are not all compared for equality with columns.
func (a *adviser) results(s Advice) float64 {
	product, params := 1.0, 0
	for _, scan := range s.scans {
		name, _ := scan.Table()
		t := a.tables[name]
		for _, c := range scan.Conditions {
			column, ok := t.Column(c.Column)
			if !c.Param {
				continue
			}
			if c.Use != explain.Equal || !ok {
				return 0
			}
			params++
			product *= max(1, t.Count(column))
		}
	}
	if params < s.search.Params {
		return 0
	}
	return product
}

// timed gives a candidate its time to live. A write is taken to change the
// results of one combination of values, whichever, so that the results of each
// change every results ÷ writes seconds; the time to live is the one after which
// at most mostStale of them are out of date.
func (c Cacheable) timed(share, seconds float64) (Cacheable, bool) {
	writes := max(c.WritesPerSecond, unseen/seconds)
	ttl := min(longestTTL.Seconds(), -math.Log1p(-mostStale)*max(1, c.Results)/writes)
	if ttl < shortestTTL.Seconds() {
		return c, false
	}
	c.TTLSeconds = math.Floor(ttl)
	seen := fmt.Sprintf("%s rows a second are written to its tables", figure(c.WritesPerSecond))
	if c.WritesPerSecond < writes {
		seen = fmt.Sprintf("next to nothing was written to its tables in %s, taken for up to %s rows a second", span(seconds), figure(writes))
	}
	c.Why = fmt.Sprintf("%s calls a second, %s", figure(c.CallsPerSecond), seen)
	if c.Results == 0 {
		c.Why += "; how many different results there are is not known from the statement, so neither is the hit ratio"
		return c, true
	}
	// One miss fetches a result, and what asks for it within the time to live hits.
	asked := c.CallsPerSecond / c.Results * c.TTLSeconds
	c.HitRatio = asked / (1 + asked)
	c.TimeShare = share * c.HitRatio
	c.Why += fmt.Sprintf("; %s at most, each asked for every %s", text.Count(int(math.Ceil(c.Results)), "result", "results"), span(c.Results/c.CallsPerSecond))
	return c, c.HitRatio >= leastHits
}
