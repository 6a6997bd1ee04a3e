package aws_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/provider"
)

// TestRivalsOfACache: the names that Pulumi makes up meet nothing by themselves.
func TestRivalsOfACache(t *testing.T) {
	const (
		second = "is a live replication group: the stack would make a second, empty one beside it"
		group  = "is the parameter group of the live replication group shop-1a2b3c4"
	)
	live := func(change object) []provider.Seed {
		in := object{"replicationGroupId": "shop-1a2b3c4", "engine": "redis", "nodeType": "cache.m7g.large", "parameterGroupName": "shop-redis7"}
		maps.Copy(in, change)
		return []provider.Seed{{Token: replicationGroup, ID: "shop-1a2b3c4", Inputs: in}}
	}
	cases := map[string]struct {
		reason string
		token  string
		live   []provider.Seed
		made   object
		read   string
		want   []provider.Collision
	}{
		"Second":   {"a cache of another name starts empty", replicationGroup, live(nil), nil, "", []provider.Collision{{ID: "shop-1a2b3c4", Why: second}}},
		"SameName": {"the object itself is told as existing", replicationGroup, live(nil), object{"replicationGroupId": "shop-1a2b3c4"}, "", []provider.Collision{{ID: "shop-1a2b3c4", Why: "exists already"}}},
		"First":    {"nothing runs", replicationGroup, nil, nil, "", nil},
		"Adopted":  {"the program has it", replicationGroup, live(nil), nil, "shop-1a2b3c4", nil},
		"Group":    {"its parameters are in a group of its own", cacheParameters, live(nil), nil, "", []provider.Collision{{ID: "shop-redis7", Why: group}}},
		"NoGroup":  {"a replication group that names none", cacheParameters, live(object{"parameterGroupName": nil}), nil, "", nil},
		"Database": {"a database is no cache", replicationGroup, []provider.Seed{{Token: instance, ID: "db-ABC", Inputs: object{"identifier": "shop-db", "engine": "postgres"}}}, nil, "", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := aws.New(aws.Account{})
			for _, seed := range c.live {
				if err := p.Seed(seed); err != nil {
					t.Fatal(err)
				}
			}
			p.Begin()
			made := goodCache(c.token)
			maps.Copy(made, c.made)
			urn, typ := resource.URN("urn:pulumi:s::p::"+c.token+"::new"), tokens.Type(c.token)
			if c.read != "" {
				if _, err := p.Read(t.Context(), plugin.ReadRequest{URN: urn, Type: typ, ID: resource.ID(c.read)}); err != nil {
					t.Fatal(err)
				}
			} else if _, err := p.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: typ, Properties: props(made), Preview: true}); err != nil {
				t.Fatal(err)
			}
			for i := range c.want {
				c.want[i].URN, c.want[i].Token = urn, c.token
			}
			if diff := cmp.Diff(c.want, p.Collisions()); diff != "" {
				t.Errorf("%s\ncollisions (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}
