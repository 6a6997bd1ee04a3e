package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestPools(t *testing.T) {
	managed := []string{"nodes.groups[0].mode=managed"}
	cases := map[string]struct {
		reason string
		sets   []string
		want   []NodePool
	}{
		"External": {"others' groups are counted, not made", nil, nil},
		"Zones": {"one in each zone; the first take what is left over", slices.Concat(managed, []string{"nodes.groups[0].minSize=25", "nodes.groups[0].maxSize=60"}), []NodePool{
			{"web-us-east-1a", []string{"us-east-1a"}, 9, 20}, {"web-us-east-1b", []string{"us-east-1b"}, 8, 20}, {"web-us-east-1c", []string{"us-east-1c"}, 8, 20}}},
		"OneZone": {"a group in one zone is one", slices.Concat(managed, []string{"nodes.groups[0].zones=[us-east-1b]"}),
			[]NodePool{{"web", []string{"us-east-1b"}, 24, 60}}},
		"Spot": {"spot capacity is where EC2 has it", slices.Concat(managed, []string{"nodes.groups[0].capacityType=spot"}),
			[]NodePool{{"web", []string{"us-east-1a", "us-east-1b", "us-east-1c"}, 24, 60}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, planned(t, c.sets...).Nodes.Groups[0].Pools); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// Whatever is split adds up, and no zone has more than the loss of one counts.
func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zones := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-f]`), 1, 6, rapid.ID).Draw(t, "zones")
		g := NodeGroup{Zones: zones, MaxSize: rapid.IntRange(0, 450).Draw(t, "max")}
		g.MinSize = rapid.IntRange(0, g.MaxSize).Draw(t, "min")
		least, most := 0, 0
		for _, p := range split(g, spec.OnDemand) {
			least, most = least+p.MinSize, most+p.MaxSize
			if p.MinSize > p.MaxSize || p.MaxSize > zoneNodes(g.MaxSize, zones, p.Zones[0]) {
				t.Fatalf("pool %+v of %+v", p, g)
			}
		}
		if least != g.MinSize || most != g.MaxSize {
			t.Fatalf("pools of %+v add up to %d to %d", g, least, most)
		}
	})
}

func TestReliesOnNodes(t *testing.T) {
	cases := map[string]struct {
		sets []string
		want string
		not  string
	}{
		"External":        {nil, "Cluster Autoscaler runs with --scan-interval=10s, --scale-down-unneeded-time=10m0s", "Karpenter"},
		"Karpenter":       {[]string{"addons.karpenter=external"}, "Karpenter's NodePools are bounded", "Cluster Autoscaler runs"},
		"ManagedOfOthers": {[]string{"addons.clusterAutoscaler=managed"}, "carry the tags k8s.io/cluster-autoscaler/enabled", "Cluster Autoscaler runs"},
		"Agent":           {[]string{"addons.clusterAutoscaler=managed"}, "the EKS Pod Identity agent runs", ""},
		"Spot":            {[]string{"nodes.groups[0].capacityType=spot"}, "EC2 has spot capacity of m7i.xlarge", ""},
		"LongDrain":       {[]string{be + "rollout.drain=30m"}, "--max-graceful-termination-sec=1835 or more", ""},
		"UsualDrain":      {[]string{be + "rollout.drain=9m"}, "Cluster Autoscaler runs", "graceful"},
		"DrainOfManaged":  {[]string{be + "rollout.drain=30m", "addons.clusterAutoscaler=managed"}, "the EKS Pod Identity agent runs", "graceful"},
		"Prefixes":        {[]string{"cluster.podIpMode=prefix"}, "ENABLE_PREFIX_DELEGATION=true", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := strings.Join(planned(t, c.sets...).Relies, "\n")
			if !strings.Contains(all, c.want) || c.not != "" && strings.Contains(all, c.not) {
				t.Errorf("relies on\n%s\nwant %q and not %q", all, c.want, c.not)
			}
		})
	}
}

// Cluster Autoscaler may not kill a pod before the service does.
func TestAutoscalerGrace(t *testing.T) {
	cases := map[string]struct {
		reason string
		sets   []string
		want   int
	}{
		"Usual":   {"its default is long enough", nil, 600},
		"At":      {"30 s of preStop + 565 s + 5 s", []string{be + "rollout.drain=565s"}, 600},
		"Beyond":  {"a second more", []string{be + "rollout.drain=566s"}, 601},
		"Longest": {"every pod of the node must get its own", []string{be + "rollout.drain=30m", fe + "rollout.drain=20m"}, 1835},
	}
	for name, tc := range cases {
		if got := planned(t, tc.sets...).Nodes.Autoscaler.GraceSeconds; got != tc.want {
			t.Errorf("%s: %s: %d s, want %d", name, tc.reason, got, tc.want)
		}
	}
}

// Nodes that EC2 does not launch cost nothing.
func TestFixedNodesAreFree(t *testing.T) {
	fixed := planned(t, "nodes.groups[0].instanceTypes=[]", "nodes.groups[0].fixed={cpu: 4, memory: 16Gi, pods: 58}")
	paid := planned(t)
	if fixed.Cost.CeilingUSD >= paid.Cost.CeilingUSD || slices.ContainsFunc(fixed.Cost.Items, func(i Item) bool { return strings.HasPrefix(i.Name, "nodes") }) || len(fixed.Cost.Unknown) > len(paid.Cost.Unknown) {
		t.Errorf("fixed nodes cost %+v with unknown %v", fixed.Cost.Items, fixed.Cost.Unknown)
	}
	if g := fixed.Nodes.Groups[0]; g.USDPerHour != 0 || g.Pools != nil {
		t.Errorf("a fixed group is %+v", g)
	}
}
