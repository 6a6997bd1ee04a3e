package drift

import (
	"errors"
	"net/url"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
)

// SignedIn is the Cache-Control that a request with credentials gets.
const SignedIn = cdn.CacheControl + " with Authorization"

// Addresses are what the edge must answer at some addresses. One that the stack's
// rules do not speak of is refused: nothing was proven there.
func Addresses(stack spec.Stack, addresses []string) ([]Expectation, error) {
	var all []Expectation
	var errs []error
	refuse := func(text, rule string) {
		errs = append(errs, errors.New(spec.Problem{Path: "--url", Value: text, Rule: rule}.String()))
	}
	for _, text := range addresses {
		at, err := url.Parse(text)
		if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" {
			refuse(text, "must be an address such as https://www.example.com/assets/app.js")
			continue
		}
		visit, ok := cdn.Visited(stack, at)
		if !ok {
			refuse(text, "no rule of edge.cloudflare or edge.cloudfront is for it")
			continue
		}
		s := settings{source: Edge, object: text}
		s.add(cdn.CacheControl, visit.CacheControl, nil, "", "origin-load")
		if visit.SignedIn != "" {
			s.add(SignedIn, visit.SignedIn, nil, "", "origin-load")
		}
		all = append(all, s.all...)
	}
	return all, errors.Join(errs...)
}
