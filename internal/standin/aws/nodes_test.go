package aws_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	nodeGroup      = "aws:eks/nodeGroup:NodeGroup"
	launchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"
	role           = "aws:iam/role:Role"
	rolePolicy     = "aws:iam/rolePolicy:RolePolicy"
	roleAttachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	podIdentity    = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
	addon          = "aws:eks/addon:Addon"
	groupTag       = "aws:autoscaling/tag:Tag"

	trust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	rights = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:DescribeImages","Resource":"*"}]}`
)

func scaling(least, now, most float64) object {
	return object{"minSize": least, "desiredSize": now, "maxSize": most}
}

// goodNodes are inputs that EKS, EC2, IAM and Auto Scaling accept.
func goodNodes(token string) object {
	return map[string]object{
		nodeGroup: {
			"clusterName": "shop", "nodeGroupNamePrefix": "web-", "nodeRoleArn": "arn:aws:iam::111122223333:role/x", "subnetIds": []any{"subnet-a"},
			"scalingConfig": scaling(1, 2, 3), "launchTemplate": object{"id": "lt-1", "version": "1"}, "instanceTypes": []any{"m7i.large"},
			"amiType": "AL2023_x86_64_STANDARD", "capacityType": "ON_DEMAND", "updateConfig": object{"maxUnavailablePercentage": 33.0},
		},
		launchTemplate: {
			"namePrefix": "web-", "userData": "aGVsbG8=", "metadataOptions": object{"httpTokens": "required", "httpPutResponseHopLimit": 1.0},
			"blockDeviceMappings": []any{object{"deviceName": "/dev/xvda", "ebs": object{"encrypted": "true", "volumeType": "gp3", "volumeSize": 50.0}}},
			"tagSpecifications":   []any{object{"resourceType": "instance", "tags": object{"a": "b"}}},
		},
		role:           {"assumeRolePolicy": trust},
		rolePolicy:     {"role": "x", "policy": rights},
		roleAttachment: {"role": "x", "policyArn": "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"},
		podIdentity:    {"clusterName": "shop", "namespace": "kube-system", "serviceAccount": "a", "roleArn": "arn:aws:iam::111122223333:role/x"},
		addon:          {"clusterName": "shop", "addonName": "eks-pod-identity-agent", "resolveConflictsOnCreate": "OVERWRITE"},
		groupTag:       {"autoscalingGroupName": "eks-web", "tag": object{"key": "a", "value": "b", "propagateAtLaunch": false}},
	}[token]
}

