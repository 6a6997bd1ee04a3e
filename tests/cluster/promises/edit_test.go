//go:build linux

package promises

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
)

// edit reads an object, changes it and writes it back; again from the start where a
// controller wrote in between, as its status changes at any moment.
func edit[T any](ctx context.Context, name string, get func(context.Context, string, metav1.GetOptions) (T, error),
	put func(context.Context, T, metav1.UpdateOptions) (T, error), change func(T)) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		o, err := get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		change(o)
		_, err = put(ctx, o, metav1.UpdateOptions{})
		return err
	})
}
