package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/live"
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
		"current is the stack's": {Source{Kubeconfig: path, Cluster: spec.Cluster{Name: "prod"}}, ""},
		"current of eksctl":      {Source{Kubeconfig: eksctl, Cluster: spec.Cluster{Name: "staging"}}, ""},
		"current is another's":   {Source{Kubeconfig: path, Cluster: spec.Cluster{Name: "staging"}}, "is not of cluster staging"},
		"of another account":     {Source{Kubeconfig: path, Cluster: spec.Cluster{Name: "prod", Region: "us-east-1", Account: "111122223333"}}, "is not of cluster prod"},
		"in another region":      {Source{Kubeconfig: path, Cluster: spec.Cluster{Name: "prod", Region: "eu-west-1", Account: "000000000000"}}, "is not of cluster prod"},
		"in all parts":           {Source{Kubeconfig: path, Cluster: spec.Cluster{Name: "prod", Region: "us-east-1", Account: "000000000000"}}, ""},
		"part of a name":         {Source{Kubeconfig: path, Cluster: spec.Cluster{Name: "rod"}}, "is not of cluster rod"},
		"named":                  {Source{Kubeconfig: path, Context: "kind", Cluster: spec.Cluster{Name: "staging"}}, ""},
		"unknown":                {Source{Kubeconfig: path, Context: "minikube"}, "no context minikube"},
		"no current":             {Source{Kubeconfig: none, Cluster: spec.Cluster{Name: "prod"}}, "no current context"},
		"no file":                {Source{Kubeconfig: path + ".gone", Cluster: spec.Cluster{Name: "prod"}}, "does not exist"},
		"no kubeconfig":          {Source{Kubeconfig: written(t, "{"), Cluster: spec.Cluster{Name: "prod"}}, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(c.source)
			if c.refusal == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var told *live.Error
			if !errors.As(err, &told) || !strings.Contains(told.Message, c.refusal) {
				t.Errorf("error %v, want one that says %q", err, c.refusal)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	conn, err := Open(Source{Kubeconfig: written(t, kubeconfig), Cluster: spec.Cluster{Name: "prod"}})
	if err != nil {
		t.Fatal(err)
	}
	var seen drift.Seen
	err = conn.Settings(t.Context(), &seen, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "does not answer") || len(seen.Asked) > 0 {
		t.Errorf("error %v, asked %v", err, seen.Asked)
	}
}
