package nodes

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

const made = "0123456789abcdef0123456789"

// adopted is a live group of a team.
func adopted() Args {
	args := base()
	args.Spec.Groups[0].Mode, args.Spec.Groups[0].ID = spec.Adopt, "old"
	args.Plan.Groups[0].Pools = nil
	return args
}

func TestAdoptedGroupKeepsAllButItsBounds(t *testing.T) {
	r, err := declare(adopted(), []string{"old"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := r.Only(typeGroup)
	if err != nil {
		t.Fatal(err)
	}
	componenttest.Expect(t, g, map[string]any{"nodeGroupName": "old", "nodeRoleArn": "arn:role", "subnetIds": []any{"subnet-a", "subnet-b"},
		"scalingConfig.minSize": 3.0, "scalingConfig.maxSize": 9.0, "scalingConfig.desiredSize": 4.0, "launchTemplate": nil})
	if g.Import != "shop:old" || !cmp.Equal(keptOfGroup, g.IgnoreChanges) {
		t.Errorf("import %q, ignores %v", g.Import, g.IgnoreChanges)
	}
	if n := len(all(r, typeTemplate)) + len(all(r, typeTag)); n > 0 {
		t.Errorf("an adopted group gets %d templates and tags, want none", n)
	}
}

func TestWhatEKSWouldRefuseOfLiveGroups(t *testing.T) {
	scaling := func(desired float64) map[string]any {
		return map[string]any{"scalingConfigs": []any{map[string]any{"desiredSize": desired, "minSize": 1.0, "maxSize": 8.0}}}
	}
	cases := map[string]struct {
		reason string
		args   Args
		live   []string
		change map[string]any
		want   string
		fix    string
	}{
		"Within":      {"the autoscaler moved within the bounds", base(), []string{"prod-web-a-" + made}, scaling(4), "", ""},
		"MinAbove":    {"EKS refuses a minimum above the live number", base(), []string{"prod-web-a-" + made}, scaling(1), "nodes.groups[0].minSize", "aws eks update-nodegroup-config --region eu-west-1 --cluster-name shop --nodegroup-name prod-web-a-" + made + " --scaling-config minSize=2,maxSize=5,desiredSize=2"},
		"MaxBelow":    {"and a maximum below it", base(), []string{"prod-web-a-" + made}, scaling(6), "nodes.groups[0].maxSize", "--scaling-config minSize=2,maxSize=5,desiredSize=5"},
		"OthersGroup": {"a group of another stack or name is not looked at", base(), []string{"prod-web-api-" + made, "web", "prod-web-a-"}, scaling(0), "", ""},
		"Adopted":     {"an adopted group is held to the same", adopted(), []string{"old"}, scaling(2), "nodes.groups[0].minSize", "--nodegroup-name old --scaling-config minSize=3,maxSize=9,desiredSize=3"},
		"OtherTypes":  {"machines never change", adopted(), []string{"old"}, map[string]any{"instanceTypes": []any{"m7i.large"}}, "nodes.groups[0].instanceTypes", "state those"},
		"OtherKind":   {"nor how they are bought", adopted(), []string{"old"}, map[string]any{"capacityType": "SPOT"}, "nodes.groups[0].capacityType", "correct it"},
		"OtherZone":   {"a zone is counted that is not there", adopted(), []string{"old"}, map[string]any{"subnetIds": []any{"subnet-a"}}, "nodes.groups[0].zones", "remove it"},
		"NewSubnet":   {"addresses of a subnet are not counted", adopted(), []string{"old"}, map[string]any{"subnetIds": []any{"subnet-a", "subnet-b", "subnet-z"}}, "cluster.subnets", "add it"},
		"Version":     {"nodes newer than their cluster do not join", base(), nil, map[string]any{"cluster": "1.34"}, "cluster.version", "state 1.34"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := declare(c.args, c.live, c.change)
			var problems spec.Problems
			if c.want == "" {
				if err != nil {
					t.Fatalf("%s: %v", c.reason, err)
				}
				return
			}
			if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Path != c.want || !strings.Contains(problems[0].Fix, c.fix) {
				t.Fatalf("%s: %v, want one problem of %s with the fix %q", c.reason, err, c.want, c.fix)
			}
			if n := len(all(r, typeGroup)); n > 0 {
				t.Errorf("%d groups are declared before the refusal", n)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*Args)
		want   []string
	}{
		"Good":          {"nothing is wrong", func(*Args) {}, nil},
		"LongName":      {"EKS takes 63 characters, and 26 are added", func(a *Args) { a.Stack = strings.Repeat("a", 32) }, []string{"nodes.groups[0].name", "nodes.groups[0].name"}},
		"UnknownMinor":  {"there is no image of that minor", func(a *Args) { a.Cluster.Version = "1.99" }, []string{"cluster.version"}},
		"EmptyZone":     {"EKS takes no group of at most none", func(a *Args) { a.Plan.Groups[0].Pools[1].MaxSize = 0 }, []string{"nodes.groups[0].maxSize"}},
		"NoSubnet":      {"a zone needs a subnet", func(a *Args) { a.Cluster.Subnets = a.Cluster.Subnets[:1] }, []string{"nodes.groups[0].zones"}},
		"NoPods":        {"a node must hold pods", func(a *Args) { a.Plan.Groups[0].MaxPods = 0 }, []string{"nodes.groups[0]"}},
		"OtherPlan":     {"the plan is of another file", func(a *Args) { a.Plan.Groups = []plan.NodeGroup{} }, []string{"nodes.groups"}},
		"NoPools":       {"the plan splits every managed group", func(a *Args) { a.Plan.Groups[0].Pools = nil }, []string{"nodes.groups[0]"}},
		"Resolution":    {"metrics-server has a floor", func(a *Args) { a.MetricsResolution = 5 }, []string{"monitoring.metricsResolution"}},
		"NoNamespace":   {"pause pods live somewhere", func(a *Args) { a.Cluster.Namespace = "" }, []string{"cluster.namespace"}},
		"NoCluster":     {"nodes join a cluster", func(a *Args) { a.Cluster.Name = "" }, []string{"cluster.name"}},
		"NoNodeSG":      {"the database admits only it", func(a *Args) { a.Cluster.NodeSecurityGroupID = "" }, []string{"cluster.nodeSecurityGroupId"}},
		"NoImageNeeded": {"an external autoscaler has its own", func(a *Args) { a.Cluster.Version, a.Addons.ClusterAutoscaler = "1.99", spec.External }, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			args := base()
			c.change(&args)
			var problems spec.Problems
			err := fleet{Args: args, name: "nodes"}.validate()
			if errors.As(err, &problems); err != nil && problems == nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range problems {
				got = append(got, p.Path)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}
