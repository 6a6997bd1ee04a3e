package command

import "github.com/agencyos/headroom/stacks"

// Headroom is the program of this checkout.
func Headroom() Program {
	return Program{
		Run: stacks.Program, Report: stacks.Report, Files: stacks.Files,
		Policy: stacks.Policy, Adoption: stacks.Adoption, Pointer: stacks.Pointer, Setting: stacks.SettingOf,
	}
}
