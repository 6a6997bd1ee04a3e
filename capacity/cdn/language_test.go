package cdn

import (
	"fmt"
	"strings"
)

// matches evaluates an expression of Cloudflare's rules language as far as
// Headroom writes it. It reads the text that is deployed, not what it was made
// from.
func matches(expression string, r request) (bool, error) {
	p := parser{rest: expression, request: r}
	got := p.term()
	if p.err == nil && p.rest != "" {
		p.fail("more than one expression")
	}
	return got, p.err
}

type parser struct {
	rest    string
	request request
	err     error
}

func (p *parser) fail(what string) bool {
	if p.err == nil {
		p.err = fmt.Errorf("%s before %q", what, p.rest)
	}
	return false
}

func (p *parser) take(token string) bool {
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *parser) text() string {
	var out string
	if _, err := fmt.Sscanf(p.rest, "%q", &out); err != nil {
		p.fail("no text")
		return ""
	}
	p.rest = p.rest[len(fmt.Sprintf("%q", out)):]
	return out
}

func (p *parser) term() bool {
	switch {
	case p.take("not "):
		return !p.term()
	case p.take("("):
		return p.group()
	case p.take("http.host eq "):
		return p.text() == p.request.host
	case p.take("http.host in {"):
		return p.set(p.request.host)
	case p.take("http.request.uri.path eq "):
		return p.text() == p.request.path
	case p.take("starts_with(http.request.uri.path, "):
		prefix := p.text()
		return p.closed() && strings.HasPrefix(p.request.path, prefix)
	case p.take("any(http.request.headers.names[*] eq "):
		name := p.text()
		return p.closed() && name == "authorization" && p.request.authorized
	case p.take("http.cookie contains "):
		return strings.Contains(p.request.cookie, p.text())
	case p.take("http.response.code lt 400"):
		return p.request.status < 400
	}
	return p.fail("unknown term")
}

func (p *parser) closed() bool { return p.take(")") || p.fail("no )") }

// group is a bracket of one kind of operator: mixed ones would depend on
// precedence.
func (p *parser) group() bool {
	result, operator := p.term(), ""
	for p.err == nil && !p.take(")") {
		switch {
		case operator != " or " && p.take(" and "):
			operator = " and "
			result = p.term() && result
		case operator != " and " && p.take(" or "):
			operator = " or "
			result = p.term() || result
		default:
			return p.fail("no operator, or two kinds")
		}
	}
	return result
}

func (p *parser) set(value string) bool {
	found := false
	for p.err == nil && !p.take("}") {
		found = p.text() == value || found
		p.take(" ")
	}
	return found
}