// nodeRules are changes of good inputs with the rules that they break.
var nodeRules = map[string]struct {
	reason, token string
	change        object
	want          []string
}{
	"NameAndPrefix":   {"a group has a name or a prefix", nodeGroup, object{"nodeGroupName": "web"}, []string{"eks-nodegroup-name"}},
	"LongPrefix":      {"26 characters are added", nodeGroup, object{"nodeGroupNamePrefix": strings.Repeat("a", 38)}, []string{"eks-nodegroup-name"}},
	"LongestPrefix":   {"37 fit", nodeGroup, object{"nodeGroupNamePrefix": strings.Repeat("a", 37)}, nil},
	"LongName":        {"names end at 63", nodeGroup, object{"nodeGroupNamePrefix": nil, "nodeGroupName": strings.Repeat("a", 64)}, []string{"eks-nodegroup-name"}},
	"NoMaximum":       {"a group is at most one node at least", nodeGroup, object{"scalingConfig": scaling(0, 0, 0)}, []string{"eks-nodegroup-scaling"}},
	"FromZero":        {"it may be empty", nodeGroup, object{"scalingConfig": scaling(0, 0, 1)}, nil},
	"ScalingUnknown":  {"sizes not known yet may be right", nodeGroup, object{"scalingConfig": unknown}, nil},
	"DiskBesides":     {"disks belong into the template", nodeGroup, object{"diskSize": 50.0}, []string{"eks-nodegroup-template"}},
	"RemoteBesides":   {"so do keys", nodeGroup, object{"remoteAccess": object{"ec2SshKey": "k"}}, []string{"eks-nodegroup-template"}},
	"DiskAlone":       {"without a template they do not", nodeGroup, object{"diskSize": 50.0, "launchTemplate": nil}, nil},
	"TwoTemplates":    {"one template, by id or name", nodeGroup, object{"launchTemplate": object{"id": "lt-1", "name": "a", "version": "1"}}, []string{"eks-nodegroup-template"}},
	"NoVersion":       {"of one version", nodeGroup, object{"launchTemplate": object{"id": "lt-1"}}, []string{"eks-nodegroup-template"}},
	"TwoUpdates":      {"one bound of an update", nodeGroup, object{"updateConfig": object{"maxUnavailable": 1.0, "maxUnavailablePercentage": 33.0}}, []string{"eks-nodegroup-update"}},
	"NoUpdate":        {"and not none", nodeGroup, object{"updateConfig": object{"maxUnavailable": 0.0}}, []string{"eks-nodegroup-update"}},
	"OtherProcessor":  {"an image runs on one architecture", nodeGroup, object{"instanceTypes": []any{"m7g.large"}}, []string{"eks-nodegroup-image"}},
	"ArmImage":        {"each has its own", nodeGroup, object{"instanceTypes": []any{"m7g.large"}, "amiType": "AL2023_ARM_64_STANDARD"}, nil},
	"NoSuchImage":     {"images are an enumeration", nodeGroup, object{"amiType": "AL3"}, []string{"eks-nodegroup-image", "eks-nodegroup-image"}},
	"Capacity":        {"so are kinds of capacity", nodeGroup, object{"capacityType": "spot"}, []string{"eks-nodegroup-image"}},
	"NoSubnets":       {"a group lies somewhere", nodeGroup, object{"subnetIds": []any{}}, []string{"eks-nodegroup-subnets"}},
	"NoRole":          {"nodes act by a role", nodeGroup, object{"nodeRoleArn": nil}, []string{"nodeRoleArn is required"}},
	"PlainUserData":   {"user data is base64", launchTemplate, object{"userData": "#!/bin/sh"}, []string{"ec2-template-user-data"}},
	"UserDataUnknown": {"data not known yet may be", launchTemplate, object{"userData": unknown}, nil},
	"LongTemplate":    {"names end", launchTemplate, object{"namePrefix": strings.Repeat("a", 100)}, []string{"ec2-template-name"}},
	"Tokens":          {"tokens are optional or required", launchTemplate, object{"metadataOptions": object{"httpTokens": "yes"}}, []string{"ec2-template-metadata"}},
	"Hops":            {"hops end at 64", launchTemplate, object{"metadataOptions": object{"httpPutResponseHopLimit": 65.0}}, []string{"ec2-template-metadata"}},
	"Volume":          {"kinds of volumes are an enumeration", launchTemplate, object{"blockDeviceMappings": []any{object{"ebs": object{"volumeType": "gp4"}}}}, []string{"ec2-template-disk"}},
	"KeyWithout":      {"a key needs encryption", launchTemplate, object{"blockDeviceMappings": []any{object{"ebs": object{"kmsKeyId": "k"}}}}, []string{"ec2-template-disk"}},
	"EncryptedWord":   {"it is text", launchTemplate, object{"blockDeviceMappings": []any{object{"ebs": object{"encrypted": "yes"}}}}, []string{"ec2-template-disk"}},
	"TagKind":         {"only some things are tagged", launchTemplate, object{"tagSpecifications": []any{object{"resourceType": "node"}}}, []string{"ec2-template-tags"}},
	"TagTwice":        {"each once", launchTemplate, object{"tagSpecifications": []any{object{"resourceType": "volume"}, object{"resourceType": "volume"}}}, []string{"ec2-template-tags"}},
	"Profile":         {"EKS brings the profile", launchTemplate, object{"iamInstanceProfile": object{"name": "x"}}, []string{"eks-template-fields"}},
	"SpotInside":      {"and says what is spot", launchTemplate, object{"instanceMarketOptions": object{"marketType": "spot"}}, []string{"eks-template-fields"}},
	"RoleName":        {"role names have a grammar", role, object{"name": "a b"}, []string{"iam-role-name"}},
	"NoPrincipal":     {"trust names who", role, object{"assumeRolePolicy": rights}, []string{"iam-role-trust"}},
	"NoJSON":          {"in JSON", role, object{"assumeRolePolicy": "x"}, []string{"iam-role-trust"}},
	"NoResource":      {"rights name what", rolePolicy, object{"policy": trust}, []string{"iam-role-policy"}},
	"LongPolicy":      {"inline policies end", rolePolicy, object{"policy": strings.Replace(rights, "DescribeImages", strings.Repeat("A", 10240), 1)}, []string{"iam-role-policy"}},
	"PolicyUnknown":   {"a policy not known yet may be right", rolePolicy, object{"policy": unknown}, nil},
	"PolicyName":      {"policies are attached by ARN", roleAttachment, object{"policyArn": "AmazonEKS_CNI_Policy"}, []string{"iam-policy-arn"}},
	"OwnPolicy":       {"one's own too", roleAttachment, object{"policyArn": "arn:aws:iam::111122223333:policy/a"}, nil},
	"RoleByName":      {"pods act by an ARN", podIdentity, object{"roleArn": "x"}, []string{"eks-pod-identity"}},
	"Preserve":        {"there is nothing to preserve at first", addon, object{"resolveConflictsOnCreate": "PRESERVE"}, []string{"eks-addon-conflicts"}},
	"PreserveLater":   {"later there is", addon, object{"resolveConflictsOnUpdate": "PRESERVE"}, nil},
	"Deprecated":      {"one word for both makes a warning", addon, object{"resolveConflicts": "OVERWRITE"}, []string{"eks-addon-deprecated"}},
	"AWSTag":          {"aws: is AWS's own", groupTag, object{"tag": object{"key": "aws:a", "value": "b", "propagateAtLaunch": false}}, []string{"asg-tag"}},
	"LongTag":         {"keys end at 128", groupTag, object{"tag": object{"key": strings.Repeat("a", 129), "value": "b", "propagateAtLaunch": false}}, []string{"asg-tag"}},
}

