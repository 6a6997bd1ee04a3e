package nodes

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

const (
	typeGroup      = "aws:eks/nodeGroup:NodeGroup"
	typeTemplate   = "aws:ec2/launchTemplate:LaunchTemplate"
	typeTag        = "aws:autoscaling/tag:Tag"
	typeRole       = "aws:iam/role:Role"
	typePolicy     = "aws:iam/rolePolicy:RolePolicy"
	typeIdentity   = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
	typeRelease    = "kubernetes:helm.sh/v3:Release"
	typeDeployment = "kubernetes:apps/v1:Deployment"
	typePriority   = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
)

// base is a group in two zones with everything managed.
func base() Args {
	group := plan.NodeGroup{
		Name: "web", InstanceType: "m7i.xlarge", Zones: []string{"a", "b"}, MinSize: 3, MaxSize: 9, MaxPods: 58, Priority: 10,
		Pools: []plan.NodePool{
			{Name: "web-a", Zones: []string{"a"}, MinSize: 2, MaxSize: 5},
			{Name: "web-b", Zones: []string{"b"}, MinSize: 1, MaxSize: 4},
		},
	}
	return Args{
		Stack: "prod",
		Cluster: spec.Cluster{Name: "shop", Version: "1.35", Region: "eu-west-1", Account: "111122223333", Namespace: "web", NodeSecurityGroupID: "sg-nodes",
			Subnets: []spec.Subnet{{ID: "subnet-a", Zone: "a"}, {ID: "subnet-b", Zone: "b"}, {ID: "subnet-a2", Zone: "a"}}},
		Spec: spec.Nodes{Groups: []spec.NodeGroup{{Name: "web", Mode: spec.Managed, InstanceTypes: []string{"m7i.xlarge"}, Zones: []string{"a", "b"},
			CapacityType: spec.OnDemand, DiskGiB: 50}}},
		Plan:              plan.Nodes{Groups: []plan.NodeGroup{group}, Autoscaler: plan.Autoscaler{ScanSeconds: 10, UnneededSeconds: 600, AfterAddSeconds: 300, UtilizationThreshold: 0.5, GraceSeconds: 1831}},
		Addons:            spec.Addons{ClusterAutoscaler: spec.Managed, MetricsServer: spec.Managed, PodIdentityAgent: spec.Managed},
		MetricsResolution: spec.Duration(15 * time.Second),
		Pauses:            map[string]Pause{"api": {Pods: 3, Each: spec.Amounts{CPU: 1500, Memory: 1024}}, "site": {}},
	}
}

func props(m map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(m) }

// declare runs the component over live groups; changes are laid over what EKS
// answers for each of them.
func declare(args Args, live []string, change map[string]any) (*componenttest.Recorder, error) {
	names := []any{}
	for _, n := range live {
		names = append(names, n)
	}
	found := map[string]any{
		"nodeGroupName": "old", "nodeRoleArn": "arn:role", "capacityType": "ON_DEMAND", "instanceTypes": []any{"m7i.xlarge"},
		"subnetIds": []any{"subnet-b", "subnet-a"}, "scalingConfigs": []any{map[string]any{"desiredSize": 4.0, "minSize": 1.0, "maxSize": 8.0}},
	}
	if len(live) > 0 {
		found["nodeGroupName"] = live[0]
	}
	maps.Copy(found, change)
	version := "1.35"
	if v, ok := change["cluster"].(string); ok {
		version = v
	}
	r := &componenttest.Recorder{
		Calls: map[string]resource.PropertyMap{
			"aws:eks/getCluster:getCluster":       props(map[string]any{"version": version, "vpcConfig": map[string]any{"clusterSecurityGroupId": "sg-cluster"}}),
			"aws:eks/getNodeGroups:getNodeGroups": props(map[string]any{"names": names}),
			"aws:eks/getNodeGroup:getNodeGroup":   props(found),
		},
		Outputs: map[string]resource.PropertyMap{
			typeTemplate: props(map[string]any{"latestVersion": 7.0}),
			typeRole:     props(map[string]any{"arn": "arn:aws:iam::111122223333:role/x", "name": "x"}),
			typeGroup: props(map[string]any{"nodeGroupName": "made", "resources": []any{map[string]any{
				"autoscalingGroups": []any{map[string]any{"name": "eks-made"}}}}}),
		},
	}
	return r, r.Run("test", func(ctx *pulumi.Context) error {
		_, err := New(ctx, "nodes", args)
		return err
	})
}

