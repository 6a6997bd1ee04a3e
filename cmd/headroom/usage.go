package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/text"
)

// stated refuses, before any command runs, flags that exclude each other and text
// flags that are set to nothing: a variable of a script that is empty must not leave a
// default in its place.
func stated(cmd *cobra.Command, _ []string) error {
	if err := cmd.ValidateFlagGroups(); err != nil {
		return excluded(err)
	}
	var empty []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && strings.TrimSpace(f.Value.String()) == "" {
			empty = append(empty, "--"+f.Name)
		}
	})
	if len(empty) > 0 {
		return invalid(strings.Join(empty, " and ")+": must not be empty", "give it a value, or leave it out")
	}
	return nil
}

// wereSet is how cobra names the flags of a group that were set together.
var wereSet = regexp.MustCompile(`\[([^\]]+)\] were all set$`)

// excluded says in the words of this program which flags exclude each other.
func excluded(err error) error {
	found := wereSet.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	flags := strings.Fields(found[1])
	for i, f := range flags {
		flags[i] = "--" + f
	}
	return invalid(strings.Join(flags, " and ")+" exclude each other", "leave out all but one of them")
}

// forms are what the values of flags have to be, by the type of the flag.
var forms = map[string]string{
	"int": "a whole number", "uint64": "a whole number, 0 or more", "float64": "a number", "bool": "true or false",
	"duration": "a time such as 90s or 10m", "stringToString": "NAME=VALUE",
}

// misread is an error of a flag, in the words of this program where the value is none
// of its type.
func misread(cmd *cobra.Command, err error) error {
	hint := "flags: " + cmd.CommandPath() + " --help"
	var value *pflag.InvalidValueError
	if errors.As(err, &value) {
		if form := forms[value.GetFlag().Value.Type()]; form != "" {
			return invalid(fmt.Sprintf("--%s = %s: must be %s", value.GetFlag().Name, text.Printable(value.GetValue()), form), hint)
		}
	}
	return invalid(err.Error(), hint)
}

// misnamed refuses a name that is of no command below another, and says which are.
func misnamed(parent *cobra.Command, name string) error {
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	slices.Sort(names)
	return invalid(fmt.Sprintf("unknown command %q for %q", name, parent.CommandPath()), catalog.Meant(name, names), "known: "+strings.Join(names, ", "))
}

// strict makes the commands that have others below them refuse a name that they do
// not know, which cobra answers by help and exit code 0.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.Args, root.RunE = onlyCommands, helps
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args, c.RunE = onlyCommands, helps
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				if found, rest, err := root.Find(args); err != nil || found.HasSubCommands() && len(rest) > 0 {
					return misnamed(found, rest[0])
				}
				return nil
			}
		}
	}
}

func helps(cmd *cobra.Command, _ []string) error { return cmd.Help() }

func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misnamed(cmd, args[0])
	}
	return nil
}
