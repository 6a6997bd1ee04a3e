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

// env notes the environment as the kubelet builds it: the objects of envFrom in
// their order, then the variables of the container over them. What lies under an
// object that cannot be read is in doubt: it may set anything.
func (r reader) env(ctx context.Context, namespace, object string, c corev1.Container) {
	known := map[string]string{}
	hidden := func(why string) {
		clear(known)
		r.seen.Doubt(drift.Cluster, object, drift.Env(""), why)
	}
	for _, from := range c.EnvFrom {
		switch {
		case from.SecretRef != nil:
			hidden("what Secret " + from.SecretRef.Name + " puts into the environment is not read")
		case from.ConfigMapRef != nil:
			data, err := r.configMap(ctx, namespace, from.ConfigMapRef.Name)
			if err != nil {
				hidden(err.Error())
			}
			for key, value := range data {
				known[from.Prefix+key] = value
			}
		}
	}
	for _, v := range c.Env {
		known[v.Name] = v.Value
		if from := v.ValueFrom; from != nil {
			known[v.Name] = elsewhere
			if from.ConfigMapKeyRef != nil {
				data, err := r.configMap(ctx, namespace, from.ConfigMapKeyRef.Name)
				if err != nil {
					delete(known, v.Name)
					r.seen.Doubt(drift.Cluster, object, drift.Env(v.Name), err.Error())
					continue
				}
				known[v.Name] = data[from.ConfigMapKeyRef.Key]
			}
		}
	}
	for name, value := range known {
		r.saw(object, drift.Env(name), value)
	}
}

// configMap is the data of one; of one that is not there it is empty, as for a
// pod that includes it as optional.
func (r reader) configMap(ctx context.Context, namespace, name string) (map[string]string, error) {
	m, err := r.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("its environment is in ConfigMap %s: %w", name, r.broken("reading it", err))
	}
	return m.Data, nil
}
