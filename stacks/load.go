package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/spec"
)

// source is where a stack is read from.
type source struct {
	// stack is its name, dir the directory of Pulumi.yaml.
	stack, dir string
	// raw are the headroom config keys with their JSON text.
	raw map[string]json.RawMessage
}

// inputs are everything that a plan is derived from.
type inputs struct {
	stack spec.Stack
	base  baseline.Baseline
	// today decides which exceptions hold.
	today time.Time
}

// fromPulumi is the only reader of Pulumi config. Values are taken as text and
// decoded strictly later: the typed readers of the SDK turn what they cannot
// parse into zero.
func fromPulumi(ctx *pulumi.Context) (source, error) {
	dir := ctx.RootDirectory()
	if dir == "" {
		var err error
		if dir, err = os.Getwd(); err != nil {
			return source{}, fmt.Errorf("finding the project: %w", err)
		}
	}
	src := source{stack: ctx.Stack(), dir: dir, raw: map[string]json.RawMessage{}}
	cfg := config.New(ctx, spec.Namespace)
	var problems spec.Problems
	for _, key := range stackKeys() {
		text, err := cfg.Try(key)
		if err != nil {
			continue
		}
		if ctx.IsConfigSecret(spec.Namespace + ":" + key) {
			problems = append(problems, spec.Problem{Path: key, Rule: "must not be a secret",
				Fix: "store secrets as Kubernetes Secrets and name them by a secretRef"})
			continue
		}
		src.raw[key] = json.RawMessage(text)
	}
	for _, key := range presentKeys(src) {
		if _, read := src.raw[key]; !read && !slices.Contains(spec.SecretKeys, key) {
			// The value does not matter: the decoder reports the key.
			src.raw[key] = json.RawMessage("{}")
		}
	}
	if len(problems) > 0 {
		return source{}, problems
	}
	return src, nil
}

// secret is a value that the stack keeps encrypted; without it, the error has the
// one command that sets it.
func secret(ctx *pulumi.Context, key, what string) (pulumi.StringOutput, error) {
	value, err := config.New(ctx, spec.Namespace).TrySecret(key)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("%s:%s is not set: %s; set it with\n  pulumi config set --stack %s --secret %s:%s",
			spec.Namespace, key, what, ctx.Stack(), spec.Namespace, key)
	}
	return value, nil
}

// fromFile reads Pulumi.<stack>.yaml without Pulumi.
func fromFile(dir, stack string) (source, error) {
	data, err := os.ReadFile(stackFile(dir, stack))
	if err != nil {
		return source{}, fmt.Errorf("no stack %q: %w", stack, err)
	}
	raw, err := spec.Raw(data)
	if err != nil {
		return source{}, fmt.Errorf("%s: %w", filepath.Base(stackFile(dir, stack)), err)
	}
	return source{stack: stack, dir: dir, raw: raw}, nil
}

// load decodes stack file and baseline, and reports what is wrong with both.
func (s source) load() (inputs, error) {
	stack, stackErr := s.decode()
	base, baseErr := s.baseline()
	if err := errors.Join(stackErr, baseErr); err != nil {
		return inputs{}, err
	}
	return inputs{stack: stack, base: base}, nil
}

func (s source) decode() (spec.Stack, error) {
	if len(s.raw) == 0 {
		return spec.Stack{}, fmt.Errorf("stack %s has no %s: configuration; start from Pulumi.prod.yaml", s.stack, spec.Namespace)
	}
	stack, err := spec.Decode(s.stack, s.raw)
	var problems spec.Problems
	if !errors.As(err, &problems) {
		problems = undeclarable(stack)
	}
	if len(problems) > 0 {
		return spec.Stack{}, fmt.Errorf("stack file Pulumi.%s.yaml:\n%w", s.stack, problems)
	}
	return stack, err
}

func (s source) baseline() (baseline.Baseline, error) {
	path := filepath.Join("baselines", s.stack+".json")
	data, err := os.ReadFile(filepath.Join(s.dir, path))
	if errors.Is(err, fs.ErrNotExist) {
		return baseline.Baseline{}, fmt.Errorf("%s is missing: no number can be derived without measured facts; "+
			"load-test one pod and write the file (baselines/prod.json shows the form), or copy that of another stack and mark it example", filepath.ToSlash(path))
	}
	if err != nil {
		return baseline.Baseline{}, fmt.Errorf("reading the baseline: %w", err)
	}
	base, err := baseline.Decode(data)
	if err != nil {
		return baseline.Baseline{}, fmt.Errorf("%s:\n%w", filepath.ToSlash(path), err)
	}
	return base, nil
}

func stackFile(dir, stack string) string { return filepath.Join(dir, "Pulumi."+stack+".yaml") }

// stackKeys are the config keys that the stack file knows.
func stackKeys() []string {
	var keys []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[spec.Stack]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			keys = append(keys, name)
		}
	}
	return keys
}

// presentKeys are the headroom keys that somebody set, known or not. The SDK
// answers only for keys one asks for, so a misspelled one would pass unseen. A
// program that the CLI started finds all of them in its environment; one that
// runs inside another process, in the stack file.
func presentKeys(src source) []string {
	var keys []string
	all := map[string]string{}
	if text := os.Getenv(pulumi.EnvConfig); text != "" {
		// What is not readable here was not readable for the SDK either.
		if json.Unmarshal([]byte(text), &all) != nil {
			return nil
		}
		for key := range all {
			if short, ours := strings.CutPrefix(key, spec.Namespace+":"); ours {
				keys = append(keys, short)
			}
		}
		return keys
	}
	if file, err := fromFile(src.dir, src.stack); err == nil {
		for key := range file.raw {
			keys = append(keys, key)
		}
	}
	return keys
}
