package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// What the users may do, in the language of ACL SETUSER. The services reach every
// key; what stops the server or reads all of it is left out, and what describes
// it for exporters is not (https://valkey.io/topics/acl/, 2026-11).
const (
	accessOfServices = "on ~* &* +@all -@dangerous +info"
	accessOfDefault  = "off -@all"
)

// users are the ones of the replication group, made together with it: a group that
// begins with a token cannot be moved to users without an interruption. The
// default user is ours and off, because nobody can change ElastiCache's own, which
// may do everything. It has a password only because Valkey refuses one without.
func (b builder) users(ctx *pulumi.Context, parent pulumi.Resource) (pulumi.StringArrayInput, error) {
	if b.live != nil {
		return nil, nil
	}
	var ids pulumi.StringArray
	for _, u := range []struct{ id, name, access string }{
		{b.name + "-" + b.Spec.User, b.Spec.User, accessOfServices}, {b.name + "-default", "default", accessOfDefault},
	} {
		made, err := elasticache.NewUser(ctx, u.id, &elasticache.UserArgs{
			UserId: pulumi.String(u.id), UserName: pulumi.String(u.name), Engine: pulumi.String(b.Spec.Engine),
			AccessString: pulumi.String(u.access), Passwords: pulumi.StringArray{b.secret()},
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("user %s of cache %s: %w", u.name, b.name, err)
		}
		ids = append(ids, made.UserId)
	}
	group, err := elasticache.NewUserGroup(ctx, b.name, &elasticache.UserGroupArgs{
		UserGroupId: pulumi.String(b.name), Engine: pulumi.String(b.Spec.Engine), UserIds: ids,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("users of cache %s: %w", b.name, err)
	}
	return pulumi.StringArray{group.UserGroupId}, nil
}

// secret is the password, whatever the caller made of it.
func (b builder) secret() pulumi.StringOutput {
	return pulumi.ToSecret(b.Password.ToStringOutput().ApplyT(acceptable)).(pulumi.StringOutput)
}

// acceptable refuses a password that ElastiCache refuses
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html, 2026-11).
// The error does not repeat it.
func acceptable(password string) (string, error) {
	if n := len(password); n < 16 || n > 128 {
		return "", fmt.Errorf("headroom:cachePassword has %d characters: ElastiCache takes 16 to 128", n)
	}
	for _, r := range password {
		if r <= ' ' || r > '~' {
			return "", fmt.Errorf("headroom:cachePassword must hold printable ASCII without spaces")
		}
	}
	return password, nil
}
