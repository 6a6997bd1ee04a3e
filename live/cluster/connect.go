package cluster

import (
	"fmt"
	"os"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/live"
)

// Source is which cluster to read: a context of a kubeconfig file.
type Source struct {
	// Kubeconfig is a path; empty is KUBECONFIG, or the file in the home folder.
	Kubeconfig string
	// Context of it; empty is the current one, where Cluster agrees.
	Context string
	// Cluster that the current context must be of: by its name, and by region and
	// account where the context is an ARN, which tells them. Empty is any.
	Cluster spec.Cluster
}

// Conn is a connection to one cluster.
type Conn struct {
	client kubernetes.Interface
	config *rest.Config
	// name of the context.
	name string
}

// patience is how long one request may take.
const patience = 20 * time.Second

// Open prepares a connection; nothing is asked yet. It refuses the current
// context when that is another cluster's: what runs elsewhere says nothing.
func Open(s Source) (*Conn, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = s.Kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: s.Context})
	raw, err := loader.RawConfig()
	switch {
	case os.IsNotExist(err):
		return nil, live.Fail("--kubeconfig = "+s.Kubeconfig+" does not exist", login(s.Cluster.Name)...)
	case err != nil:
		return nil, live.Fail("the kubeconfig cannot be read: " + err.Error())
	}
	name, err := s.choose(raw)
	if err != nil {
		return nil, err
	}
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, live.Fail("context "+name+" of the kubeconfig cannot be used: "+err.Error(), login(s.Cluster.Name)...)
	}
	config.Timeout = patience
	config.UserAgent = "headroom"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, live.Fail("context " + name + " of the kubeconfig cannot be used: " + err.Error())
	}
	return &Conn{client: client, config: config, name: name}, nil
}

// New is a connection by a client that is there.
func New(client kubernetes.Interface, name string) *Conn { return &Conn{client: client, name: name} }

// Name of the context.
func (c *Conn) Name() string { return c.name }

// choose is the context that is meant.
func (s Source) choose(raw api.Config) (string, error) {
	if s.Context != "" {
		if raw.Contexts[s.Context] == nil {
			return "", live.Fail("the kubeconfig has no context "+s.Context, known(raw)...)
		}
		return s.Context, nil
	}
	current := raw.CurrentContext
	if current == "" || raw.Contexts[current] == nil {
		return "", live.Fail("the kubeconfig names no current context", append(login(s.Cluster.Name), known(raw)...)...)
	}
	if !s.is(current, raw.Contexts[current]) {
		return "", live.Fail(fmt.Sprintf("the current context %s is not of cluster %s", current, s.Cluster.Name), append(login(s.Cluster.Name), "or name the context that is: --context")...)
	}
	return current, nil
}

// is says whether a context is the cluster's: aws eks update-kubeconfig names
// context and cluster by the ARN, and eksctl by user, name and region.
func (s Source) is(name string, context *api.Context) bool {
	want := s.Cluster
	if want.Name == "" {
		return true
	}
	for _, text := range []string{name, context.Cluster} {
		if arn, ok := spec.ParseClusterARN(text); ok {
			return arn.Name == want.Name && (want.Region == "" || arn.Region == want.Region) && (want.Account == "" || arn.Account == want.Account)
		}
		if text == want.Name || strings.HasPrefix(text, want.Name+".") || strings.Contains(text, "@"+want.Name+".") {
			return true
		}
	}
	return false
}

func login(cluster string) []string {
	if cluster == "" {
		return []string{"set KUBECONFIG, or point --kubeconfig at a file"}
	}
	return []string{"log in: aws eks update-kubeconfig --name " + cluster}
}

func known(raw api.Config) []string {
	var names []string
	for name := range raw.Contexts {
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"contexts there: " + sorted(names)}
}
