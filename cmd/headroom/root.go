package main

import (
	"context"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/schema"
)

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "headroom",
		Short:         "Does this stack survive five times its peak?",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       ownBuild().String(),

		PersistentPreRunE: stated,
	}
	root.SetVersionTemplate("{{.Version}}")
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(misread)
	root.AddCommand(newInit(), newPlan(), newSimulate(), newTune(), newBaseline(), newLoadtest(), newAudit(), newSlowQueries(), newVerify(), newCheck(), newSchema(), newVersion())
	strict(root)
	return root
}

// interruptible ends what is asked of running systems by Ctrl-C, so that they are
// told. It must not cover a read of the input: nothing cancels that, and without it
// the signal ends the program.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt)
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of the stack file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(schema.Stack)
			return err
		},
	}
}
