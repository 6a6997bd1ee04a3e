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
)

// Source is which cluster to read: a context of a kubeconfig file.
type Source struct {
	// Kubeconfig is a path; empty is KUBECONFIG, or the file in the home folder.
	Kubeconfig string
	// Context of it; empty is the current one, where Cluster agrees.
	Context string
	// Cluster is the name that the current context must have; empty is any.
	Cluster string
}

// Error is what went wrong and what to do about it.
type Error struct {
	Message string
	Hints   []string
}

func (e *Error) Error() string { return e.Message }

func fail(message string, hints ...string) error { return &Error{message, hints} }

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
		return nil, fail("--kubeconfig = "+s.Kubeconfig+" does not exist", login(s.Cluster)...)
	case err != nil:
		return nil, fail("the kubeconfig cannot be read: " + err.Error())
	}
	name, err := s.choose(raw)
	if err != nil {
		return nil, err
	}
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, fail("context "+name+" of the kubeconfig cannot be used: "+err.Error(), login(s.Cluster)...)
	}
	config.Timeout = patience
	config.UserAgent = "headroom"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fail("context " + name + " of the kubeconfig cannot be used: " + err.Error())
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
			return "", fail("the kubeconfig has no context "+s.Context, known(raw)...)
		}
		return s.Context, nil
	}
	current := raw.CurrentContext
	if current == "" || raw.Contexts[current] == nil {
		return "", fail("the kubeconfig names no current context", append(login(s.Cluster), known(raw)...)...)
	}
	if !s.is(current, raw.Contexts[current]) {
		return "", fail(fmt.Sprintf("the current context %s is not of cluster %s", current, s.Cluster), append(login(s.Cluster), "or name the context that is: --context")...)
	}
	return current, nil
}

// is says whether a context is the cluster's: aws eks update-kubeconfig names
// context and cluster by the ARN, which ends in the name, and eksctl by user,
// name and region.
func (s Source) is(name string, context *api.Context) bool {
	if s.Cluster == "" {
		return true
	}
	for _, text := range []string{name, context.Cluster} {
		if text == s.Cluster || strings.HasSuffix(text, "/"+s.Cluster) || strings.HasPrefix(text, s.Cluster+".") || strings.Contains(text, "@"+s.Cluster+".") {
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
