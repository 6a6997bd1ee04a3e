package cdn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// An expression selects requests, in Cloudflare's rules language
// (https://developers.cloudflare.com/ruleset-engine/rules-language/, 2026-11). It
// uses no regular expressions, which the smaller plans do not have.
type expression interface{ String() string }

type (
	allOf  []expression
	anyOf  []expression
	not    struct{ of expression }
	hostIs []string
	// pathIs is exact, pathUnder a prefix.
	pathIs    string
	pathUnder string
	// hasHeader asks for a request header by its lower-case name.
	hasHeader string
	// hasCookie may also find a cookie whose name ends the same: it is used only
	// to keep less.
	hasCookie string
	// succeeded is a response that is no error.
	succeeded struct{}
)

func (e allOf) String() string { return join([]expression(e), " and ") }
func (e anyOf) String() string { return join([]expression(e), " or ") }
func (e not) String() string   { return "not " + e.of.String() }

func (e hostIs) String() string {
	if len(e) == 1 {
		return fmt.Sprintf("http.host eq %q", e[0])
	}
	quoted := make([]string, len(e))
	for i, host := range e {
		quoted[i] = fmt.Sprintf("%q", host)
	}
	return "http.host in {" + strings.Join(quoted, " ") + "}"
}

func (e pathIs) String() string { return fmt.Sprintf("http.request.uri.path eq %q", string(e)) }
func (e pathUnder) String() string {
	return fmt.Sprintf("starts_with(http.request.uri.path, %q)", string(e))
}

func (e hasHeader) String() string {
	return fmt.Sprintf("any(http.request.headers.names[*] eq %q)", string(e))
}

func (e hasCookie) String() string { return fmt.Sprintf("http.cookie contains %q", string(e)+"=") }
func (succeeded) String() string   { return "http.response.code lt 400" }

// join brackets what has several parts.
func join(parts []expression, by string) string {
	if len(parts) == 1 {
		return parts[0].String()
	}
	text := make([]string, len(parts))
	for i, p := range parts {
		text[i] = p.String()
	}
	return "(" + strings.Join(text, by) + ")"
}

// scope are the requests that a rule is for.
func (z zone) scope(r spec.CacheRule) expression {
	hosts := hostIs(z.hostsOf(r))
	switch {
	case r.Path == "/":
		return hosts
	case below(r.Path):
		return allOf{hosts, pathUnder(r.Path)}
	}
	return allOf{hosts, pathIs(r.Path)}
}

func (z zone) hostsOf(r spec.CacheRule) []string {
	if r.Host != "" {
		return []string{strings.ToLower(r.Host)}
	}
	return z.hosts
}

// authorized are requests with an Authorization header to any host of the rules.
func (z zone) authorized() expression {
	var hosts []string
	for _, r := range z.rules {
		hosts = append(hosts, z.hostsOf(r)...)
	}
	slices.Sort(hosts)
	return allOf{hostIs(slices.Compact(hosts)), hasHeader("authorization")}
}

// signedIn are requests of signed-in visitors for personal answers; nil when
// there are none. A rule's requests are those that no later rule for files takes
// from it.
func (z zone) signedIn() expression {
	var sessions, personalOnes anyOf
	for _, name := range z.cookies {
		sessions = append(sessions, hasCookie(name))
	}
	for i, r := range z.rules {
		if !personal(r.Class) {
			continue
		}
		own := allOf{z.scope(r)}
		var files anyOf
		for _, later := range z.rules[i+1:] {
			if !personal(later.Class) && later.Class != spec.Private && z.meet(r, later) {
				files = append(files, z.scope(later))
			}
		}
		if len(files) > 0 {
			own = append(own, not{files})
		}
		personalOnes = append(personalOnes, own)
	}
	if len(sessions) == 0 || len(personalOnes) == 0 {
		return nil
	}
	return allOf{personalOnes, sessions}
}

// meet says whether a request can be one of both rules.
func (z zone) meet(a, b spec.CacheRule) bool {
	shared := slices.ContainsFunc(z.hostsOf(a), func(h string) bool { return slices.Contains(z.hostsOf(b), h) })
	return shared && (under(a.Path, b.Path) || under(b.Path, a.Path))
}

// withCredentials are all requests whose answers are for one caller only.
func (z zone) withCredentials() expression {
	if s := z.signedIn(); s != nil {
		return anyOf{z.authorized(), s}
	}
	return z.authorized()
}
