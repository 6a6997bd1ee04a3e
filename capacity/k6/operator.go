package k6

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/spec"
)

// Image of k6 that the runners use; its version is that of the k6 the scripts are
// tested with.
const Image = "grafana/k6:2.2.0"

// mostRunners of one test.
const mostRunners = 100

// Distribution spreads a load test over pods of the k6-operator, for loads past
// one machine. Each runner takes an equal part of the arrivals and judges the
// thresholds by its own answers.
type Distribution struct {
	// Namespace and Name of the objects.
	Namespace, Name string
	// Runners that share the load.
	Runners int
	// Bases are the URLs by environment variable.
	Bases map[string]string
	// Auth is the Secret key with the value of the header Authorization; optional.
	Auth spec.SecretRef
}

// Manifests are a ConfigMap with the script and the TestRun that reads it. Creating
// the TestRun starts the test, so nothing that is applied again and again may hold
// it (https://grafana.com/docs/k6/latest/testing-guides/running-distributed-tests/, 2026-11).
func (t Test) Manifests(d Distribution) (string, error) {
	if d.Runners < 1 || d.Runners > mostRunners {
		return "", fmt.Errorf("runners = %d: must be from 1 to %d", d.Runners, mostRunners)
	}
	if (d.Auth.Name == "") != (d.Auth.Key == "") {
		return "", errors.New("the Secret with the header Authorization needs both name and key")
	}
	if err := t.aimed(d.Bases); err != nil {
		return "", err
	}
	script, err := t.Script()
	if err != nil {
		return "", err
	}
	const file = "script.js"
	meta := map[string]any{"name": d.Name, "namespace": d.Namespace}
	config, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": map[string]any{file: script}})
	if err != nil {
		return "", fmt.Errorf("writing the script's ConfigMap: %w", err)
	}
	run, err := yaml.Marshal(map[string]any{
		"apiVersion": "k6.io/v1alpha1", "kind": "TestRun", "metadata": meta,
		"spec": map[string]any{
			"parallelism": d.Runners,
			"script":      map[string]any{"configMap": map[string]any{"name": d.Name, "file": file}},
			"runner":      map[string]any{"image": Image, "env": t.environment(d)},
		},
	})
	if err != nil {
		return "", fmt.Errorf("writing the TestRun: %w", err)
	}
	return string(config) + "---\n" + string(run), nil
}

// aimed refuses URLs for no service, and services without a URL: a load is never
// sent to a host that nobody named.
func (t Test) aimed(bases map[string]string) error {
	var problems []error
	known := map[string]bool{}
	for _, name := range sorted(t.Services) {
		s := t.Services[name]
		known[s.Base] = true
		if bases[s.Base] == "" && !s.hosted {
			problems = append(problems, fmt.Errorf("services.%s.ingress.host is not set: name the URL as %s=https://…", name, s.Base))
		}
	}
	for _, base := range sorted(bases) {
		if !known[base] {
			problems = append(problems, fmt.Errorf("%s is the URL of no service; known: %s", base, strings.Join(sorted(known), ", ")))
		}
	}
	return errors.Join(problems...)
}

// environment of a runner: URLs in plain text, the login by reference.
func (t Test) environment(d Distribution) []any {
	var out []any
	for _, name := range sorted(t.Services) {
		s := t.Services[name]
		url := s.Example
		if set := d.Bases[s.Base]; set != "" {
			url = set
		}
		out = append(out, map[string]any{"name": s.Base, "value": url})
	}
	if d.Auth.Name != "" {
		out = append(out, map[string]any{"name": "AUTH", "valueFrom": map[string]any{
			"secretKeyRef": map[string]any{"name": d.Auth.Name, "key": d.Auth.Key}}})
	}
	return out
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
