package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/catalog"
)

// version is set by the linker in a release.
var version string

// build is what a binary knows of itself. Its JSON is an interface: fields are
// only added.
type build struct {
	Version string `json:"version"`
	// Revision of the sources and its time; Modified says that they were changed.
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Catalog is the date of the prices and limits.
	Catalog string `json:"catalog"`
}

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the revision it was built from, and the date of its prices",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := ownBuild()
			if asJSON {
				return printJSON(cmd.OutOrStdout(), b)
			}
			_, err := io.WriteString(cmd.OutOrStdout(), b.String())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

// ownBuild is that of this program.
func ownBuild() build {
	info, _ := debug.ReadBuildInfo()
	return buildOf(version, info)
}

// buildOf reads what the linker and the compiler left; info may be nil.
func buildOf(version string, info *debug.BuildInfo) build {
	b := build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Catalog: catalog.Compiled}
	if info == nil {
		info = &debug.BuildInfo{}
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	text := "headroom " + b.Version
	if b.Revision != "" {
		text += fmt.Sprintf(", %.12s of %s", b.Revision, b.Time)
		if b.Modified {
			text += ", modified"
		}
	}
	return fmt.Sprintf("%s\n%s %s, prices and limits of %s\n", text, b.Go, b.Platform, b.Catalog)
}
