package standin

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// PolicyPackDir finds the checkout's own policy pack.
func PolicyPackDir() (string, error) {
	path, err := findUp(filepath.Join("policies", "main.go"))
	if err != nil {
		return "", hint(fmt.Errorf("no policy pack: %w", err), "preview without it: --policies=false")
	}
	return filepath.Dir(path), nil
}

// BuildPolicyPack builds the Go policy pack in dir and answers its binary. The
// engine runs a file as the analyzer itself, so nothing is compiled during a
// preview. Go's own build cache decides whether there is anything to do.
func BuildPolicyPack(ctx context.Context, dir string, progress io.Writer) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("policy pack %s: %w", dir, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "main.go")); err != nil {
		return "", hint(fmt.Errorf("no policy pack in %s: %w", dir, err), "preview without it: --policies=false")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", hint(fmt.Errorf("no place for the policy pack: %w", err), "set HOME or XDG_CACHE_HOME")
	}
	// One binary per checkout: two of them may preview at the same time.
	place := fmt.Sprintf("policies-%x", sha256.Sum256([]byte(dir)))[:24]
	build := goBuild{
		dir: dir, pkg: ".", target: filepath.Join(cache, "headroom", place, "pulumi-analyzer-policy-headroom"),
		what: "the policy pack", note: "about a minute the first time, then cached",
	}
	return build.target, build.run(ctx, progress)
}
