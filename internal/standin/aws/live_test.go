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

func props(m map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(m) }

// liveInstance is a provider with one instance that no program made.
func liveInstance(t *testing.T) *provider.Provider {
	t.Helper()
	p := aws.New(aws.Account{})
	err := p.Seed(provider.Seed{Token: instance, ID: "db-ABC", Inputs: map[string]any{
		"identifier": "shop-db", "engine": "postgres", "engineVersion": "16.4", "instanceClass": "db.m7g.large", "allocatedStorage": 250.0,
		"username": "shop", "dbSubnetGroupName": "shop-subnets", "maintenanceWindow": "sun:03:00-sun:04:00", "multiAz": true,
		"parameterGroupName": "shop-pg", "vpcSecurityGroupIds": []any{"sg-1", "sg-2"}, "tags": map[string]any{"team": "shop"},
	}, Computed: map[string]any{"engineVersionActual": "16.4", "address": "shop-db.example"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestImportOfAnInstance(t *testing.T) {
	p := liveInstance(t)
	for _, id := range []resource.ID{"shop-db", "db-ABC"} {
		r, err := p.Read(t.Context(), plugin.ReadRequest{Type: tokens.Type(instance), ID: id, URN: "urn:pulumi:s::p::" + instance + "::x"})
		if err != nil || r.ID != "db-ABC" || r.Inputs["username"].StringValue() != "shop" || r.Outputs["address"].StringValue() != "shop-db.example" {
			t.Errorf("Read(%s) = %s with %v, %v, want the live instance under its resource id", id, r.ID, r.Inputs, err)
		}
	}
	if r, err := p.Read(t.Context(), plugin.ReadRequest{Type: tokens.Type(instance), ID: "other"}); err != nil || r.ID != "" {
		t.Errorf("Read(other) = %s, %v, want an empty answer", r.ID, err)
	}
}

// TestDiffAgainstALiveInstance leaves most inputs out, as a program does that
// adopts an instance.
func TestDiffAgainstALiveInstance(t *testing.T) {
	live := map[string]any{
		"identifier": "shop-db", "instanceClass": "db.m7g.large", "allocatedStorage": 250.0, "maxAllocatedStorage": 400.0,
		"maintenanceWindow": "sun:03:00-sun:04:00", "tags": map[string]any{"team": "shop"},
	}
	cases := map[string]struct {
		reason string
		news   map[string]any
		want   bool
	}{
		"LeftOut": {"what RDS keeps is no change", map[string]any{"instanceClass": "db.m7g.large", "tags": map[string]any{"team": "shop"}, "maxAllocatedStorage": 400.0}, false},
		"Tags":    {"tags that are left out go", map[string]any{"instanceClass": "db.m7g.large", "maxAllocatedStorage": 400.0}, true},
		"Grown": {"storage that grew by itself stays", map[string]any{"instanceClass": "db.m7g.large", "allocatedStorage": 200.0, "maxAllocatedStorage": 400.0,
			"tags": map[string]any{"team": "shop"}}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := aws.New(aws.Account{}).Diff(t.Context(), plugin.DiffRequest{Type: tokens.Type(instance), OldInputs: props(live), NewInputs: props(c.news)})
			if err != nil || (r.Changes == plugin.DiffSome) != c.want {
				t.Errorf("Diff = %v %v, %v, want a change: %v: %s", r.Changes, r.DetailedDiff, err, c.want, c.reason)
			}
		})
	}
}

func TestWhatRDSRefusesOfALiveInstance(t *testing.T) {
	cases := map[string]struct {
		reason string
		change map[string]any
		want   string
	}{
		"SameGroup":     {"nothing moves", map[string]any{"dbSubnetGroupName": "shop-subnets"}, ""},
		"LeftOut":       {"what is left out stays", map[string]any{}, ""},
		"OtherGroup":    {"not within one VPC", map[string]any{"dbSubnetGroupName": "other"}, "keep shop-subnets"},
		"NewGroup":      {"a group still to be made is another one", map[string]any{"dbSubnetGroupName": unknown}, "keep shop-subnets"},
		"Shrink":        {"volumes never shrink", map[string]any{"allocatedStorage": 100.0}, "allocate at least 250"},
		"Minor":         {"a minor upgrade needs no flag", map[string]any{"engineVersion": "16.6"}, ""},
		"Major":         {"a major one does", map[string]any{"engineVersion": "17.2"}, "AllowMajorVersionUpgrade"},
		"MajorAllowed":  {"and passes with it", map[string]any{"engineVersion": "17.2", "allowMajorVersionUpgrade": true}, ""},
		"BackInVersion": {"there is no way back", map[string]any{"engineVersion": "15.9", "allowMajorVersionUpgrade": true}, "cannot go back from PostgreSQL 16"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := liveInstance(t)
			news := props(map[string]any{"identifier": "shop-db", "instanceClass": "db.m7g.large"})
			for key, value := range c.change {
				news[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
			}
			_, err := p.Update(t.Context(), plugin.UpdateRequest{Type: tokens.Type(instance), ID: "db-ABC", NewInputs: news})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Update = %v, want %q: %s", err, c.want, c.reason)
			}
			found, _ := p.Find(instance, "shop-db")
			if name == "LeftOut" && found.At("maintenanceWindow").Text() == "" {
				t.Error("an update without a maintenance window takes the live one away")
			}
		})
	}
}

func TestNewInstanceNeedsAPassword(t *testing.T) {
	in := with(instance, map[string]any{"manageMasterUserPassword": nil})
	_, err := aws.New(aws.Account{}).Create(t.Context(), plugin.CreateRequest{Type: tokens.Type(instance), Properties: props(in), Preview: true})
	if err == nil || !strings.Contains(err.Error(), "password = absent: is required for a new instance") {
		t.Errorf("Create without any password = %v, want it refused", err)
	}
}

func TestSecondRuleForTheSameTraffic(t *testing.T) {
	p := aws.New(aws.Account{})
	if err := p.Seed(provider.Seed{Token: ingressRule, ID: "sgr-1", Inputs: good(ingressRule)}); err != nil {
		t.Fatal(err)
	}
	p.Begin()
	urn := resource.URN("urn:pulumi:s::p::" + ingressRule + "::x")
	request := plugin.CreateRequest{URN: urn, Type: tokens.Type(ingressRule), Properties: props(with(ingressRule, map[string]any{"description": "x"})), Preview: true}
	if _, err := p.Create(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if got := p.Collisions(); len(got) != 1 || got[0].ID != "sgr-1" || got[0].URN != urn {
		t.Errorf("Collisions() = %v, want the live rule named", got)
	}
	request.Preview = false
	if _, err := p.Create(t.Context(), request); err == nil || !strings.Contains(err.Error(), "AlreadyExists") {
		t.Errorf("Create over a live rule = %v, want AlreadyExists", err)
	}
}

func TestLookupsOfLiveObjects(t *testing.T) {
	p := liveInstance(t)
	call := func(token string, args map[string]any) (map[string]any, error) {
		r, err := p.Invoke(t.Context(), plugin.InvokeRequest{Tok: tokens.ModuleMember(token), Args: props(args)})
		return r.Properties.Mappable(), err
	}
	got, err := call("aws:rds/getInstance:getInstance", map[string]any{"dbInstanceIdentifier": "shop-db"})
	if err != nil || got["engineVersion"] != "16.4" || got["masterUsername"] != "shop" || got["multiAz"] != true || got["dbSubnetGroup"] != "shop-subnets" ||
		len(got["vpcSecurityGroups"].([]any)) != 2 || got["dbParameterGroups"].([]any)[0] != "shop-pg" || got["allocatedStorage"] != 250.0 {
		t.Errorf("getInstance = %v, %v", got, err)
	}
	if _, err := call("aws:rds/getInstance:getInstance", map[string]any{"dbInstanceIdentifier": "nowhere"}); err == nil {
		t.Error("getInstance finds an instance that is not there")
	}
	if err := p.Seed(provider.Seed{Token: parameterGroup, ID: "shop-pg", Inputs: map[string]any{"name": "shop-pg", "family": "postgres16", "description": "of the shop"}}); err != nil {
		t.Fatal(err)
	}
	got, err = call("aws:rds/getParameterGroup:getParameterGroup", map[string]any{"name": "shop-pg"})
	if err != nil || got["family"] != "postgres16" || got["description"] != "of the shop" {
		t.Errorf("getParameterGroup = %v, %v", got, err)
	}
	if _, err := call("aws:rds/getParameterGroup:getParameterGroup", map[string]any{"name": "nowhere"}); err == nil {
		t.Error("getParameterGroup finds a group that is not there")
	}
}

// TestSecondDistribution: a name belongs to one distribution, and who takes the live
// one over learns which bucket it serves from.
func TestSecondDistribution(t *testing.T) {
	media := with(distribution, map[string]any{"aliases": []any{"media.example.com"}})
	live := with(distribution, map[string]any{"aliases": []any{"old.example.com", "media.example.com"}, "origins": []any{
		map[string]any{"originId": "files", "domainName": "shop-media.s3.us-east-1.amazonaws.com"}, map[string]any{"originId": "app", "domainName": "app.example.com"}}})
	p := aws.New(aws.Account{})
	if err := p.Seed(provider.Seed{Token: distribution, ID: "E2QWRUHAPOMQZL", Inputs: live}); err != nil {
		t.Fatal(err)
	}
	p.Begin()
	urn := resource.URN("urn:pulumi:s::p::" + distribution + "::x")
	if _, err := p.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: tokens.Type(distribution), Properties: props(media), Preview: true}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Collisions() {
		got = append(got, c.ID+c.Value+": "+c.Why)
	}
	want := []string{"shop-media: the live distribution E2QWRUHAPOMQZL of the same name serves from bucket shop-media"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what a second distribution meets (-want +got):\n%s", diff)
	}
}

// TestSecondDatabase: a new instance never collides with a live one by its name,
// and still nobody wants both.
func TestSecondDatabase(t *testing.T) {
	made := func(token string, in map[string]any) plugin.CreateRequest {
		return plugin.CreateRequest{URN: resource.URN("urn:pulumi:s::p::" + token + "::x"), Type: tokens.Type(token), Properties: props(in), Preview: true}
	}
	p := liveInstance(t)
	p.Begin()
	for _, request := range []plugin.CreateRequest{made(instance, with(instance, map[string]any{"identifier": "new"})), made(parameterGroup, good(parameterGroup))} {
		if _, err := p.Create(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, c := range p.Collisions() {
		got = append(got, c.Token+" "+c.ID)
	}
	if diff := cmp.Diff([]string{instance + " shop-db", parameterGroup + " shop-pg"}, got); diff != "" {
		t.Errorf("what a second database meets (-want +got):\n%s", diff)
	}
	p.Begin()
	read := plugin.ReadRequest{URN: resource.URN("urn:pulumi:s::p::" + instance + "::x"), Type: tokens.Type(instance), ID: "shop-db"}
	if _, err := p.Read(t.Context(), read); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Create(t.Context(), made(parameterGroup, good(parameterGroup))); err != nil {
		t.Fatal(err)
	}
	if found := p.Collisions(); len(found) > 0 {
		t.Errorf("a stack that adopts the instance meets %v, want nothing", found)
	}
}
