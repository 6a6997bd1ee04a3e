package plan

import (
	"slices"
	"strings"
	"testing"
)

// A group of several types has the room of its smallest, and costs and takes
// addresses as the one of them that takes most, whatever their order. A pod of a
// smaller type takes more of its interface's own address: up to a hundredth.
func TestMixture(t *testing.T) {
	wide := []string{"nodes.groups[0].zones=[us-east-1a]", "cluster.subnets[0].cidr=10.0.0.0/16", "cluster.subnets[0].freeIps=60000"}
	tests := map[string]struct {
		reason           string
		sets             []string
		types            string
		room, money, net string
	}{
		"one":             {"is all three", nil, "m7i.xlarge", "m7i.xlarge", "m7i.xlarge", "m7i.xlarge"},
		"smallest last":   {"EKS takes on-demand types in their order", nil, "m7i.4xlarge, m7i.xlarge", "m7i.xlarge", "m7i.4xlarge", "m7i.4xlarge"},
		"smallest first":  {"and the next when EC2 has none of the first", nil, "m7i.xlarge, m7i.4xlarge", "m7i.xlarge", "m7i.4xlarge", "m7i.4xlarge"},
		"spot":            {"EC2 gives what it has most of", []string{"nodes.groups[0].capacityType=spot"}, "m7i.xlarge, m7i.4xlarge", "m7i.xlarge", "m7i.4xlarge", "m7i.4xlarge"},
		"dear and small":  {"price does not follow room", []string{"budget.prices.m7i.xlarge=9"}, "m7i.xlarge, m7i.4xlarge", "m7i.xlarge", "m7i.xlarge", "m7i.4xlarge"},
		"blocks":          {"prefixes", []string{"cluster.podIpMode=prefix"}, "m7i.4xlarge, m7i.xlarge", "m7i.xlarge", "m7i.4xlarge", "m7i.4xlarge"},
		"three":           {"the one in the middle is neither", nil, "m7i.2xlarge, m7i.4xlarge, m7i.xlarge", "m7i.xlarge", "m7i.4xlarge", "m7i.4xlarge"},
		"two of one size": {"no node is larger", nil, "m7i.xlarge, m6i.xlarge", "m7i.xlarge", "m7i.xlarge", "m7i.xlarge"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			of := func(types string) Plan {
				return planned(t, slices.Concat(wide, tc.sets, []string{"nodes.groups[0].instanceTypes=[" + types + "]"})...)
			}
			got, room, money, net := of(tc.types), of(tc.room), of(tc.money), of(tc.net)
			g, r, m := got.Nodes.Groups[0], room.Nodes.Groups[0], money.Nodes.Groups[0]
			if g.FreeMilliCPU != r.FreeMilliCPU || g.FreeMiB != r.FreeMiB || g.MaxPods != r.MaxPods {
				t.Errorf("%s\nroom of %+v, want that of %s: %+v", tc.reason, g, tc.room, r)
			}
			if got.Cost.CeilingUSD != money.Cost.CeilingUSD || g.USDPerHour != m.USDPerHour || g.DearestType != tc.money {
				t.Errorf("%s\n%s costs %g at most, want what %s costs: %g", tc.reason, g.DearestType, got.Cost.CeilingUSD, tc.money, money.Cost.CeilingUSD)
			}
			if have, want := check(t, got, SubnetIPs).Have, check(t, net, SubnetIPs).Have; have < want || have > 1.01*want {
				t.Errorf("%s\n%g addresses, want those of %s: %g", tc.reason, have, tc.net, want)
			}
			if mixed := strings.Contains(tc.types, ","); g.LeastUSDPerHour < g.USDPerHour != mixed {
				t.Errorf("%s\nfrom %g to %g USD per hour", tc.reason, g.LeastUSDPerHour, g.USDPerHour)
			}
		})
	}
}
