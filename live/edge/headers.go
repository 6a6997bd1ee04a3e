// Package edge asks addresses for their headers as a browser would.
package edge

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/drift"
)

// patience with one address.
const patience = 15 * time.Second

// client stays where it is sent: the headers of another address prove nothing.
var client = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Headers notes the Cache-Control of an address, without and with credentials.
// The credentials are made up: an edge decides by their presence.
func Headers(ctx context.Context, address string, seen *drift.Seen) {
	seen.Ask(drift.Edge, "the addresses named")
	for name, authorization := range map[string]string{cdn.CacheControl: "", drift.SignedIn: "Bearer headroom-verify"} {
		response, err := get(ctx, address, authorization)
		switch {
		case err != nil:
			seen.Doubt(drift.Edge, address, name, err.Error())
		case authorization == "" && response.StatusCode >= http.StatusBadRequest:
			seen.Doubt(drift.Edge, address, name, fmt.Sprintf("it answers %d, and errors keep their own headers", response.StatusCode))
		default:
			seen.Saw(drift.Edge, address, name, response.Header.Get(cdn.CacheControl))
		}
	}
}

func get(ctx context.Context, address, authorization string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "headroom verify")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	return response, response.Body.Close()
}
