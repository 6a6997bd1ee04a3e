//go:build linux

package promises

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

// headroom runs the command as a user does, at the root of the repository. It
// returns what stands on stdout and stderr, and the exit code.
func (w *world) headroom(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, messages bytes.Buffer
	cmd := exec.CommandContext(t.Context(), w.command, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &out, &messages
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return elsewhere.MatchString(v) })
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("headroom %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), messages.String(), cmd.ProcessState.ExitCode()
}

// elsewhere are the variables by which a developer's own systems would be read.
var elsewhere = regexp.MustCompile(`^(DATABASE_URL|PGBOUNCER_URL|REDIS_URL|KUBECONFIG|HEADROOM_PROMETHEUS_TOKEN)=`)

// engineer is a kubeconfig of somebody who may do what roles of a guide allow, and
// nothing else; what the guide binds in a namespace, in this one.
func engineer(t testing.TB, w *world, guide, namespace string, roles ...string) string {
	t.Helper()
	for _, role := range roles {
		for _, o := range grants(t, filepath.Join(root, "docs", guide), role) {
			if o.GetKind() == "RoleBinding" {
				o.SetNamespace(namespace)
			}
			must(t, "a role of "+guide, w.Apply(t.Context(), o))
		}
	}
	config, err := clientcmd.LoadFromFile(w.Kubeconfig)
	must(t, "the kubeconfig", err)
	for _, who := range config.AuthInfos {
		who.Impersonate, who.ImpersonateGroups = "engineer", []string{"platform-engineers"}
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	must(t, "the kubeconfig", clientcmd.WriteToFile(*config, path))
	return path
}

// grants are the ClusterRole of a guide and its binding.
func grants(t testing.TB, path, role string) (found []*unstructured.Unstructured) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, "a guide", err)
	for _, rest := range strings.Split(string(text), "```yaml\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		for document := range strings.SplitSeq(block, "\n---\n") {
			o := &unstructured.Unstructured{}
			must(t, path, yaml.Unmarshal([]byte(document), &o.Object))
			if o.GroupVersionKind().Group == "rbac.authorization.k8s.io" && o.GetName() == role {
				found = append(found, o)
			}
		}
	}
	if len(found) != 2 {
		t.Fatalf("%s has no ClusterRole %s and its binding", path, role)
	}
	return found
}
