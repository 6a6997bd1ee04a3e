package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/drift"
)

const kubeconfig = `
apiVersion: v1
kind: Config
current-context: arn:aws:eks:us-east-1:000000000000:cluster/prod
clusters:
- {name: prod, cluster: {server: "https://127.0.0.1:1"}}
contexts:
- {name: "arn:aws:eks:us-east-1:000000000000:cluster/prod", context: {cluster: prod}}
- {name: me@staging.us-east-1.eksctl.io, context: {cluster: prod}}
- {name: kind, context: {cluster: prod}}
`

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	path := written(t, kubeconfig)
	eksctl := written(t, strings.Replace(kubeconfig, "current-context: arn:aws:eks:us-east-1:000000000000:cluster/prod", "current-context: me@staging.us-east-1.eksctl.io", 1))
	none := written(t, strings.Replace(kubeconfig, "current-context: arn:aws:eks:us-east-1:000000000000:cluster/prod", "", 1))
	for name, c := range map[string]struct {
		source  Source
		refusal string
	}{
		"current is the stack's": {Source{Kubeconfig: path, Cluster: "prod"}, ""},
		"current of eksctl":      {Source{Kubeconfig: eksctl, Cluster: "staging"}, ""},
		"current is another's":   {Source{Kubeconfig: path, Cluster: "staging"}, "is not of cluster staging"},
		"part of a name":         {Source{Kubeconfig: path, Cluster: "rod"}, "is not of cluster rod"},
		"named":                  {Source{Kubeconfig: path, Context: "kind", Cluster: "staging"}, ""},
		"unknown":                {Source{Kubeconfig: path, Context: "minikube"}, "no context minikube"},
		"no current":             {Source{Kubeconfig: none, Cluster: "prod"}, "no current context"},
		"no file":                {Source{Kubeconfig: path + ".gone", Cluster: "prod"}, "does not exist"},
		"no kubeconfig":          {Source{Kubeconfig: written(t, "{"), Cluster: "prod"}, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(c.source)
			if c.refusal == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var told *Error
			if !errors.As(err, &told) || !strings.Contains(told.Message, c.refusal) {
				t.Errorf("error %v, want one that says %q", err, c.refusal)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	conn, err := Open(Source{Kubeconfig: written(t, kubeconfig), Cluster: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	var seen drift.Seen
	err = conn.Settings(t.Context(), &seen, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "does not answer") || len(seen.Asked) > 0 {
		t.Errorf("error %v, asked %v", err, seen.Asked)
	}
}
