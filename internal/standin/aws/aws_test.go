package aws_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/agencyos/headroom/internal/standin/providertest"
)

const (
	instance       = "aws:rds/instance:Instance"
	parameterGroup = "aws:rds/parameterGroup:ParameterGroup"
	subnetGroup    = "aws:rds/subnetGroup:SubnetGroup"
	securityGroup  = "aws:ec2/securityGroup:SecurityGroup"
	ingressRule    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	spending       = "aws:budgets/budget:Budget"
	egressRule     = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

var unknown = resource.MakeComputed(resource.NewStringProperty(""))

// good are inputs the real provider accepts.
func good(token string) map[string]any {
	if in := goodEdge(token); in != nil {
		return in
	}
	if in := goodNodes(token); in != nil {
		return in
	}
	if in := goodCache(token); in != nil {
		return in
	}
	return map[string]map[string]any{
		instance: {
			"instanceClass": "db.m7g.large", "engine": "postgres", "allocatedStorage": 100.0, "storageType": "gp3",
			"username": "app", "manageMasterUserPassword": true, "finalSnapshotIdentifier": "db-final", "identifier": "db",
		},
		parameterGroup: {"family": "postgres16", "name": "pg", "parameters": []any{
			map[string]any{"name": "max_connections", "value": "200", "applyMethod": "pending-reboot"},
			map[string]any{"name": "log_lock_waits", "value": "1"},
		}},
		subnetGroup:   {"subnetIds": []any{"a", "b"}, "name": "db"},
		securityGroup: {"vpcId": "vpc-1", "name": "db"},
		ingressRule: {
			"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 5432.0, "toPort": 5432.0, "referencedSecurityGroupId": "sg-2",
		},
		spending: {"name": "web", "budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "100", "limitUnit": "USD", "notifications": []any{
			map[string]any{"notificationType": "ACTUAL", "comparisonOperator": "GREATER_THAN", "threshold": 80.0, "thresholdType": "PERCENTAGE", "subscriberEmailAddresses": []any{"a@b.example"}}}},
		egressRule: {"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
	}[token]
}

// with changes good inputs; a nil value removes one.
func with(token string, change map[string]any) map[string]any {
	in := good(token)
	for k, v := range change {
		if v == nil {
			delete(in, k)
			continue
		}
		in[k] = v
	}
	return in
}

func check(t *testing.T, token string, in map[string]any) (resource.PropertyMap, []string) {
	t.Helper()
	r, err := aws.New(aws.Account{}).Check(t.Context(), plugin.CheckRequest{
		Type: tokens.Type(token), Name: "x", News: resource.NewPropertyMapFromMap(in), RandomSeed: []byte("seed"),
	})
	if err != nil {
		t.Fatalf("Check(%s): %v", token, err)
	}
	return r.Properties, providertest.Refused(r.Failures)
}

func TestEveryTypeAcceptsGoodInputs(t *testing.T) {
	for _, row := range aws.Definition(aws.Account{}).Types {
		if good(row.Token) == nil {
			t.Errorf("%s has a row and no test of good inputs", row.Token)
			continue
		}
		if _, got := check(t, row.Token, good(row.Token)); len(got) > 0 {
			t.Errorf("Check(%s) of good inputs: %v, want none refused", row.Token, got)
		}
	}
}

func TestRules(t *testing.T) {
	parameter := func(name string, extra map[string]any) map[string]any {
		p := map[string]any{"name": name, "value": "1"}
		maps.Copy(p, extra)
		return map[string]any{"parameters": []any{p}}
	}
	notification := map[string]any{"notificationType": "ACTUAL", "comparisonOperator": "GREATER_THAN", "threshold": 80.0,
		"thresholdType": "PERCENTAGE", "subscriberEmailAddresses": []any{"a@b.example"}}
	cases := map[string]struct {
		reason string
		token  string
		change map[string]any
		want   []string
	}{
		"StaticImmediate":    {"a static parameter cannot be applied at once", parameterGroup, parameter("max_connections", map[string]any{"applyMethod": "immediate"}), []string{"rds-static-parameter"}},
		"StaticDefault":      {"the default is immediate", parameterGroup, parameter("shared_buffers", nil), []string{"rds-static-parameter"}},
		"StaticUnknown":      {"a method not known yet may turn out right", parameterGroup, parameter("shared_buffers", map[string]any{"applyMethod": unknown}), nil},
		"DynamicImmediate":   {"a dynamic parameter may be applied at once", parameterGroup, parameter("work_mem", map[string]any{"applyMethod": "immediate"}), nil},
		"WrongMethod":        {"there are two methods", parameterGroup, parameter("work_mem", map[string]any{"applyMethod": "later"}), []string{"rds-parameter"}},
		"ParameterTwice":     {"one name has one value", parameterGroup, map[string]any{"parameters": []any{map[string]any{"name": "work_mem", "value": "1"}, map[string]any{"name": "work_mem", "value": "2"}}}, []string{"rds-parameter"}},
		"GroupNameUpper":     {"RDS names are lower case", parameterGroup, map[string]any{"name": "PG"}, []string{"rds-parameter-group-name"}},
		"NoFamily":           {"the family is required", parameterGroup, map[string]any{"family": nil}, []string{"family is required"}},
		"NoFinalSnapshot":    {"a delete would fail for lack of a name", instance, map[string]any{"finalSnapshotIdentifier": nil}, []string{"rds-final-snapshot"}},
		"SkippedSnapshot":    {"a skipped snapshot needs no name", instance, map[string]any{"finalSnapshotIdentifier": nil, "skipFinalSnapshot": true}, nil},
		"SnapshotUnknown":    {"a name not known yet is a name", instance, map[string]any{"finalSnapshotIdentifier": unknown}, nil},
		"SnapshotHyphens":    {"two hyphens in a row are refused", instance, map[string]any{"finalSnapshotIdentifier": "a--b"}, []string{"rds-final-snapshot-name"}},
		"SnapshotEnd":        {"a trailing hyphen is refused", instance, map[string]any{"finalSnapshotIdentifier": "a-"}, []string{"rds-final-snapshot-name"}},
		"Identifier":         {"identifiers are lower case", instance, map[string]any{"identifier": "Db"}, []string{"rds-identifier"}},
		"BothIdentifiers":    {"a name and a prefix conflict", instance, map[string]any{"identifierPrefix": "db-"}, []string{"rds-identifier"}},
		"MonitoringNoRole":   {"enhanced monitoring needs a role", instance, map[string]any{"monitoringInterval": 60.0}, []string{"rds-monitoring-role"}},
		"MonitoringOdd":      {"only some intervals exist", instance, map[string]any{"monitoringInterval": 7.0, "monitoringRoleArn": "arn"}, []string{"rds-monitoring-role"}},
		"MonitoringRole":     {"an unknown role is a role", instance, map[string]any{"monitoringInterval": 60.0, "monitoringRoleArn": unknown}, nil},
		"IopsSmall":          {"gp3 below 400 GiB takes no IOPS", instance, map[string]any{"iops": 3000.0}, []string{"rds-gp3-threshold"}},
		"ThroughputSmall":    {"nor throughput", instance, map[string]any{"storageThroughput": 125.0}, []string{"rds-gp3-threshold"}},
		"IopsLarge":          {"from 400 GiB it does", instance, map[string]any{"iops": 12000.0, "allocatedStorage": 400.0}, nil},
		"IopsTooMany":        {"nor more than are sold", instance, map[string]any{"iops": 64001.0, "allocatedStorage": 400.0}, []string{"rds-gp3-threshold"}},
		"IopsTooFew":         {"but not fewer than are included", instance, map[string]any{"iops": 3000.0, "allocatedStorage": 400.0}, []string{"rds-gp3-threshold"}},
		"IopsUnknownSize":    {"a size not known yet decides nothing", instance, map[string]any{"iops": 3000.0, "allocatedStorage": unknown}, nil},
		"ThroughputOnGp2":    {"throughput belongs to gp3", instance, map[string]any{"storageThroughput": 500.0, "storageType": "gp2"}, []string{"rds-throughput-type"}},
		"PasswordTwice":      {"a password and a managed one conflict", instance, map[string]any{"password": "x"}, []string{"rds-password"}},
		"Replica":            {"a replica inherits everything", instance, map[string]any{"manageMasterUserPassword": nil, "username": nil, "engine": nil, "replicateSourceDb": "db"}, nil},
		"Backups":            {"backups are kept 35 days at most", instance, map[string]any{"backupRetentionPeriod": 36.0}, []string{"rds-backup-retention"}},
		"AutoscalingNear":    {"the ceiling must be 10 % above", instance, map[string]any{"maxAllocatedStorage": 105.0}, []string{"rds-storage-autoscaling"}},
		"AutoscalingOff":     {"zero turns it off", instance, map[string]any{"maxAllocatedStorage": 0.0}, nil},
		"ZoneAndMultiAZ":     {"RDS chooses the zones of Multi-AZ", instance, map[string]any{"multiAz": true, "availabilityZone": "a"}, []string{"rds-multi-az-zone"}},
		"InsightsDays":       {"retention comes in months", instance, map[string]any{"performanceInsightsRetentionPeriod": 30.0}, []string{"rds-insights-retention"}},
		"InsightsMonths":     {"15 months fit", instance, map[string]any{"performanceInsightsRetentionPeriod": 465.0}, nil},
		"AdvancedInsights":   {"advanced mode needs 15 months", instance, map[string]any{"databaseInsightsMode": "advanced", "performanceInsightsEnabled": true, "performanceInsightsRetentionPeriod": 7.0}, []string{"rds-insights-mode"}},
		"NoClass":            {"the class is required", instance, map[string]any{"instanceClass": nil}, []string{"instanceClass is required"}},
		"OneSubnet":          {"a subnet group covers two zones", subnetGroup, map[string]any{"subnetIds": []any{"a"}}, []string{"rds-subnet-group-zones"}},
		"SubnetsUnknown":     {"subnets not known yet may be two", subnetGroup, map[string]any{"subnetIds": unknown}, nil},
		"SubnetGroupDefault": {"default is RDS's own", subnetGroup, map[string]any{"name": "default"}, []string{"rds-subnet-group-name"}},
		"GroupPrefix":        {"sg- is EC2's own", securityGroup, map[string]any{"name": "sg-db"}, []string{"ec2-security-group-name"}},
		"GroupText":          {"descriptions are ASCII", securityGroup, map[string]any{"description": "a — b"}, []string{"ec2-security-group-text"}},
		"TwoSources":         {"a rule has one source", ingressRule, map[string]any{"cidrIpv4": "10.0.0.0/8"}, []string{"ec2-rule-one-source"}},
		"NoSource":           {"and not none", ingressRule, map[string]any{"referencedSecurityGroupId": nil}, []string{"ec2-rule-one-source"}},
		"SourceUnknown":      {"an unknown source is one", ingressRule, map[string]any{"referencedSecurityGroupId": unknown}, nil},
		"PortsMissing":       {"tcp needs ports", ingressRule, map[string]any{"toPort": nil}, []string{"ec2-rule-ports"}},
		"PortsBackwards":     {"from is below to", ingressRule, map[string]any{"fromPort": 6000.0}, []string{"ec2-rule-ports"}},
		"BudgetName":         {"a colon separates account and name", spending, map[string]any{"name": "a:b"}, []string{"budget-name"}},
		"BudgetFree":         {"a limit is positive", spending, map[string]any{"limitAmount": "0"}, []string{"budget-limit"}},
		"BudgetKind":         {"kinds are listed", spending, map[string]any{"budgetType": "MONEY"}, []string{"budget-kinds"}},
		"BudgetUnit":         {"so are periods", spending, map[string]any{"timeUnit": "WEEKLY"}, []string{"budget-kinds"}},
		"BudgetUntold":       {"somebody is told", spending, map[string]any{"notifications": []any{map[string]any{"notificationType": "ACTUAL", "comparisonOperator": "GREATER_THAN", "threshold": 80.0, "thresholdType": "PERCENTAGE"}}}, []string{"budget-notifications"}},
		"BudgetTwice":        {"once", spending, map[string]any{"notifications": []any{notification, notification}}, []string{"budget-notifications"}},
		"HostBits":           {"a network address has no host bits", egressRule, map[string]any{"cidrIpv4": "10.0.0.1/8"}, []string{"ec2-rule-cidr"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := with(tc.token, tc.change)
			if _, got := check(t, tc.token, in); !cmp.Equal(tc.want, got) {
				t.Errorf("%s: Check(%s, %v) breaks %v, want exactly %v", tc.reason, tc.token, in, got, tc.want)
			}
		})
	}
}

func TestEveryRuleHasASource(t *testing.T) {
	source := map[string]bool{}
	for _, row := range aws.Definition(aws.Account{}).Types {
		for _, rule := range row.Rules {
			source[rule.ID] = rule.Source != ""
		}
	}
	for _, id := range slices.Sorted(maps.Keys(source)) {
		if !source[id] {
			t.Errorf("rule %s names no source", id)
		}
	}
}

func TestReplacements(t *testing.T) {
	cases := map[string]struct {
		reason string
		token  string
		change map[string]any
		want   []string
	}{
		"Family":          {"a parameter group's family is fixed", parameterGroup, map[string]any{"family": "postgres17"}, []string{"family"}},
		"Parameters":      {"parameters change in place", parameterGroup, map[string]any{"parameters": []any{}}, nil},
		"SubnetIDs":       {"subnets change in place", subnetGroup, map[string]any{"subnetIds": []any{"a", "b", "c"}}, nil},
		"SubnetGroupName": {"the name is the group", subnetGroup, map[string]any{"name": "other"}, []string{"name"}},
		"Class":           {"a class changes in place", instance, map[string]any{"instanceClass": "db.m7g.xlarge"}, nil},
		"InstanceName":    {"RDS renames in place", instance, map[string]any{"identifier": "other"}, nil},
		"EngineVersion":   {"RDS upgrades in place", instance, map[string]any{"engineVersion": "17"}, nil},
		"Encryption":      {"storage is encrypted at birth or never", instance, map[string]any{"storageEncrypted": true}, []string{"storageEncrypted"}},
		"User":            {"the master user is fixed", instance, map[string]any{"username": "other"}, []string{"username"}},
		"SubnetGroup":     {"an instance moves between subnet groups in place", instance, map[string]any{"dbSubnetGroupName": "other"}, nil},
		"VPC":             {"a security group stays in its VPC", securityGroup, map[string]any{"vpcId": "vpc-2"}, []string{"vpcId"}},
		"GroupText":       {"a description is fixed", securityGroup, map[string]any{"description": "other"}, []string{"description"}},
		"Port":            {"ports change in place", ingressRule, map[string]any{"toPort": 6543.0}, nil},
		"OtherSource":     {"another source of the same kind changes in place", ingressRule, map[string]any{"referencedSecurityGroupId": "sg-3"}, nil},
		"SourceKind":      {"another kind of source is another rule", ingressRule, map[string]any{"referencedSecurityGroupId": nil, "cidrIpv4": "10.0.0.0/8"}, []string{"cidrIpv4", "referencedSecurityGroupId"}},
		"BudgetLimit":     {"a budget changes in place", spending, map[string]any{"limitAmount": "200"}, nil},
		"BudgetName":      {"its name is it", spending, map[string]any{"name": "other"}, []string{"name"}},
		"Group":           {"a rule stays in its group", egressRule, map[string]any{"securityGroupId": "sg-9"}, []string{"securityGroupId"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			olds, _ := check(t, tc.token, good(tc.token))
			news, _ := check(t, tc.token, with(tc.token, tc.change))
			r, err := aws.New(aws.Account{}).Diff(t.Context(), plugin.DiffRequest{
				Type: tokens.Type(tc.token), OldInputs: olds, NewInputs: news,
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range r.ReplaceKeys {
				got = append(got, string(k))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || r.Changes != plugin.DiffSome {
				t.Errorf("%s: Diff(%s, %v) replaces (-want +got):\n%s; changes %v, want some",
					tc.reason, tc.token, tc.change, diff, r.Changes)
			}
		})
	}
}

func TestMinted(t *testing.T) {
	p := aws.New(aws.Account{ID: "111122223333"})
	for token, want := range map[string]string{
		instance:       "arn:aws:rds:us-east-1:111122223333:db:db",
		parameterGroup: "arn:aws:rds:us-east-1:111122223333:pg:pg",
		subnetGroup:    "arn:aws:rds:us-east-1:111122223333:subgrp:db",
		spending:       "arn:aws:budgets::111122223333:budget/web",
	} {
		urn := resource.URN("urn:pulumi:s::p::" + token + "::x")
		in, _ := check(t, token, good(token))
		r, err := p.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: urn.Type(), Properties: in})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Properties["arn"].StringValue(); got != want {
			t.Errorf("Create(%s): arn %q, want %q", token, got, want)
		}
	}
}

func TestFunctionsAndAccount(t *testing.T) {
	p := aws.New(aws.Account{ID: "111122223333", KubernetesVersion: "1.36"})
	ctx := provider.NewConnection(t.Context())
	configure := func(ids ...any) error {
		_, err := p.Configure(ctx, plugin.ConfigureRequest{
			Inputs: resource.NewPropertyMapFromMap(map[string]any{"region": "eu-west-1", "allowedAccountIds": ids}),
		})
		return err
	}
	if err := configure("999999999999"); err == nil || !strings.Contains(err.Error(), "AWS account ID not allowed: 111122223333") {
		t.Errorf("Configure for another account: %v, want the account refused", err)
	}
	if err := configure("111122223333"); err != nil {
		t.Fatalf("Configure for the stack's account: %v", err)
	}
	call := func(token string, args map[string]any) map[string]any {
		r, err := p.Invoke(ctx, plugin.InvokeRequest{Tok: tokens.ModuleMember(token), Args: resource.NewPropertyMapFromMap(args)})
		if err != nil {
			t.Fatalf("Invoke(%s): %v", token, err)
		}
		return r.Properties.Mappable()
	}
	cluster := call("aws:eks/getCluster:getCluster", map[string]any{"name": "web"})
	if cluster["arn"] != "arn:aws:eks:eu-west-1:111122223333:cluster/web" || cluster["version"] != "1.36" {
		t.Errorf("getCluster(web) = %v", cluster)
	}
	if got := call("aws:index/getCallerIdentity:getCallerIdentity", nil)["accountId"]; got != "111122223333" {
		t.Errorf("getCallerIdentity() = %v", got)
	}
	if got := call("aws:index/getRegion:getRegion", nil)["name"]; got != "eu-west-1" {
		t.Errorf("getRegion() = %v", got)
	}
	if got := call("aws:index/getPartition:getPartition", nil)["partition"]; got != "aws" {
		t.Errorf("getPartition() = %v", got)
	}
}
