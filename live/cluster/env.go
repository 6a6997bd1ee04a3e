package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/agencyos/headroom/capacity/drift"
)

// elsewhere stands for the value of a variable that comes out of a Secret or of the
// pod itself. Secrets are not read.
const elsewhere = "set from elsewhere"

// environment is what the processes of a container are told, as far as it is known.
type environment struct {
	known  map[string]string
	doubts []doubt
}

// doubt is an object that could not be read; without the name of a variable it may
// set any.
type doubt struct{ name, object, why string }

// environment as the kubelet builds it: the objects of envFrom in their order, then
// the variables of the container over them. What lies under an object that cannot
// be read is in doubt.
func (c *Conn) environment(ctx context.Context, namespace string, of corev1.Container) environment {
	e := environment{known: map[string]string{}}
	for _, from := range of.EnvFrom {
		switch {
		case from.SecretRef != nil:
			e.hide("Secret "+from.SecretRef.Name, "what Secret "+from.SecretRef.Name+" puts into the environment is not read")
		case from.ConfigMapRef != nil:
			data, err := c.configMap(ctx, namespace, from.ConfigMapRef.Name)
			if err != nil {
				e.hide("ConfigMap "+from.ConfigMapRef.Name, err.Error())
			}
			for key, value := range data {
				e.known[from.Prefix+key] = value
			}
		}
	}
	for _, v := range of.Env {
		e.known[v.Name] = v.Value
		if from := v.ValueFrom; from != nil {
			e.known[v.Name] = elsewhere
			if from.ConfigMapKeyRef != nil {
				data, err := c.configMap(ctx, namespace, from.ConfigMapKeyRef.Name)
				if err != nil {
					delete(e.known, v.Name)
					e.doubts = append(e.doubts, doubt{v.Name, "ConfigMap " + from.ConfigMapKeyRef.Name, err.Error()})
					continue
				}
				e.known[v.Name] = data[from.ConfigMapKeyRef.Key]
			}
		}
	}
	return e
}

// hide forgets what an object that cannot be read may have set anew.
func (e *environment) hide(object, why string) {
	clear(e.known)
	e.doubts = append(e.doubts, doubt{"", object, why})
}

// env notes the environment.
func (r reader) env(ctx context.Context, namespace, object string, c corev1.Container) {
	e := r.environment(ctx, namespace, c)
	for _, d := range e.doubts {
		r.seen.Doubt(drift.Cluster, object, drift.Env(d.name), d.why)
	}
	for name, value := range e.known {
		r.saw(object, drift.Env(name), value)
	}
}

// configMap is the data of one; of one that is not there it is empty, as for a
// pod that includes it as optional.
func (c *Conn) configMap(ctx context.Context, namespace, name string) (map[string]string, error) {
	m, err := c.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("its environment is in ConfigMap %s: %w", name, c.broken("reading it", err))
	}
	return m.Data, nil
}