func TestNodeRules(t *testing.T) {
	refused := map[string]bool{}
	for name, tc := range nodeRules {
		t.Run(name, func(t *testing.T) {
			_, got := check(t, tc.token, with(tc.token, tc.change))
			if !cmp.Equal(tc.want, got) {
				t.Errorf("%s: Check(%s, %v) breaks %v, want exactly %v", tc.reason, tc.token, tc.change, got, tc.want)
			}
		})
		for _, id := range tc.want {
			refused[id] = true
		}
	}
	for _, row := range aws.Definition(aws.Account{}).Types {
		for _, rule := range row.Rules {
			if goodNodes(row.Token) != nil && rule.When == provider.OnCheck && !refused[rule.ID] {
				t.Errorf("%s: no case breaks rule %s", row.Token, rule.ID)
			}
		}
	}
}

// What EKS says of sizes, it says when a group is made or changed.
func TestSizesOfAGroup(t *testing.T) {
	cases := map[string]struct {
		reason  string
		scaling object
		want    string
	}{
		"Within":   {"the number is within the bounds", scaling(1, 2, 3), ""},
		"Edge":     {"or on them", scaling(2, 2, 2), ""},
		"MinAbove": {"a minimum above the number is refused", scaling(3, 2, 4), "Minimum capacity 3 can't be greater than desired size 2"},
		"MaxBelow": {"so is a maximum below it", scaling(1, 5, 4), "desired capacity 5 can't be greater than max size 4"},
		"Crossed":  {"and bounds that cross", scaling(5, 5, 4), "Minimum capacity 5 can't be greater than maximum size 4"},
	}
	refused := func(err error, want string) bool {
		return want == "" && err == nil || want != "" && err != nil && strings.Contains(err.Error(), want)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := aws.New(aws.Account{})
			in := props(with(nodeGroup, object{"scalingConfig": c.scaling}))
			urn := resource.URN("urn:pulumi:s::p::" + nodeGroup + "::x")
			if _, err := p.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: tokens.Type(nodeGroup), Properties: in, Preview: true}); !refused(err, c.want) {
				t.Errorf("Create = %v, want %q: %s", err, c.want, c.reason)
			}
			live := with(nodeGroup, object{"nodeGroupName": "web", "nodeGroupNamePrefix": nil})
			if err := p.Seed(provider.Seed{Token: nodeGroup, ID: "shop:web", Inputs: live}); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Update(t.Context(), plugin.UpdateRequest{URN: urn, Type: tokens.Type(nodeGroup), ID: "shop:web", NewInputs: in, Preview: true}); !refused(err, c.want) {
				t.Errorf("Update = %v, want %q: %s", err, c.want, c.reason)
			}
		})
	}
}