func must(t *testing.T, args Args) *componenttest.Recorder {
	t.Helper()
	r, err := declare(args, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func all(r *componenttest.Recorder, token string) (out []componenttest.Resource) {
	for _, one := range r.Resources() {
		if one.Type == token {
			out = append(out, one)
		}
	}
	return out
}

func TestGolden(t *testing.T) {
	got, err := must(t, base()).Golden()
	if err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/managed.golden", got)
}

func TestAGroupPerZone(t *testing.T) {
	groups := all(must(t, base()), typeGroup)
	if len(groups) != 2 {
		t.Fatalf("declares %d EKS node groups, want one per zone", len(groups))
	}
	for i, want := range []map[string]any{
		{"nodeGroupNamePrefix": "prod-web-a-", "subnetIds": []any{"subnet-a", "subnet-a2"}, "scalingConfig.minSize": 2.0, "scalingConfig.maxSize": 5.0, "scalingConfig.desiredSize": 2.0},
		{"nodeGroupNamePrefix": "prod-web-b-", "subnetIds": []any{"subnet-b"}, "scalingConfig.minSize": 1.0, "scalingConfig.maxSize": 4.0, "scalingConfig.desiredSize": 1.0},
	} {
		want["version"], want["amiType"], want["capacityType"], want["launchTemplate.version"] = "1.35", "AL2023_x86_64_STANDARD", "ON_DEMAND", "7"
		want["nodeGroupName"], want["diskSize"], want["remoteAccess"] = nil, nil, nil
		componenttest.Expect(t, groups[i], want)
		if diff := cmp.Diff([]string{"scalingConfig.desiredSize"}, groups[i].IgnoreChanges); diff != "" {
			t.Errorf("the autoscaler owns the number of nodes, and nothing else is ignored (-want +got):\n%s", diff)
		}
		if groups[i].DeleteBeforeReplace {
			t.Error("a group goes before its successor is there")
		}
	}
}

func TestNodesAreLaunchedHardened(t *testing.T) {
	template, err := must(t, base()).Only(typeTemplate)
	if err != nil {
		t.Fatal(err)
	}
	componenttest.Expect(t, template, map[string]any{
		"metadataOptions.httpTokens": "required", "metadataOptions.httpPutResponseHopLimit": 1.0,
		"blockDeviceMappings.0.ebs.encrypted": "true", "blockDeviceMappings.0.ebs.volumeType": "gp3", "blockDeviceMappings.0.ebs.volumeSize": 50.0,
		"vpcSecurityGroupIds": []any{"sg-cluster", "sg-nodes"},
		"tagSpecifications.0.tags.[k8s.io/cluster-autoscaler/enabled]": "true",
		"tagSpecifications.0.tags.[k8s.io/cluster-autoscaler/shop]":    "owned",
		"tagSpecifications.0.resourceType":                             "instance",
		"tagSpecifications.2.resourceType":                             "volume",
		"tagSpecifications.2.tags.[headroom:stack]":                    "prod",
	})
	raw, err := base64.StdEncoding.DecodeString(template.At("userData").(string))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(raw), "application/node.eks.aws\n\n")
	body, _, _ = strings.Cut(body, "--==HEADROOM==--")
	var config struct {
		Kind string
		Spec struct {
			Kubelet struct{ Config struct{ MaxPods int } }
		}
	}
	if err := yaml.Unmarshal([]byte(body), &config); err != nil || config.Kind != "NodeConfig" || config.Spec.Kubelet.Config.MaxPods != 58 {
		t.Errorf("user data %q = %+v, %v, want a NodeConfig with the plan's 58 pods", raw, config, err)
	}
}

// Every tag has a reader: without the first two the group is not found and not
// changed, and without the others nobody knows what an empty group would launch.
func TestTagsTellTheAutoscaler(t *testing.T) {
	want := map[string]string{
		"k8s.io/cluster-autoscaler/enabled": "true", "k8s.io/cluster-autoscaler/shop": "owned",
		"k8s.io/cluster-autoscaler/node-template/label/eks.amazonaws.com/capacityType": "ON_DEMAND",
		"k8s.io/cluster-autoscaler/node-template/label/topology.kubernetes.io/zone":    "a",
	}
	r := must(t, base())
	got := map[string]string{}
	for _, tag := range all(r, typeTag) {
		if strings.Contains(tag.Name, "web-a") {
			got[tag.At("tag.key").(string)] = tag.At("tag.value").(string)
			componenttest.Expect(t, tag, map[string]any{"autoscalingGroupName": "eks-made"})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tags of the Auto Scaling group (-want +got):\n%s", diff)
	}
	componenttest.Expect(t, all(r, typeGroup)[0], map[string]any{"tags": map[string]any{
		"k8s.io/cluster-autoscaler/enabled": "true", "k8s.io/cluster-autoscaler/shop": "owned"}})
}

func TestSpotGroupSpansItsZones(t *testing.T) {
	args := base()
	args.Spec.Groups[0].CapacityType = spec.Spot
	args.Spec.Groups[0].InstanceTypes = []string{"m7g.xlarge", "m8g.xlarge"}
	args.Plan.Groups[0].Pools = []plan.NodePool{{Name: "web", Zones: []string{"a", "b"}, MinSize: 3, MaxSize: 9}}
	r := must(t, args)
	componenttest.Expect(t, all(r, typeGroup)[0], map[string]any{"capacityType": "SPOT", "amiType": "AL2023_ARM_64_STANDARD", "subnetIds": []any{"subnet-a", "subnet-a2", "subnet-b"}})
	for _, tag := range all(r, typeTag) {
		if strings.Contains(tag.Name, "topology") {
			t.Errorf("%s promises one zone of several", tag.Name)
		}
	}
}

func TestAutoscalerHasTheLeastRights(t *testing.T) {
	r := must(t, base())
	policy, err := r.Only(typePolicy)
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal([]byte(policy.At("policy").(string)), &d); err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Statement {
		changes := slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool {
			_, verb, _ := strings.Cut(a, ":")
			return strings.HasPrefix(verb, "Describe") || strings.HasPrefix(verb, "Get")
		})
		if len(changes) == 0 {
			continue
		}
		want := map[string]map[string]string{"StringEquals": {
			"aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "true", "aws:ResourceTag/k8s.io/cluster-autoscaler/shop": "owned"}}
		if diff := cmp.Diff(want, s.Condition); diff != "" {
			t.Errorf("%v is allowed under (-want +got):\n%s", changes, diff)
		}
		if diff := cmp.Diff([]string{"autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"}, changes); diff != "" {
			t.Errorf("changes that are allowed (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:*:autoScalingGroupName/*"}, s.Resource); diff != "" {
			t.Errorf("of (-want +got):\n%s", diff)
		}
	}
	identity, err := r.Only(typeIdentity)
	if err != nil {
		t.Fatal(err)
	}
	componenttest.Expect(t, identity, map[string]any{"namespace": "kube-system", "serviceAccount": "cluster-autoscaler", "clusterName": "shop"})
	for _, role := range all(r, typeRole) {
		trust := role.At("assumeRolePolicy").(string)
		if strings.Contains(role.Name, "autoscaler") && (!strings.Contains(trust, "pods.eks.amazonaws.com") || !strings.Contains(trust, "sts:TagSession")) {
			t.Errorf("EKS Pod Identity cannot act by %s", trust)
		}
	}
}

func releases(t *testing.T, args Args) map[string]componenttest.Resource {
	t.Helper()
	out := map[string]componenttest.Resource{}
	for _, one := range all(must(t, args), typeRelease) {
		out[one.At("chart").(string)] = one
	}
	return out
}

func TestAutoscalerRunsAsReplaysDo(t *testing.T) {
	one := releases(t, base())["cluster-autoscaler"]
	componenttest.Expect(t, one, map[string]any{
		"version": "9.59.0", "namespace": "kube-system", "atomic": true, "values.image.tag": "v1.35.2", "values.autoDiscovery.clusterName": "shop",
		"values.awsRegion": "eu-west-1", "values.rbac.serviceAccount.name": "cluster-autoscaler",
		"values.extraArgs.expander": "priority,least-waste", "values.extraArgs.balance-similar-node-groups": "true",
		"values.extraArgs.scan-interval": "10s", "values.extraArgs.scale-down-unneeded-time": "10m0s",
		"values.extraArgs.scale-down-delay-after-add": "5m0s", "values.extraArgs.scale-down-utilization-threshold": "0.5",
		"values.extraArgs.max-graceful-termination-sec":    "1831",
		"values.extraArgs.expendable-pods-priority-cutoff": "-10", "values.extraArgs.skip-nodes-with-local-storage": "false",
	})
	for minor, tag := range autoscalerImages {
		if !strings.HasPrefix(tag, "v"+minor+".") {
			t.Errorf("a cluster of %s gets Cluster Autoscaler %s, want the same minor version", minor, tag)
		}
	}
}

// The file is read as Cluster Autoscaler reads it: numbers, and patterns of each.
func TestPriorities(t *testing.T) {
	args := base()
	args.Spec.Groups = append(args.Spec.Groups, spec.NodeGroup{Name: "spot", Mode: spec.Adopt, ID: "cheap", CapacityType: spec.Spot}, spec.NodeGroup{Name: "other", Mode: spec.External, CapacityType: spec.Spot})
	args.Plan.Groups = append(args.Plan.Groups, plan.NodeGroup{Name: "spot", Priority: 20}, plan.NodeGroup{Name: "other", Priority: 20})
	for name, c := range map[string]struct {
		reason string
		args   Args
		want   map[int][]string
	}{
		"One":  {"all groups alike", base(), map[int][]string{10: {".*"}}},
		"Spot": {"spot capacity first, all others behind it", args, map[int][]string{20: {"^eks-cheap-.*"}, 10: {".*"}}},
	} {
		var got map[int][]string
		if err := yaml.Unmarshal([]byte(fleet{Args: c.args}.priorities()), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

func TestMetricsServerStatesItsResolution(t *testing.T) {
	componenttest.Expect(t, releases(t, base())["metrics-server"], map[string]any{"version": "3.13.1", "values.args": []any{"--metric-resolution=15s"},
		"values.replicas": 2.0, "values.podDisruptionBudget.enabled": true})
	local := Args{Cluster: spec.Cluster{Context: "kind", Namespace: "web"}, Addons: spec.Addons{MetricsServer: spec.Managed}, MetricsResolution: spec.Duration(10 * time.Second)}
	r := must(t, local)
	if diff := cmp.Diff([]string{typeToken, typeRelease}, r.Types()); diff != "" {
		t.Errorf("a local stack declares (-want +got):\n%s", diff)
	}
	if called := r.Called(); len(called) > 0 {
		t.Errorf("a local stack asks AWS for %v", called)
	}
	componenttest.Expect(t, all(r, typeRelease)[0], map[string]any{"values.args": []any{"--metric-resolution=10s", "--kubelet-insecure-tls"}, "values.replicas": 1.0})
}

func TestPausePodsGiveWayAndBlockNothing(t *testing.T) {
	r := must(t, base())
	class, err := r.Only(typePriority)
	if err != nil {
		t.Fatal(err)
	}
	value := class.At("value").(float64)
	if value >= 0 || value <= -10 {
		t.Errorf("priority = %v, want below every other pod's (0) and above Cluster Autoscaler's cutoff (-10)", value)
	}
	componenttest.Expect(t, class, map[string]any{"preemptionPolicy": "Never", "globalDefault": false, "metadata.name": "headroom-pause-prod"})
	d, err := r.Only(typeDeployment)
	if err != nil {
		t.Fatalf("a service without pause pods gets none: %v", err)
	}
	componenttest.Expect(t, d, map[string]any{
		"metadata.name": "api-pause", "metadata.annotations.[pulumi.com/skipAwait]": "true", "spec.replicas": 3.0,
		"spec.strategy.rollingUpdate.maxSurge": "0%", "spec.strategy.rollingUpdate.maxUnavailable": "100%",
		"spec.template.spec.priorityClassName": "headroom-pause-prod", "spec.template.spec.terminationGracePeriodSeconds": 0.0,
		"spec.template.spec.containers.0.resources.requests":     map[string]any{"cpu": "1500m", "memory": "1Gi"},
		"spec.template.metadata.labels.[app.kubernetes.io/name]": "api-pause",
	})
}

func TestExternalIsOnlyCounted(t *testing.T) {
	args := base()
	args.Spec.Groups[0].Mode, args.Addons = spec.External, spec.Addons{}
	args.Addons.ClusterAutoscaler, args.Addons.MetricsServer, args.Addons.PodIdentityAgent = spec.External, spec.External, spec.External
	if !args.Needed() {
		t.Error("pause pods alone need the component")
	}
	if diff := cmp.Diff([]string{typeToken, typeDeployment, typePriority}, must(t, args).Types()); diff != "" {
		t.Errorf("declares (-want +got):\n%s", diff)
	}
	args.Pauses = nil
	if args.Needed() {
		t.Error("there is nothing to declare, and the component is needed")
	}
}
