package standin

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/cloudflare"
	"github.com/agencyos/headroom/internal/standin/kubernetes"
	"github.com/agencyos/headroom/internal/standin/provider"
)

// Providers makes the stand-ins for a stack. A further provider is one more
// element here and one more package of tables.
func Providers(account aws.Account, zone cloudflare.Zone) []*provider.Provider {
	return []*provider.Provider{aws.New(account), cloudflare.New(zone), kubernetes.New()}
}

// serve starts the stand-ins and answers what PULUMI_DEBUG_PROVIDERS needs.
func (s *Session) serve(project project) (string, error) {
	var ports []string
	account := project.account()
	account.ID = cmp.Or(s.opts.Account, account.ID)
	for _, p := range Providers(account, project.zone()) {
		server, err := p.Serve()
		if err != nil {
			return "", err
		}
		s.onClose(server.Close)
		s.Providers[p.Name()] = p
		ports = append(ports, fmt.Sprintf("%s:%d", p.Name(), server.Port))
	}
	return strings.Join(ports, ","), nil
}
