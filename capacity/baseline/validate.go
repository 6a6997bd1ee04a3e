package baseline

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFigure bounds every figure. Nothing measured in the units of this file
// comes near it, and products of bounded figures stay finite downstream.
const maxFigure = 1e9

var (
	stackForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	serviceForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	routeForm   = regexp.MustCompile(`^[A-Z]+ /\S*$`)
)

// Validate returns every problem of the baseline as Problems, or nil.
func (b Baseline) Validate() error { return b.problems().err() }

func (b Baseline) problems() Problems {
	var c checker
	c.head(b)
	c.measured(b)
	for _, name := range slices.Sorted(maps.Keys(b.Services)) {
		c.service(name, b.Services[name])
	}
	c.positive("nodes.bootSeconds", b.Nodes.BootSeconds, "measure the p95 from scale-up request to Ready; 75 is usual on EKS")
	c.atLeastZero("cache.workingSetMiB", b.Cache.WorkingSetMiB)
	c.atLeastZero("cache.opMicros", b.Cache.OpMicros)
	c.cacheCost(b)
	return c.found
}

// checker collects problems; each method is one kind of rule.
type checker struct{ found Problems }

func (c *checker) add(path, value, rule, fix string) {
	c.found = append(c.found, Problem{Path: path, Value: value, Rule: rule, Fix: fix})
}

func (c *checker) head(b Baseline) {
	if !stackForm.MatchString(b.Stack) {
		c.add("stack", quote(b.Stack), "must be a stack name", `write the stack's name, such as "prod"`)
	}
	if strings.TrimSpace(b.Source) == "" {
		c.add("source", quote(b.Source), "must say what measured the figures", `write the tool and the run, such as "k6 2.2.0, one pod, staging"`)
	}
	if _, err := time.Parse(time.DateOnly, b.Date); err != nil {
		c.add("date", quote(b.Date), "must be the day of the measurement", "write it as YYYY-MM-DD")
	}
	if len(b.Services) == 0 {
		c.add("services", "{}", "must name at least one service", "load-test one pod; baselines/prod.json shows the form")
	}
}

func (c *checker) service(name string, s Service) {
	at := "services." + name
	if !serviceForm.MatchString(name) {
		at = "services[" + quote(name) + "]"
		c.add(at, "", "must be a DNS label of at most 63 characters", "use lower-case letters, digits and dashes")
	}
	c.positive(at+".kneeRps", s.KneeRPS, "load one pod with the HPA off until p99 bends, and write that rate")
	c.positive(at+".cpuMillis", s.CPUMillis, "divide CPU-milliseconds by requests over a load step")
	c.positive(at+".serviceMillis", s.ServiceMillis, "take the mean latency of the lightest load step")
	c.positive(at+".serviceCv2", s.ServiceCV2, "write (standard deviation / mean)² of the lightest load step, 1 if unknown")
	c.atLeastZero(at+".idleCpuMilli", s.IdleCPUMilli)
	c.positive(at+".startupSeconds", s.StartupSeconds, "measure container start to Ready")
	c.positive(at+".memoryMiB", s.MemoryMiB, "read the pod's resident memory at the knee")
	c.ratio(at+".cacheHitRatio", s.CacheHitRatio)
	c.atLeastZero(at+".cacheOpsPerRequest", s.CacheOpsPerRequest)
	c.notBelow(at+".serviceMillis", s.ServiceMillis, "cpuMillis", s.CPUMillis, "time in service includes the CPU time")
	c.p99(at+".p99Millis", s)
	if s.CacheHitRatio > 0 && s.CacheOpsPerRequest == 0 {
		c.add(at+".cacheOpsPerRequest", "0", "must be above 0 where cacheHitRatio is", "write the Redis operations per request, at least the share that hits")
	}
	if s.Database != nil {
		c.database(at+".database", *s.Database)
	}
	if s.Fit != nil {
		c.fit(at+".fit", *s.Fit)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Routes)) {
		c.route(at+".routes["+quote(key)+"]", key, s)
	}
}

