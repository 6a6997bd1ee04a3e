package database

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
	"github.com/agencyos/headroom/components/internal/adopt"
)

const (
	getInstance       = "aws:rds/getInstance:getInstance"
	getParameterGroup = "aws:rds/getParameterGroup:getParameterGroup"
)

func properties(t *testing.T, text string) resource.PropertyMap {
	t.Helper()
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return resource.NewPropertyMapFromMap(m)
}

// adopted is an instance that a team made, without a pooler.
func adopted() Args {
	args := base()
	args.Spec.Pooler, args.Plan.PgBouncer = spec.NoPooler, nil
	args.Spec.Mode, args.Spec.ID = spec.Adopt, "shop-db"
	args.Spec.Adopt = spec.AdoptDatabase{ParameterGroup: "shop-pg"}
	args.Spec.Parameters = map[string]string{"work_mem": "65536"}
	return args
}

const liveInstance = `{engine: postgres, engineVersion: "17.4", dbInstancePort: 5432, masterUsername: shop, dbName: shopdb, storageEncrypted: true,
	dbParameterGroups: [shop-pg], dbSubnetGroup: shop-subnets, vpcSecurityGroups: [sg-bastion, sg-db], masterUserSecrets: []}`

// adopt declares a database over live objects; changes are laid over what RDS
// answers for the instance.
func declareAdopted(t *testing.T, args Args, change string) (*componenttest.Recorder, error) {
	t.Helper()
	live := properties(t, liveInstance)
	for key, value := range properties(t, change) {
		live[key] = value
	}
	r := &componenttest.Recorder{
		Calls: map[string]resource.PropertyMap{
			getInstance:       live,
			getParameterGroup: properties(t, `{name: shop-pg, family: postgres17, description: of the shop}`),
		},
		Outputs: map[string]resource.PropertyMap{typeDeployment: properties(t, `{spec: {selector: {matchLabels: {app: bouncer}},
			template: {metadata: {labels: {app: bouncer, team: shop}}}}}`)},
	}
	return r, r.Run("test", func(ctx *pulumi.Context) error {
		_, err := New(ctx, "db", args)
		return err
	})
}

func mustAdopt(t *testing.T, args Args, change string) *componenttest.Recorder {
	t.Helper()
	r, err := declareAdopted(t, args, change)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAdoptedInstanceStaysWhatItIs(t *testing.T) {
	r := mustAdopt(t, adopted(), "{}")
	if diff := cmp.Diff([]string{typeInstance, typeParameters, typeToken}, r.Types()); diff != "" {
		t.Errorf("what is not named is not declared (-want +got):\n%s", diff)
	}
	i := componenttest.Only(t, r, typeInstance)
	componenttest.Expect(t, i, map[string]any{
		"identifier": "shop-db", "engineVersion": "17.4", "username": "shop", "dbName": "shopdb", "manageMasterUserPassword": nil,
		"dbSubnetGroupName": "shop-subnets", "vpcSecurityGroupIds.0": "sg-bastion", "vpcSecurityGroupIds.1": "sg-db",
		"engineLifecycleSupport": nil, "instanceClass": "db.m7g.large", "deletionProtection": true,
	})
	if i.Import != "shop-db" || !i.Protect || !cmp.Equal(i.IgnoreChanges, keptOfInstance) {
		t.Errorf("import %q, protect %v, ignores %v", i.Import, i.Protect, i.IgnoreChanges)
	}
	g := componenttest.Only(t, r, typeParameters)
	componenttest.Expect(t, g, map[string]any{"name": "shop-pg", "description": "of the shop", "family": "postgres17"})
	if g.Import != "shop-pg" {
		t.Errorf("parameter group import = %q", g.Import)
	}
}

func TestAdoptedInstanceWithoutAnInitialDatabase(t *testing.T) {
	i := componenttest.Only(t, mustAdopt(t, adopted(), `{dbName: "", masterUserSecrets: [{secretArn: arn}]}`), typeInstance)
	componenttest.Expect(t, i, map[string]any{"dbName": nil, "manageMasterUserPassword": true})
}

func TestDefaultParameterGroupGetsASuccessor(t *testing.T) {
	args := adopted()
	args.Spec.Adopt.ParameterGroup = "default.postgres17"
	r := mustAdopt(t, args, "{dbParameterGroups: [default.postgres17]}")
	if g := componenttest.Only(t, r, typeParameters); g.Import != "" || g.At("name") != nil {
		t.Errorf("parameter group: import %q, name %v; want a new one, for RDS's own cannot be changed", g.Import, g.At("name"))
	}
}

func TestAdoptedNetwork(t *testing.T) {
	args := adopted()
	args.Spec.Adopt.SubnetGroup, args.Spec.Adopt.SecurityGroup, args.Spec.Adopt.IngressRule = "shop-subnets", "sg-db", "sgr-1"
	r := mustAdopt(t, args, "{}")
	want := map[string][]string{typeSubnets: {"shop-subnets"}, typeGroup: {"sg-db"}, typeRule: {"sgr-1"}}
	for token, id := range want {
		if one := componenttest.Only(t, r, token); one.Import != id[0] {
			t.Errorf("%s: import %q, want %s", token, one.Import, id[0])
		}
	}
	componenttest.Expect(t, componenttest.Only(t, r, typeInstance), map[string]any{"vpcSecurityGroupIds.1": "sg-bastion", "vpcSecurityGroupIds.2": nil})
	if ignored := componenttest.Only(t, r, typeGroup).IgnoreChanges; !cmp.Equal(ignored, adopt.SecurityGroup) {
		t.Errorf("the security group ignores %v, want all that replaces it", ignored)
	}
}

// Whatever cannot be adopted is refused with the value to state, all at once.
func TestAdoptRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		mutate func(*Args)
		live   string
		want   []string
	}{
		"Fits":        {"nothing differs that matters", func(*Args) {}, "{}", nil},
		"Aurora":      {"another engine", func(*Args) {}, "{engine: aurora-postgresql, dbClusterIdentifier: c}", []string{"database.id", "database.id"}},
		"Replica":     {"its source decides", func(*Args) {}, "{replicateSourceDb: main}", []string{"database.id"}},
		"PlainText":   {"encryption means another instance", func(*Args) {}, "{storageEncrypted: false}", []string{"database.id"}},
		"Older":       {"a major upgrade is no side effect", func(*Args) {}, `{engineVersion: "16.8"}`, []string{"database.engineVersion"}},
		"OtherPort":   {"a changed port restarts at once", func(*Args) {}, "{dbInstancePort: 5433}", []string{"database.port"}},
		"OtherParams": {"the group of another instance", func(*Args) {}, "{dbParameterGroups: [other]}", []string{"database.adopt.parameterGroup"}},
		"OtherNetwork": {"a network of another instance", func(a *Args) { a.Spec.Adopt.SubnetGroup, a.Spec.Adopt.SecurityGroup = "x", "sg-x" }, "{}",
			[]string{"database.adopt.securityGroup", "database.adopt.subnetGroup"}},
		"OtherFamily": {"a family is for life", func(a *Args) { a.Spec.EngineVersion = "16" }, `{engineVersion: "16.8"}`, []string{"database.adopt.parameterGroup"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			args := adopted()
			c.mutate(&args)
			r, err := declareAdopted(t, args, c.live)
			var problems spec.Problems
			errors.As(err, &problems)
			var got []string
			for _, p := range problems {
				got = append(got, p.Path)
				if p.Fix == "" || p.Value == "" {
					t.Errorf("%s: %q lacks value or fix", name, p)
				}
			}
			if diff := cmp.Diff(strings.Fields(strings.Join(c.want, " ")), sortedPaths(got)); diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", c.reason, err, diff)
			}
			if len(c.want) > 0 && len(r.Types()) != 1 {
				t.Errorf("%s: declared %v before it refused, want only the component", name, r.Types())
			}
		})
	}
}

