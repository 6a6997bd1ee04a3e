package fleet

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Bounds of a cluster: beyond them a run takes hours and means nothing.
const (
	mostNodes  = 10000
	mostFixed  = 100000
	longest    = 24 * time.Hour
	noZoneName = "everywhere"
)

// withDefaults fills in what is not stated.
func (a Autoscaler) withDefaults() Autoscaler {
	if a.Scan == 0 {
		a.Scan = 10 * time.Second
	}
	if a.Unneeded == 0 {
		a.Unneeded = 10 * time.Minute
	}
	if a.AfterAdd == 0 {
		a.AfterAdd = 10 * time.Minute
	}
	if a.Threshold == 0 {
		a.Threshold = 0.5
	}
	return a
}

// zones are all zones of the cluster, in the order in which groups name them.
func (c Config) zones() []string {
	var out []string
	for g := range c.Groups {
		for _, z := range c.zonesOf(g) {
			if !slices.Contains(out, z) {
				out = append(out, z)
			}
		}
	}
	return out
}

// zonesOf a group: its own, else the cluster's.
func (c Config) zonesOf(g int) []string {
	switch {
	case len(c.Groups[g].Zones) > 0:
		return c.Groups[g].Zones
	case len(c.Zones) > 0:
		return c.Zones
	}
	return []string{noZoneName}
}

// Validate lists everything that is wrong with a cluster.
func (c Config) Validate() error {
	var errs []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("fleet: "+format, args...))
		}
	}
	require(len(c.Groups) > 0, "groups: at least one is needed")
	for i, g := range c.Groups {
		require(g.Min >= 0 && g.Min <= g.Start && g.Start <= g.Max && g.Max <= mostNodes, "groups[%d] %s: min = %d, start = %d, max = %d: must ascend from 0 to %d", i, g.Name, g.Min, g.Start, g.Max, mostNodes)
		require(g.Free.MilliCPU >= 0 && g.Free.MiB >= 0 && g.Free.Pods >= 0, "groups[%d] %s: free = %+v: must not be negative", i, g.Name, g.Free)
		require(g.Boot >= 0 && g.Boot <= longest, "groups[%d] %s: boot = %s: must be from 0s to %s", i, g.Name, g.Boot, longest)
		require(g.USDPerHour >= 0 && !math.IsInf(g.USDPerHour, 1), "groups[%d] %s: price = %g: must be a number from 0", i, g.Name, g.USDPerHour)
	}
	names := map[string]bool{}
	for i, d := range c.Demands {
		require(!names[d.Name], "demands[%d] %s: the name occurs twice", i, d.Name)
		names[d.Name] = true
		require(d.Each.MilliCPU >= 0 && d.Each.MiB >= 0 && d.Each.Pods >= 0, "demands[%d] %s: each = %+v: must not be negative", i, d.Name, d.Each)
		require(d.Fixed >= 0 && d.Fixed <= mostFixed, "demands[%d] %s: fixed = %d: must be from 0 to %d", i, d.Name, d.Fixed, mostFixed)
	}
	a := c.Autoscaler.withDefaults()
	require(a.Scan >= time.Second && max(a.Scan, a.Unneeded, a.AfterAdd) <= longest && min(a.Unneeded, a.AfterAdd) >= 0,
		"autoscaler: scan = %s, unneeded = %s, afterAdd = %s: must be up to %s, scan from 1s", a.Scan, a.Unneeded, a.AfterAdd, longest)
	require(a.Threshold > 0 && a.Threshold <= 1, "autoscaler: threshold = %g: must be above 0 and at most 1", a.Threshold)
	return errors.Join(errs...)
}