func (c *checker) p99(at string, s Service) {
	if s.P99Millis == nil {
		return
	}
	c.positive(at, *s.P99Millis, "write milliseconds, or leave it out")
	c.notBelow(at, *s.P99Millis, "serviceMillis", s.ServiceMillis, "check that both are in milliseconds")
}

func (c *checker) database(at string, d DatabaseUse) {
	c.positive(at+".holdMillis", d.HoldMillis, "measure the time between checkout and return of a connection")
	c.positive(at+".holdCv2", d.HoldCV2, "write (standard deviation / mean)² of the hold time, 1 if unknown")
	c.positive(at+".cpuMillis", d.CPUMillis, "divide the database's CPU-milliseconds by the requests that reach it")
	c.atLeastZero(at+".ioPerRequest", d.IOPerRequest)
	c.positive(at+".transactionsPerRequest", d.TransactionsPerRequest, "count commits and rollbacks per request, usually 1")
}

func (c *checker) route(at, key string, s Service) {
	if !routeForm.MatchString(key) {
		c.add(at, "", "must be a method and a path", `write it like "GET /api/x"`)
	}
	own, whole := s.Routes[key], s.Route(key)
	c.atLeastZero(at+".cpuMillis", own.CPUMillis)
	c.atLeastZero(at+".serviceMillis", own.ServiceMillis)
	c.atLeastZero(at+".serviceCv2", own.ServiceCV2)
	c.atLeastZero(at+".firstByteMillis", own.FirstByteMillis)
	if own.CPUMillis != 0 || own.ServiceMillis != 0 {
		c.notBelow(at+".serviceMillis", whole.ServiceMillis, "cpuMillis", whole.CPUMillis, "time in service includes the CPU time; a figure left out is the service's")
	}
	if own.FirstByteMillis > whole.ServiceMillis {
		c.add(at+".firstByteMillis", num(own.FirstByteMillis),
			"must be at most serviceMillis "+num(whole.ServiceMillis), "the first byte cannot come after the last")
	}
}

// cacheCost asks for the price of a cache operation as soon as somebody makes
// one: without it the load on Redis would silently be zero.
func (c *checker) cacheCost(b Baseline) {
	if b.Cache.OpMicros != 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(b.Services)) {
		if b.Services[name].CacheOpsPerRequest > 0 {
			c.add("cache.opMicros", "0", fmt.Sprintf("must be above 0: services.%s makes cache operations", name),
				"divide Redis CPU-microseconds by its commands (INFO commandstats)")
			return
		}
	}
}

func (c *checker) positive(at string, v float64, fix string) {
	if !(v > 0 && v <= maxFigure) { // also refuses NaN
		c.add(at, num(v), "must be above 0 and at most 1e9", fix)
	}
}

func (c *checker) atLeastZero(at string, v float64) {
	if !(v >= 0 && v <= maxFigure) {
		c.add(at, num(v), "must be 0 or more and at most 1e9", "write the measured figure, or leave it out")
	}
}

func (c *checker) ratio(at string, v float64) {
	if !(v >= 0 && v <= 1) {
		c.add(at, num(v), "must be a ratio between 0 and 1", "write 0.9 for 90 %")
	}
}

// notBelow compares two figures of one object once both are valid, so that one
// bad figure makes one problem.
func (c *checker) notBelow(at string, v float64, floorName string, floor float64, fix string) {
	if v > 0 && floor > 0 && v < floor {
		c.add(at, num(v), "must be at least "+floorName+" "+num(floor), fix)
	}
}

func num(v float64) string    { return strconv.FormatFloat(v, 'g', -1, 64) }
func quote(s string) string   { return strconv.Quote(shorten(s)) }
func shorten(s string) string { return s[:min(len(s), 80)] }
