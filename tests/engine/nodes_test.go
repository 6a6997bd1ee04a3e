package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/agencyos/headroom/stacks"
)

const nodeGroup = "aws:eks/nodeGroup:NodeGroup"

// openProd is the production stack, whose nodes are managed.
func openProd(t *testing.T) *standin.Session {
	t.Helper()
	return open(t, stacks.Program, func(o *standin.Options) { o.Dir, o.Stack = root, "prod" })
}

// configure changes one setting of the session's copy of production's stack file.
func configure(t *testing.T, s *standin.Session, setting, value string) {
	t.Helper()
	reconfigure(t, s, "prod", setting, value)
}

// reconfigure changes one setting of the session's copy of a stack file.
func reconfigure(t *testing.T, s *standin.Session, stack, setting, value string) {
	t.Helper()
	path := filepath.Join(s.WorkDir(), "Pulumi."+stack+".yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any // All of it: the session's secrets need their salt.
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(data)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = spec.Set(raw, setting, value); err != nil {
		t.Fatal(err)
	}
	key, _, _ := strings.Cut(setting, ".")
	var changed any
	if err := json.Unmarshal(raw[key], &changed); err != nil {
		t.Fatal(err)
	}
	file["config"].(map[string]any)[spec.Namespace+":"+key] = changed
	if data, err = yaml.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// scale changes the sizes of every live node group, as Cluster Autoscaler and
// the CLI do.
func scale(t *testing.T, s *standin.Session, sizes map[string]float64) {
	t.Helper()
	n := s.Providers["aws"].Modify(func(token string, inputs resource.PropertyMap) bool {
		if token != nodeGroup {
			return false
		}
		scaling := inputs["scalingConfig"].ObjectValue().Copy()
		for name, size := range sizes {
			scaling[resource.PropertyKey(name)] = resource.NewProperty(size)
		}
		inputs["scalingConfig"] = resource.NewProperty(scaling)
		return true
	})
	if n == 0 {
		t.Fatal("there is no live node group")
	}
}

// running are the live numbers of nodes by zone.
func running(t *testing.T, s *standin.Session) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	s.Providers["aws"].Modify(func(token string, inputs resource.PropertyMap) bool {
		if token == nodeGroup {
			in := provider.Of(inputs)
			n, _ := in.At("scalingConfig.desiredSize").Number()
			prefix := in.At("nodeGroupNamePrefix").Text()
			out[prefix[strings.Index(prefix, "us-"):len(prefix)-1]] = n
		}
		return false
	})
	return out
}

// TestTheAutoscalerOwnsTheNumberOfNodes moves it behind the program's back. What
// is ignored is set to the recorded value: only a refreshed state leaves the
// autoscaler alone.
func TestTheAutoscalerOwnsTheNumberOfNodes(t *testing.T) {
	s := openProd(t)
	must(t, "up", s.Up)
	scale(t, s, map[string]float64{"desiredSize": 5})
	if diff := cmp.Diff(map[string][]string{}, steps(must(t, "preview", s.Refreshed))); diff != "" {
		t.Errorf("more nodes are a change of the program (-want +got):\n%s", diff)
	}

	configure(t, s, "nodes.groups[0].maxSize", "25") // one more, in the first zone
	must(t, "up with another bound", s.Up)
	if diff := cmp.Diff(map[string]float64{"us-east-1a": 5, "us-east-1b": 5, "us-east-1c": 5}, running(t, s)); diff != "" {
		t.Errorf("an up with `refresh: always` moves nodes (-want +got):\n%s", diff)
	}

	scale(t, s, map[string]float64{"desiredSize": 7})
	refreshNever(t, s)
	configure(t, s, "nodes.groups[0].maxSize", "24")
	must(t, "up on a stale state", s.Up)
	if diff := cmp.Diff(map[string]float64{"us-east-1a": 5, "us-east-1b": 7, "us-east-1c": 7}, running(t, s)); diff != "" {
		t.Errorf("a stale state is to undo the autoscaler in the changed zone: this is why Pulumi.yaml refreshes (-want +got):\n%s", diff)
	}
}

// refreshNever takes the option out of the session's copy of Pulumi.yaml.
func refreshNever(t *testing.T, s *standin.Session) {
	t.Helper()
	path := filepath.Join(s.WorkDir(), "Pulumi.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var project map[string]any
	if err := yaml.Unmarshal(data, &project); err != nil {
		t.Fatal(err)
	}
	delete(project["options"].(map[string]any), "refresh")
	if data, err = yaml.Marshal(project); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestMinimumAboveTheLiveNumber is what EKS refuses at the end of an apply, and
// the preview before it, with the command that helps.
func TestMinimumAboveTheLiveNumber(t *testing.T) {
	s := openProd(t)
	must(t, "up", s.Up)
	configure(t, s, "nodes.groups[0].minSize", "15")
	r, err := s.Preview(t.Context())
	if err == nil {
		t.Fatal("a minimum of 5 nodes per zone above at most 4 live ones is previewed")
	}
	said := err.Error() + strings.Join(r.Diagnostics, "\n")
	for _, zone := range []string{"a", "b", "c"} {
		want := "aws eks update-nodegroup-config --region us-east-1 --cluster-name agencyos-prod --nodegroup-name prod-web-us-east-1" + zone + "-"
		if !strings.Contains(said, want) || !strings.Contains(said, "--scaling-config minSize=5,maxSize=8,desiredSize=5") {
			t.Errorf("the refusal has no command for zone %s:\n%s", zone, said)
		}
	}
	scale(t, s, map[string]float64{"minSize": 5, "desiredSize": 5})             // the command
	want := map[string][]string{"update": {"headroom:nodes:Nodes::prod-nodes"}} // what the state records of the plan
	if diff := cmp.Diff(want, steps(must(t, "preview after the command", s.Preview))); diff != "" {
		t.Errorf("after the command something of EKS is left to change (-want +got):\n%s", diff)
	}
}

// TestLargerDisksRollTheNodes: a resized node is an update of its group.
func TestLargerDisksRollTheNodes(t *testing.T) {
	s := openProd(t)
	must(t, "up", s.Up)
	configure(t, s, "nodes.groups[0].diskGib", "60")
	changed := steps(must(t, "preview", s.Preview))
	if len(changed) != 1 || len(changed["update"]) != 4 {
		t.Errorf("larger disks take %v, want updates of a template and of three groups", changed)
	}
}

// TestAdoptedNodeGroup takes a live group over: its bounds change, and nothing
// else about it.
func TestAdoptedNodeGroup(t *testing.T) {
	s := openProd(t)
	configure(t, s, "nodes.groups[0].mode", "adopt")
	configure(t, s, "nodes.groups[0].id", "teams-own")
	if err := s.Providers["aws"].Seed(nodesOfATeam); err != nil {
		t.Fatal(err)
	}
	planned := steps(must(t, "preview", s.Preview))
	made := slices.ContainsFunc(planned["create"], func(name string) bool {
		return strings.Contains(name, nodeGroup) || strings.Contains(name, "launchTemplate")
	})
	if len(planned["import"]) == 0 || made {
		t.Errorf("the preview imports %v and creates a group or template: %t; want the live group and no other", planned["import"], made)
	}
	must(t, "up", s.Up)
	got, _ := s.Providers["aws"].Find(nodeGroup, "agencyos-prod:teams-own")
	want := map[string]string{"scalingConfig.minSize": "10", "scalingConfig.maxSize": "24", "scalingConfig.desiredSize": "11",
		"labels.team": "\"shop\"", "tags.team": "\"shop\"", "nodeRoleArn": "\"arn:aws:iam::111122223333:role/team\""}
	for path, value := range want {
		if v := got.At(path).String(); v != value {
			t.Errorf("%s = %s, want %s", path, v, value)
		}
	}
	if diff := cmp.Diff(map[string][]string{}, steps(must(t, "second preview", s.Preview))); diff != "" {
		t.Errorf("an adopted group changes again (-want +got):\n%s", diff)
	}
}
