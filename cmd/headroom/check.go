package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/policies/rules"
	"github.com/agencyos/headroom/policies/rules/report"
)

type checkFlags struct {
	stack              source
	config             string
	json, sarif, junit bool
	list               bool
}

func newCheck() *cobra.Command {
	f := checkFlags{}
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Judge manifests, a preview or a state export by the policy rules",
		Long: `Judge declared resources by the rules of the policy pack, without an account.

PATH is a file of Kubernetes objects, a folder of them, the output of
pulumi preview --json, that of pulumi stack export, or - for standard input.
Several paths are judged together: the rules look across resources.

What a path does not carry stays open and is said: a manifest has no resource
options, an external Deployment no containers. docs/policies.md explains every
rule. A violation is accepted until a date by policy.suppressions of the stack
file (--stack), or by an annotation on its object:

  suppress.headroom.dev/<rule>: "2026-12-31 the reason"

Exit codes: 0 nothing is violated, 1 a rule is violated or an exception does not
hold, 2 usage or invalid input.`,
		Example: `  headroom check manifests/
  helm template chart | headroom check -
  pulumi preview --json -s prod | headroom check --stack prod -
  headroom check --sarif state.json > findings.sarif`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.OutOrStdout(), cmd.ErrOrStderr(), cmd.InOrStdin(), args)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.stack.stack, "stack", "s", "", "stack whose policy.suppressions, policy.replacements and waivers hold: reads Pulumi.<stack>.yaml")
	flags.StringVarP(&f.stack.file, "file", "f", "", "stack file, instead of --stack")
	flags.StringVarP(&f.stack.dir, "dir", "C", ".", "folder of the stack files")
	flags.StringVar(&f.config, "config", "", "levels and options of rules: the file that pulumi --policy-pack-config takes")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.BoolVar(&f.sarif, "sarif", false, "print the report as SARIF, for code scanning")
	flags.BoolVar(&f.junit, "junit", false, "print the report as JUnit XML")
	flags.BoolVar(&f.list, "rules", false, "list the rules instead")
	cmd.MarkFlagsMutuallyExclusive("stack", "file")
	cmd.MarkFlagsMutuallyExclusive("json", "sarif", "junit")
	return cmd
}

func (f checkFlags) run(out, messages io.Writer, in io.Reader, paths []string) error {
	if f.list {
		return listRules(out, f.json)
	}
	if len(paths) == 0 {
		return invalid("name what to judge", "headroom check PATH..., or - for standard input")
	}
	options, err := f.options()
	if err != nil {
		return err
	}
	read, err := readAll("check", messages, in, paths)
	if err != nil {
		return err
	}
	if err := read.wellFormed(); err != nil {
		return err
	}
	all := rules.All()
	r := report.Report{Report: rules.Run(rules.NewModel(read.resources), all, options), Rules: all, Resources: len(read.resources), Files: read.files}
	if err := f.print(out, r); err != nil {
		return err
	}
	if !r.OK() {
		return violated
	}
	return nil
}

func (f checkFlags) print(out io.Writer, r report.Report) error {
	switch {
	case f.json:
		return printJSON(out, r.Document())
	case f.sarif:
		return r.SARIF(out)
	case f.junit:
		return r.JUnit(out)
	}
	return show(out, r.Text())
}

// options come from the stack file and the configuration of the pack.
func (f checkFlags) options() (rules.RunOptions, error) {
	options := rules.RunOptions{Today: time.Now()}
	if f.stack.named() {
		resolved, err := f.stack.resolve()
		if err != nil {
			return options, err
		}
		stack, err := resolved.loadStack()
		if err != nil {
			return options, err
		}
		options.Suppressions, options.Replacements, options.Waivers = stack.Policy.Suppressions, stack.Policy.Replacements, stack.Waivers
	}
	if f.config == "" {
		return options, nil
	}
	data, err := f.stack.read(f.config)
	if err != nil {
		return options, err
	}
	if options.Config, err = rules.ParseConfig(data, rules.All()); err != nil {
		return options, problems(f.config, err)
	}
	return options, nil
}

// listRules prints the rules with their options.
func listRules(out io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(out, report.Catalog(rules.All()))
	}
	for _, rule := range rules.All() {
		fmt.Fprintf(out, "%-22s %-9s %s\n", rule.ID, rule.Severity, rule.What)
	}
	return nil
}
