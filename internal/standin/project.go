package standin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/cloudflare"
)

// madeUpSecrets are the secrets a stack of Headroom may read. The stand-ins
// have nothing they could protect, so any value does.
var madeUpSecrets = []string{"cachePassword", "cloudflareToken", "localPassword"}

// project is a user's project as read, before anything is copied.
type project struct {
	dir, stack string
	settings   *workspace.Project
	file       *workspace.ProjectStack
	secrets    []string // full keys whose encrypted values cannot be read here
}

func readProject(dir, stack string) (project, error) {
	settings, err := workspace.LoadProject(filepath.Join(dir, "Pulumi.yaml"))
	if err != nil {
		return project{}, hint(fmt.Errorf("no Pulumi project in %s: %w", dir, err),
			"name the directory that holds Pulumi.yaml with --dir")
	}
	path := filepath.Join(dir, "Pulumi."+stack+".yaml")
	if _, err := os.Stat(path); err != nil {
		return project{}, hint(fmt.Errorf("no stack %q: %s does not exist", stack, path),
			"stacks here: "+strings.Join(Stacks(dir), ", "))
	}
	quiet := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never})
	file, err := workspace.LoadProjectStack(quiet, settings, path)
	if err != nil {
		return project{}, fmt.Errorf("reading %s: %w", path, err)
	}
	p := project{dir: dir, stack: stack, settings: settings, file: file}
	p.dropEncryption()
	return p, nil
}

// Stacks lists the stacks of a project by its stack files.
func Stacks(dir string) []string {
	paths, err := filepath.Glob(filepath.Join(dir, "Pulumi.*.yaml"))
	if err != nil {
		return nil
	}
	stacks := make([]string, 0, len(paths))
	for _, p := range paths {
		stacks = append(stacks, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(p), "Pulumi."), ".yaml"))
	}
	return stacks
}

// dropEncryption forgets the stack's secrets provider and every encrypted
// value: they belong to keys this session must not need.
func (p *project) dropEncryption() {
	p.file.SecretsProvider, p.file.EncryptedKey, p.file.EncryptionSalt = "", "", ""
	p.file.Environment = nil
	for _, name := range madeUpSecrets {
		p.secrets = append(p.secrets, p.settings.Name.String()+":"+name)
	}
	for key, value := range p.file.Config {
		if value.Secure() {
			delete(p.file.Config, key)
			p.secrets = append(p.secrets, key.String())
		}
	}
}

// account is the AWS account the stack says it belongs to, so that a provider
// that admits another one is refused.
func (p project) account() aws.Account {
	var cluster struct{ Account, Region, Version string }
	value, ok := p.file.Config[config.MustMakeKey(p.settings.Name.String(), "cluster")]
	if !ok {
		return aws.Account{}
	}
	text, err := value.Value(config.NopDecrypter)
	if err != nil || json.Unmarshal([]byte(text), &cluster) != nil {
		return aws.Account{} // the program reports a cluster it cannot read
	}
	return aws.Account{ID: cluster.Account, Region: cluster.Region, KubernetesVersion: cluster.Version}
}

// zone is the Cloudflare zone that the stack says it belongs to, on the plan that
// it says.
func (p project) zone() cloudflare.Zone {
	var edge struct {
		Cloudflare struct{ Zone, ZoneID, Plan string }
	}
	value, ok := p.file.Config[config.MustMakeKey(p.settings.Name.String(), "edge")]
	if !ok {
		return cloudflare.Zone{}
	}
	text, err := value.Value(config.NopDecrypter)
	if err != nil || json.Unmarshal([]byte(text), &edge) != nil {
		return cloudflare.Zone{} // the program reports an edge it cannot read
	}
	z := edge.Cloudflare
	return cloudflare.Zone{ID: z.ZoneID, Name: z.Zone, Plan: z.Plan}
}

// copyTo writes what the engine and the program read into a work directory.
func (p project) copyTo(work string) error {
	if err := os.MkdirAll(work, 0o700); err != nil {
		return fmt.Errorf("making the work directory: %w", err)
	}
	if err := copyFile(filepath.Join(p.dir, "Pulumi.yaml"), filepath.Join(work, "Pulumi.yaml")); err != nil {
		return err
	}
	if err := p.file.Save(filepath.Join(work, "Pulumi."+p.stack+".yaml")); err != nil {
		return fmt.Errorf("copying the stack file: %w", err)
	}
	baselines := filepath.Join(p.dir, "baselines")
	if _, err := os.Stat(baselines); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.CopyFS(filepath.Join(work, "baselines"), os.DirFS(baselines)); err != nil {
		return fmt.Errorf("copying %s: %w", baselines, err)
	}
	return nil
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("reading %s: %w", from, err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	return nil
}

// setSecrets puts made-up secrets where the program expects real ones.
func (s *Session) setSecrets(ctx context.Context, p project) error {
	values := auto.ConfigMap{}
	for _, key := range p.secrets {
		value, err := s.secret(key)
		if err != nil {
			return err
		}
		values[key] = auto.ConfigValue{Value: value, Secret: true}
	}
	if err := s.stack.SetAllConfig(ctx, values); err != nil {
		return fmt.Errorf("setting made-up secrets: %w", summarize(err))
	}
	return nil
}

// secret of a key: a known one, or one that is made up once.
func (s *Session) secret(key string) (string, error) {
	if value, known := s.opts.Secrets[key]; known {
		return value, nil
	}
	if value, known := s.secrets[key]; known {
		return value, nil
	}
	value, err := made()
	s.secrets[key] = value
	return value, err
}

// made is a random value nobody needs to know.
func made() (string, error) {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("making up a secret: %w", err)
	}
	return hex.EncodeToString(b), nil
}
