package spec

// CacheRule says what kind of content lies under a path.
type CacheRule struct {
	// Name of the rule. It identifies the rule at the CDN, so a renamed rule is
	// another one.
	Name string `json:"name"`
	// Host that the rule applies to, inside the Cloudflare zone. Default: every
	// host of a service's ingress in the zone, or the zone's own name.
	Host string `json:"host,omitempty"`
	// Path: everything below it when it ends in "/", such as "/assets/", else
	// exactly this one, such as "/robots.txt".
	Path string `json:"path"`
	// Class of the content; it decides every header.
	Class Class `json:"class"`
	// EdgeTTL that the CDN keeps a fresh copy. Default: by class.
	EdgeTTL *Duration `json:"edgeTtl,omitempty"`
	// StaleWhileRevalidate that a stale copy is served while a fresh one is
	// fetched. Default: by class.
	StaleWhileRevalidate *Duration `json:"staleWhileRevalidate,omitempty"`
	// IgnoreQuery makes the Cloudflare zone answer a path the same for every
	// query string, so that tracking parameters do not split the cache.
	IgnoreQuery bool `json:"ignoreQuery,omitempty"`
	// QueryKeys are the only query parameters that the Cloudflare zone tells
	// answers apart by. It needs the enterprise plan.
	QueryKeys []string `json:"queryKeys,omitempty"`
}

// SignedInRule is the name of the rule that keeps answers to requests with
// credentials out of the Cloudflare zone's cache. No other rule may have it.
const SignedInRule = "signed-in"

// Class is a class of paths: what their content has in common.
type Class string

// The classes of paths.
const (
	// Immutable is a file whose name changes with its content.
	Immutable Class = "immutable"
	// Media is a file that may be replaced under its name, such as an image.
	Media Class = "media"
	// Page is a document that is the same for every visitor who is not signed in.
	Page Class = "page"
	// API is an API's answer that is the same for every caller without
	// credentials.
	API Class = "api"
	// Private is never cached anywhere.
	Private Class = "private"
)

// Values are the allowed classes.
func (Class) Values() []string {
	return []string{string(Immutable), string(Media), string(Page), string(API), string(Private)}
}
