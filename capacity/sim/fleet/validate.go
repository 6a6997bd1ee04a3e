package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
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
	usual := budget.ClusterAutoscaler
	a.Scan = cmp.Or(a.Scan, usual.Scan)
	a.Unneeded = cmp.Or(a.Unneeded, usual.Unneeded)
	a.AfterAdd = cmp.Or(a.AfterAdd, usual.AfterAdd)
	a.Threshold = cmp.Or(a.Threshold, usual.Threshold)
	return a
}

// AllZones of the cluster, in the order in which groups name them.
func (c Config) AllZones() []string {
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

// faults collects what is wrong.
type faults []error

func (f *faults) require(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf("fleet: "+format, args...))
	}
}

// Validate lists everything that is wrong with a cluster.
func (c Config) Validate() error {
	var f faults
	f.require(len(c.Groups) > 0, "groups: at least one is needed")
	for i, g := range c.Groups {
		g.check(&f, fmt.Sprintf("groups[%d] %s", i, g.Name))
	}
	names := map[string]bool{}
	for i, d := range c.Demands {
		at := fmt.Sprintf("demands[%d] %s", i, d.Name)
		f.require(!names[d.Name], "%s: the name occurs twice", at)
		names[d.Name] = true
		f.require(natural(d.Each), "%s: each = %+v: must not be negative", at, d.Each)
		f.require(d.Fixed >= 0 && d.Fixed <= mostFixed, "%s: fixed = %d: must be from 0 to %d", at, d.Fixed, mostFixed)
	}
	a := c.Autoscaler.withDefaults()
	f.require(a.Scan >= time.Second && max(a.Scan, a.Unneeded, a.AfterAdd) <= longest && min(a.Unneeded, a.AfterAdd) >= 0,
		"autoscaler: scan = %s, unneeded = %s, afterAdd = %s: must be up to %s, scan from 1s", a.Scan, a.Unneeded, a.AfterAdd, longest)
	f.require(a.Threshold > 0 && a.Threshold <= 1, "autoscaler: threshold = %g: must be above 0 and at most 1", a.Threshold)
	return errors.Join(f...)
}

func (g Group) check(f *faults, at string) {
	f.require(g.Min >= 0 && g.Min <= g.Start && g.Start <= g.Max && g.Max <= mostNodes,
		"%s: min = %d, start = %d, max = %d: must ascend from 0 to %d", at, g.Min, g.Start, g.Max, mostNodes)
	f.require(natural(g.Free), "%s: free = %+v: must not be negative", at, g.Free)
	f.require(g.Boot >= 0 && g.Boot <= longest, "%s: boot = %s: must be from 0s to %s", at, g.Boot, longest)
	f.require(g.USDPerHour >= 0 && !math.IsInf(g.USDPerHour, 1), "%s: price = %g: must be a number from 0", at, g.USDPerHour)
}

func natural(a budget.Amount) bool { return a.MilliCPU >= 0 && a.MiB >= 0 && a.Pods >= 0 }
