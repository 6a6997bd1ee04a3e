//go:build linux

package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/agencyos/headroom/tests/servers"
)

// program is one that a module under tools/ pins.
type program struct {
	// tool is the folder under tools/, module the one that has the version.
	tool, module string
	pkg          string
}

// The programs of a cluster by the name of their file.
var programs = map[string]program{
	"etcd":                    {"etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3"},
	"kube-apiserver":          {"kubernetes", "k8s.io/kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver"},
	"kube-controller-manager": {"kubernetes", "k8s.io/kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"},
	"kube-scheduler":          {"kubernetes", "k8s.io/kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler"},
	"kwok":                    {"kwok", "sigs.k8s.io/kwok", "sigs.k8s.io/kwok/cmd/kwok"},
	"metrics-server":          {"metrics-server", "sigs.k8s.io/metrics-server", "sigs.k8s.io/metrics-server/cmd/metrics-server"},
	"prometheus-adapter":      {"prometheus-adapter", "sigs.k8s.io/prometheus-adapter", "sigs.k8s.io/prometheus-adapter/cmd/adapter"},
}

// binary is a built program. Its file carries its version: a version is built once.
func (c *Cluster) binary(name string) string {
	c.t.Helper()
	p := programs[name]
	dir := filepath.Join(c.root, "tools", p.tool)
	version, err := pinned(filepath.Join(dir, "go.mod"), p.module)
	if err != nil {
		c.t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		c.t.Fatal(err)
	}
	path := filepath.Join(cache, "headroom", "bin", name+"-"+version)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if !servers.All() {
		c.t.Skipf("%s takes minutes to build: make cluster does", name)
	}
	if err := build(dir, p.pkg, version, path); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// pinned is the version of a module in a go.mod.
func pinned(path, module string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	f, err := modfile.Parse(path, text, nil)
	if err != nil {
		return "", err
	}
	for _, r := range f.Require {
		if r.Mod.Path == module {
			return r.Mod.Version, nil
		}
	}
	return "", fmt.Errorf("%s does not pin %s", path, module)
}

// build makes a program beside its place and moves it there when it is whole: a
// build that was killed leaves nothing that looks like one. The version is what a
// control plane says of itself, and clients and metrics-server look at it.
func build(dir, pkg, version, path string) error {
	half := fmt.Sprintf("%s.%d", path, os.Getpid())
	defer os.Remove(half) //nolint:errcheck // Gone after a successful move.
	cmd := exec.Command("go", "build", "-ldflags", "-s -w -X k8s.io/component-base/version.gitVersion="+version, "-o", half, pkg)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return os.Rename(half, path)
}

// Build builds the programs that a cluster needs and that are not there yet, for
// those who want the time it takes apart from that of their tests.
func Build(t testing.TB) {
	t.Helper()
	c := &Cluster{t: t, root: root(t)}
	for name := range programs {
		c.binary(name)
	}
}

// root of the repository, from wherever a test runs.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "tools", "kwok", "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test does not run inside the repository")
		}
	}
}