func TestNodeReplacements(t *testing.T) {
	cases := map[string]struct {
		reason, token string
		change        object
		want          []string
	}{
		"Types":     {"machines never change", nodeGroup, object{"instanceTypes": []any{"m7i.xlarge"}}, []string{"instanceTypes[0]"}},
		"Bounds":    {"bounds do", nodeGroup, object{"scalingConfig": scaling(1, 2, 9)}, nil},
		"Version":   {"a new template rolls the nodes in place", nodeGroup, object{"launchTemplate": object{"id": "lt-1", "version": "2"}}, nil},
		"Template":  {"another template is another group", nodeGroup, object{"launchTemplate": object{"id": "lt-2", "version": "1"}}, []string{"launchTemplate.id"}},
		"Subnets":   {"so are other subnets", nodeGroup, object{"subnetIds": []any{"subnet-b"}}, []string{"subnetIds"}},
		"Disk":      {"a template gets a version", launchTemplate, object{"blockDeviceMappings": []any{}}, nil},
		"Trust":     {"trust changes in place", role, object{"assumeRolePolicy": strings.Replace(trust, "ec2", "eks", 1)}, nil},
		"Path":      {"a role stays on its path", role, object{"path": "/x/"}, []string{"path"}},
		"Rights":    {"rights change in place", rolePolicy, object{"policy": strings.Replace(rights, "Images", "Tags", 1)}, nil},
		"Attached":  {"an attachment is of one policy", roleAttachment, object{"policyArn": "arn:aws:iam::aws:policy/B"}, []string{"policyArn"}},
		"Who":       {"an association is of one account", podIdentity, object{"serviceAccount": "b"}, []string{"serviceAccount"}},
		"ByWhat":    {"its role changes in place", podIdentity, object{"roleArn": "arn:aws:iam::111122223333:role/y"}, nil},
		"AddonName": {"an add-on is what it is", addon, object{"addonName": "b"}, []string{"addonName"}},
		"TagValue":  {"a tag's value changes", groupTag, object{"tag": object{"key": "a", "value": "c", "propagateAtLaunch": false}}, nil},
		"TagKey":    {"its key does not", groupTag, object{"tag": object{"key": "z", "value": "b", "propagateAtLaunch": false}}, []string{"tag.key"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			olds, _ := check(t, tc.token, good(tc.token))
			news, _ := check(t, tc.token, with(tc.token, tc.change))
			r, err := aws.New(aws.Account{}).Diff(t.Context(), plugin.DiffRequest{Type: tokens.Type(tc.token), OldInputs: olds, NewInputs: news})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range r.ReplaceKeys {
				got = append(got, string(k))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || r.Changes != plugin.DiffSome || r.DeleteBeforeReplace {
				t.Errorf("%s: replaces (-want +got):\n%s; changes %v, deletes first %t", tc.reason, diff, r.Changes, r.DeleteBeforeReplace)
			}
		})
	}
}

// A preview cannot know the next version of a template, so that groups that are
// launched from it show that their nodes roll.
func TestATemplateGetsVersions(t *testing.T) {
	p := aws.New(aws.Account{})
	urn := resource.URN("urn:pulumi:s::p::" + launchTemplate + "::x")
	made, err := p.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: tokens.Type(launchTemplate), Properties: props(good(launchTemplate))})
	if err != nil {
		t.Fatal(err)
	}
	update := func(preview bool) resource.PropertyValue {
		r, err := p.Update(t.Context(), plugin.UpdateRequest{URN: urn, Type: tokens.Type(launchTemplate), ID: made.ID,
			NewInputs: props(with(launchTemplate, object{"userData": nil})), Preview: preview})
		if err != nil {
			t.Fatal(err)
		}
		return r.Properties["latestVersion"]
	}
	if v := made.Properties["latestVersion"]; v.NumberValue() != 1 {
		t.Errorf("a new template has version %v, want 1", v)
	}
	if v := update(true); !v.IsComputed() {
		t.Errorf("a preview tells version %v, want it unknown", v)
	}
	if v := update(false); v.NumberValue() != 2 {
		t.Errorf("a changed template has version %v, want 2", v)
	}
}

func TestLookupsOfNodeGroups(t *testing.T) {
	p := aws.New(aws.Account{})
	for _, name := range []string{"web", "jobs"} {
		in := with(nodeGroup, object{"nodeGroupName": name, "nodeGroupNamePrefix": nil})
		if err := p.Seed(provider.Seed{Token: nodeGroup, ID: "shop:" + name, Inputs: in}); err != nil {
			t.Fatal(err)
		}
	}
	call := func(token string, args map[string]any) (map[string]any, error) {
		r, err := p.Invoke(t.Context(), plugin.InvokeRequest{Tok: tokens.ModuleMember(token), Args: props(args)})
		return r.Properties.Mappable(), err
	}
	for cluster, want := range map[string][]any{"shop": {"jobs", "web"}, "other": {}} {
		got, err := call("aws:eks/getNodeGroups:getNodeGroups", object{"clusterName": cluster})
		if diff := cmp.Diff(want, got["names"]); err != nil || diff != "" {
			t.Errorf("getNodeGroups(%s): %v (-want +got):\n%s", cluster, err, diff)
		}
	}
	got, err := call("aws:eks/getNodeGroup:getNodeGroup", object{"clusterName": "shop", "nodeGroupName": "web"})
	if err != nil {
		t.Fatal(err)
	}
	want := []any{object{"desiredSize": 2.0, "maxSize": 3.0, "minSize": 1.0}}
	if diff := cmp.Diff(want, got["scalingConfigs"]); diff != "" || got["capacityType"] != "ON_DEMAND" || got["nodeRoleArn"] == "" {
		t.Errorf("getNodeGroup = %v (-want +got):\n%s", got, diff)
	}
	if _, err := call("aws:eks/getNodeGroup:getNodeGroup", object{"clusterName": "shop", "nodeGroupName": "x"}); err == nil {
		t.Error("getNodeGroup finds a group that is not there")
	}
}
