package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/agencyos/headroom/live"
)

// broken is why the cluster did not answer a question.
func (c *Conn) broken(doing string, err error) error {
	var known *live.Error
	var network net.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case apierrors.IsUnauthorized(err):
		return live.Fail("cluster "+c.name+" does not know who asks", "log in again; the token may have expired")
	case apierrors.IsForbidden(err):
		return live.Fail("cluster "+c.name+" does not allow "+doing, reason(err))
	case errors.Is(err, context.Canceled):
		return live.Fail("stopped while " + doing)
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		return live.Fail("cluster "+c.name+" does not answer", err.Error(), "check VPN, endpoint access and whether the cluster still exists")
	}
	return live.Fail(fmt.Sprintf("%s failed at cluster %s: %v", doing, c.name, err))
}

// reason is the API server's own words.
func reason(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().Message
	}
	return err.Error()
}

func sorted(names []string) string {
	slices.Sort(names)
	return strings.Join(names, ", ")
}
