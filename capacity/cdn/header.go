package cdn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// Header is one response header.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

const (
	cacheControl = "Cache-Control"
	// never forbids every cache to keep an answer.
	never = "private, no-store"
)

// sorted orders headers by name in byte order. The Cloudflare provider keeps
// them so and reports any other order as a change that never ends
// (github.com/cloudflare/terraform-provider-cloudflare#2343, #3487).
func sorted(headers ...Header) []Header {
	slices.SortFunc(headers, func(a, b Header) int { return cmp.Compare(a.Name, b.Name) })
	return headers
}

// directives join to one Cache-Control value. Of all of them only three let a
// shared cache keep the answer to a request with an Authorization header:
// public, s-maxage and must-revalidate
// (https://www.rfc-editor.org/rfc/rfc9111#section-3.5). None of them is ever
// said where the origin sees credentials.
func directives(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

func age(name string, d time.Duration) string { return fmt.Sprintf("%s=%d", name, Seconds(d)) }

// Seconds are whole, as headers need them.
func Seconds(d time.Duration) int { return int(d / time.Second) }

// window is a directive of a stale window; none for none.
func window(name string, d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return age(name, d)
}

// stale are the windows in which an old copy may still be served.
func (l Life) stale() string {
	return directives(window("stale-while-revalidate", l.Stale), window("stale-if-error", l.OnError))
}

// browser is what a browser is told: nothing about the edge.
func browser(r spec.CacheRule) string {
	switch r.Class {
	case spec.Private:
		return never
	case spec.Immutable:
		return directives(age("max-age", year), "immutable")
	}
	return age("max-age", LifeOf(r).Browser)
}

// edge is what an edge with a header of its own is told.
func edge(r spec.CacheRule) string {
	switch r.Class {
	case spec.Private:
		return never
	case spec.Immutable:
		return directives(age("max-age", LifeOf(r).Edge), "immutable")
	}
	l := LifeOf(r)
	return directives(age("max-age", l.Edge), l.stale())
}