func sortedPaths(paths []string) []string {
	slices.Sort(paths)
	return append([]string{}, paths...)
}

func TestMissingInstanceNamesTheSetting(t *testing.T) {
	r := &componenttest.Recorder{}
	err := r.Run("test", func(ctx *pulumi.Context) error { _, err := New(ctx, "db", adopted()); return err })
	if err == nil || !strings.Contains(err.Error(), "live instance shop-db (database.id)") {
		t.Errorf("New over an instance that is not there = %v, want the setting named", err)
	}
}

func TestAdoptedPgBouncerKeepsNamesAndSelector(t *testing.T) {
	args := external()
	args.Spec.PgBouncer.Adopt = spec.AdoptPgBouncer{
		Deployment: "shop/bouncer", Settings: "shop/bouncer-ini", Service: "shop/db-proxy", DisruptionBudget: "shop/bouncer-pdb",
	}
	r := mustAdopt(t, args, "{}")
	d := componenttest.Only(t, r, typeDeployment)
	componenttest.Expect(t, d, map[string]any{
		"metadata.name": "bouncer", "spec.selector.matchLabels.app": "bouncer", "spec.selector.matchLabels.[app.kubernetes.io/name]": nil,
		"spec.template.metadata.labels.team": "shop", "spec.template.metadata.labels.[app.kubernetes.io/name]": "pgbouncer",
		"spec.template.spec.volumes.0.configMap.name": "bouncer-ini",
	})
	service, budget := componenttest.Only(t, r, typeService), componenttest.Only(t, r, typePDB)
	componenttest.Expect(t, service, map[string]any{"metadata.name": "db-proxy", "spec.selector.app": "bouncer"})
	componenttest.Expect(t, budget, map[string]any{"metadata.name": "bouncer-pdb", "spec.selector.matchLabels.app": "bouncer"})
	got := []string{d.Import, service.Import, budget.Import, componenttest.Only(t, r, typeConfigMap).Import}
	if diff := cmp.Diff([]string{"shop/bouncer", "shop/db-proxy", "shop/bouncer-pdb", "shop/bouncer-ini"}, got); diff != "" {
		t.Errorf("imports (-want +got):\n%s", diff)
	}
}
