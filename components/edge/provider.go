package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Provider is the Cloudflare provider with a token of the stack. Who composes a
// stack makes it; here it is because nothing else imports the SDK.
func Provider(ctx *pulumi.Context, token pulumi.StringInput) (pulumi.ProviderResource, error) {
	provider, err := cloudflare.NewProvider(ctx, "cloudflare", &cloudflare.ProviderArgs{ApiToken: token.ToStringOutput().ToStringPtrOutput()})
	if err != nil {
		return nil, fmt.Errorf("provider for Cloudflare: %w", err)
	}
	return provider, nil
}
