// Command headroom is the Pulumi program of every stack.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/stacks"
)

func main() { pulumi.Run(stacks.Program) }
