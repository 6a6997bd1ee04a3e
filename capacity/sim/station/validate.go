package station

import (
	"errors"
	"fmt"
	"math"

	"github.com/agencyos/headroom/capacity/queue"
)

// Bounds of a configuration: beyond them a run would take hours or memory
// without meaning anything.
const (
	mostServers     = 1024
	mostConnections = 1 << 16
	mostQueue       = 1 << 20
	mostRetries     = 100
	longestTime     = 1e6 // seconds
	uvicornBacklog  = 2048
)

// WithDefaults fills in what is not stated.
func (c Config) WithDefaults() Config {
	if c.Balancing == "" {
		c.Balancing = queue.RoundRobin
	}
	if c.Discipline == "" {
		c.Discipline = FCFS
	}
	if c.Queue == 0 {
		c.Queue = uvicornBacklog
	}
	return c
}

// Validate lists everything that is wrong with a configuration, its defaults
// filled in.
func (c Config) Validate() error {
	c = c.WithDefaults()
	var errs []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	require(c.Balancing.Valid(), "balancing = %q: must be roundRobin, random or leastOutstanding", c.Balancing)
	require(c.Discipline == FCFS || c.Discipline == PS, "discipline = %q: must be fcfs or ps", c.Discipline)
	require(c.Servers >= 1 && c.Servers <= mostServers, "servers = %d: must be from 1 to %d", c.Servers, mostServers)
	require(c.Queue >= 1 && c.Queue <= mostQueue, "queue = %d: must be from 1 to %d", c.Queue, mostQueue)
	require(c.CPU.Mean > 0, "cpu mean = %g: must be above 0", c.CPU.Mean)
	require(c.CPU.Valid(), "cpu = %+v: must be times from 0 to %g s and a cv2 from 0 to 100", c.CPU, longestTime)
	sum := 0.0
	for i, k := range c.Kinds {
		sum += k.Share
		require(k.Share >= 0 && k.Share <= 1+1e-9, "kinds[%d] share = %g: must be from 0 to 1", i, k.Share)
		require(k.Service.Valid() && k.Service.Mean > 0, "kinds[%d] service = %+v: must be a time above 0 up to %g s and a cv2 from 0 to 100", i, k.Service, longestTime)
		require(k.Promise >= 0 && k.Promise <= longestTime, "kinds[%d] promise = %g: must be from 0 to %g s", i, k.Promise, longestTime)
	}
	require(len(c.Kinds) > 0 && math.Abs(sum-1) < 1e-6, "kinds: the shares of %d kinds add up to %g, not to 1", len(c.Kinds), sum)
	errs = append(errs, c.Client.problems()...)
	if c.Pool != nil {
		errs = append(errs, c.Pool.problems()...)
	}
	return errors.Join(errs...)
}

func (c Client) problems() []error {
	var errs []error
	if !(c.Timeout >= 0 && c.Timeout <= longestTime) || !(c.Backoff >= 0 && c.Backoff <= longestTime) {
		errs = append(errs, fmt.Errorf("client timeout = %g and backoff = %g: must be from 0 to %g s", c.Timeout, c.Backoff, longestTime))
	}
	if c.Retries < 0 || c.Retries > mostRetries {
		errs = append(errs, fmt.Errorf("client retries = %d: must be from 0 to %d", c.Retries, mostRetries))
	}
	return errs
}

func (p *Pool) problems() []error {
	var errs []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("pool: "+format, args...))
		}
	}
	require(p.PerPod >= 1 && p.PerPod <= mostServers, "%d per pod: must be from 1 to %d", p.PerPod, mostServers)
	require(p.Size >= 0 && p.Overflow >= 0 && p.Size+p.Overflow >= 1 && p.Size <= mostConnections && p.Overflow <= mostConnections,
		"size = %d and overflow = %d: must be from 0 to %d and at least 1 together", p.Size, p.Overflow, mostConnections)
	require(p.Timeout >= 0 && p.Timeout <= longestTime, "timeout = %g: must be from 0 to %g s", p.Timeout, longestTime)
	require(p.Share >= 0 && p.Share <= 1, "share = %g: must be from 0 to 1", p.Share)
	require(p.Hold.Valid(), "hold = %+v: must be a time from 0 to %g s and a cv2 from 0 to 100", p.Hold, longestTime)
	return errs
}

// Valid says that both are numbers within bounds: a mean of up to 1e6 s and a
// variation of up to 100.
func (w Work) Valid() bool {
	return w.Mean >= 0 && w.Mean <= longestTime && w.CV2 >= 0 && w.CV2 <= 100
}
