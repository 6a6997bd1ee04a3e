// Command config reads a release configuration as goreleaser does: strictly, with
// every key known. It is a fraction of the whole tool, which compiles for minutes.
package main

import (
	"fmt"
	"os"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

func main() {
	project, err := config.Load(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s: %s, %d builds, %d archives\n", os.Args[1], project.ProjectName, len(project.Builds), len(project.Archives))
}
