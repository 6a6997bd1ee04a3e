//go:build linux

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// operator is the module that carries the definitions of the custom resources of
// monitoring, under operatorDefinitions.
const (
	operator            = "github.com/prometheus-operator/prometheus-operator"
	operatorDefinitions = "example/prometheus-operator-crd"
)

// AddDefinitions adds custom resources of the Prometheus operator, in the version
// that tests/operator pins, so that the API server takes and checks objects of
// these kinds.
func (c *Cluster) AddDefinitions(ctx context.Context, kinds ...string) error {
	dir, err := c.module(ctx, operator)
	if err != nil {
		return err
	}
	all, err := Read(filepath.Join(dir, operatorDefinitions))
	if err != nil {
		return err
	}
	for _, o := range all {
		kind, _, _ := unstructured.NestedString(o.Object, "spec", "names", "kind")
		if !slices.Contains(kinds, kind) {
			continue
		}
		if err := c.Apply(ctx, o); err != nil {
			return err
		}
		if err := c.established(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// module is the folder of a module that tests/operator requires.
func (c *Cluster) module(ctx context.Context, path string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", path)
	cmd.Dir = filepath.Join(c.root, "tests", "operator")
	out, err := cmd.Output()
	var found struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &found); err == nil {
		err = jsonErr
	}
	if found.Error != "" {
		err = errors.Join(err, errors.New(found.Error))
	}
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", path, err)
	}
	return found.Dir, nil
}

// established waits until the API server serves a definition.
func (c *Cluster) established(ctx context.Context, o *unstructured.Unstructured) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		live, err := c.Get(ctx, o)
		if err != nil {
			return err
		}
		conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
		for _, condition := range conditions {
			if is := condition.(map[string]any); is["type"] == "Established" && is["status"] == "True" {
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not served after a minute", o.GetName())
}
