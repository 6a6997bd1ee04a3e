package cdn

import (
	"fmt"
	"regexp"
	"strings"
)

// Nginx renders what the origin behind the zone must send as a snippet for the
// http context of nginx. A server or location then says
//
//	proxy_hide_header Cache-Control;
//	add_header Cache-Control $headroom_cache_control;
//
// add_header leaves errors alone and adds nothing for an empty value
// (https://nginx.org/en/docs/http/ngx_http_headers_module.html#add_header).
func (z Zone) Nginx(cookies []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Cache-Control of every path of %s. Include this in the http context;\n", z.Name)
	b.WriteString("# a server or location that answers for the hosts below says:\n" +
		"#   proxy_hide_header Cache-Control;\n#   add_header Cache-Control $headroom_cache_control;\n\n")
	b.WriteString("map $http_authorization $headroom_authorized {\n    default \"signed-in\";\n    \"\" \"\";\n}\n\n")
	b.WriteString("map $http_cookie $headroom_visitor {\n    default $headroom_authorized;\n")
	if len(cookies) > 0 {
		fmt.Fprintf(&b, "    \"~(^|;\\s*)(%s)=\" \"signed-in\";\n", strings.Join(cookies, "|"))
	}
	b.WriteString("}\n\n# The first match wins.\nmap \"$headroom_visitor $host$uri\" $headroom_cache_control {\n    default \"\";\n")
	for i := len(z.Origin) - 1; i >= 0; i-- {
		z.Origin[i].nginx(&b)
	}
	b.WriteString("}\n")
	return b.String()
}

// nginx writes the entries of one path, apart for both kinds of visitors where
// they are told different things.
func (o OriginHeader) nginx(b *strings.Builder) {
	end := "$"
	if below(o.Path) {
		end = ""
	}
	for _, host := range o.Hosts {
		at := regexp.QuoteMeta(host+o.Path) + end
		if o.Value == o.SignedIn {
			fmt.Fprintf(b, "    \"~^(signed-in)? %s\" \"%s\";\n", at, o.Value)
			continue
		}
		fmt.Fprintf(b, "    \"~^ %s\" \"%s\";\n    \"~^signed-in %s\" \"%s\";\n", at, o.Value, at, o.SignedIn)
	}
}
