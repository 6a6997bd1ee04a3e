package cluster

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/agencyos/headroom/capacity/drift"
)

// env notes the environment as the kubelet builds it: the ConfigMaps of envFrom
// in their order, then the variables of the container over them. Secrets are not
// read: a variable out of one is seen as that.
func (r reader) env(ctx context.Context, namespace, object string, c corev1.Container) {
	for _, from := range c.EnvFrom {
		if from.ConfigMapRef == nil {
			continue
		}
		data, err := r.configMap(ctx, namespace, from.ConfigMapRef.Name)
		if err != nil {
			r.seen.Doubt(drift.Cluster, object, "", err.Error())
			return
		}
		for key, value := range data {
			r.saw(object, drift.Env(from.Prefix+key), value)
		}
	}
	for _, v := range c.Env {
		switch from := v.ValueFrom; {
		case from == nil:
			r.saw(object, drift.Env(v.Name), v.Value)
		case from.ConfigMapKeyRef != nil:
			data, err := r.configMap(ctx, namespace, from.ConfigMapKeyRef.Name)
			if err != nil {
				r.seen.Doubt(drift.Cluster, object, "", err.Error())
				return
			}
			r.saw(object, drift.Env(v.Name), data[from.ConfigMapKeyRef.Key])
		default:
			r.saw(object, drift.Env(v.Name), "set from elsewhere")
		}
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
