package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/agencyos/headroom/capacity/k6"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

type loadtestFlags struct {
	source  source
	options k6.Options
	runners int
	auth    string
	bases   map[string]string
}

func newLoadtest() *cobra.Command {
	var f loadtestFlags
	cmd := &cobra.Command{
		Use:   "loadtest",
		Short: "Write the load test of a stack: a k6 script, or a TestRun of the k6-operator",
		Long: `Write the load test of a stack: a k6 script, or a TestRun of the k6-operator.

The script climbs in steps from today's peak to growth times it, with the mix of the
stack's routes, and does not wait for answers. It stops at the first step in which a
core route breaks its p99 or its first byte, or more requests fail than promised.
Nothing is started: where the load goes is said by the environment of k6.

The results are those that headroom baseline reads, for one pod with the autoscaler
off and --origin.`,
		Example: `  headroom loadtest --stack prod > loadtest.js
  BASE_URL_BACKEND=https://api.example.com AUTH="Bearer $TOKEN" k6 run loadtest.js
  headroom loadtest --stack prod --service backend --origin --hold 60s > pod.js
  headroom loadtest --stack prod --runners 4 --auth-secret loadtest/token | kubectl create -f -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.zero(cmd.Flags()); err != nil {
				return err
			}
			return f.run(cmd.OutOrStdout())
		},
	}
	f.source.bind(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.options.Services, "service", nil, "service that gets load, repeatable (default: all of them)")
	flags.BoolVar(&f.options.Origin, "origin", false, "the load behind the CDN, for URLs of the services themselves")
	flags.IntVar(&f.options.Steps, "steps", 5, "steps from today's peak to growth times it")
	flags.DurationVar(&f.options.Hold, "hold", 2*time.Minute, "how long each step lasts")
	flags.DurationVar(&f.options.Ramp, "ramp", 0, "time of all the ways up together (default: traffic.ramp)")
	flags.IntVar(&f.runners, "runners", 0, "print a TestRun of so many pods of the k6-operator instead of the script")
	flags.StringVar(&f.auth, "auth-secret", "", "with --runners: name/key of the Secret with the value of the header Authorization")
	flags.StringToStringVar(&f.bases, "base", nil, "with --runners: VARIABLE=URL, repeatable (default: the hosts of the services' ingress)")
	return cmd
}

// zero refuses a 0 that was given: the options take it for nothing said.
func (f loadtestFlags) zero(flags *pflag.FlagSet) error {
	var wrong []error
	for _, name := range []string{"steps", "hold", "ramp", "runners"} {
		if value := flags.Lookup(name).Value.String(); flags.Changed(name) && (value == "0" || value == "0s") {
			wrong = append(wrong, fmt.Errorf("%s = %s: must be more than 0; leave it out for the default", name, value))
		}
	}
	if len(wrong) > 0 {
		return problems("the load test", errors.Join(wrong...))
	}
	return nil
}

func (f loadtestFlags) run(out io.Writer) error {
	stack, base, err := f.source.load()
	if err != nil {
		return err
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Now()})
	if err != nil {
		return problems("stack "+stack.Name, err)
	}
	test, err := k6.New(stack, p, f.options)
	if err != nil {
		return problems("the load test of "+stack.Name, err)
	}
	text, err := f.text(stack, test)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

func (f loadtestFlags) text(stack spec.Stack, test k6.Test) (string, error) {
	if f.runners == 0 {
		if f.auth != "" || len(f.bases) > 0 {
			return "", invalid("--auth-secret and --base are for --runners", "the script reads AUTH and BASE_URL_… from its environment")
		}
		return test.Script()
	}
	name, key, _ := strings.Cut(f.auth, "/")
	text, err := test.Manifests(k6.Distribution{
		Namespace: stack.Cluster.Namespace, Name: stack.Name + "-loadtest", Runners: f.runners, Bases: f.bases, Auth: spec.SecretRef{Name: name, Key: key},
	})
	if err != nil {
		return "", problems("the load test of "+stack.Name, err)
	}
	return text, nil
}
