package spec

import (
	"slices"
	"strings"
)

// Contains says whether a host lies in the zone.
func (c Cloudflare) Contains(host string) bool {
	return host == c.Zone || strings.HasSuffix(host, "."+c.Zone)
}

// Touched says whether Headroom changes anything of the zone.
func (c Cloudflare) Touched() bool {
	return c.CachePhase.Mode != External || c.HeaderPhase.Mode != External || c.Settings != External
}

// Records says whether DNS records in the Cloudflare zone prove the names of a
// distribution to be ours, or point at it.
func (c CloudFront) Records() bool {
	return c.requestsCertificate() || len(c.Aliases) > 0 && c.writesRecords()
}

// ChangesCloudflare says whether a Cloudflare zone is changed, by rules or by
// records.
func (e Edge) ChangesCloudflare() bool {
	return e.Cloudflare != nil && e.Cloudflare.Touched() || e.CloudFront != nil && e.CloudFront.Records()
}

// ChangesCloudFront says whether a distribution is declared.
func (e Edge) ChangesCloudFront() bool { return e.CloudFront != nil && e.CloudFront.Mode != External }

// ZoneHosts are the hosts of services' ingresses in the Cloudflare zone, sorted,
// or the zone's own name when no service has one there.
func (s Stack) ZoneHosts() []string {
	zone := s.Edge.Cloudflare
	if zone == nil {
		return nil
	}
	var hosts []string
	for _, v := range s.Services {
		if v.Ingress != nil && zone.Contains(v.Ingress.Host) {
			hosts = append(hosts, v.Ingress.Host)
		}
	}
	if len(hosts) == 0 {
		return []string{zone.Zone}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

func (e Edge) withDefaults() Edge {
	if e.SessionCookies == nil && (e.Cloudflare != nil || e.CloudFront != nil || e.Vercel != nil) {
		e.SessionCookies = []string{"session"}
	}
	if e.Cloudflare != nil {
		c := *e.Cloudflare
		c.Mode = orElse(c.Mode, External)
		c.CachePhase.Mode = orElse(c.CachePhase.Mode, c.Mode)
		c.HeaderPhase.Mode = orElse(c.HeaderPhase.Mode, c.Mode)
		if c.Settings == "" {
			// Settings have no live id to adopt.
			c.Settings = External
			if c.Mode == Managed {
				c.Settings = Managed
			}
		}
		if c.Settings == Managed {
			c.TieredCache = orElse(c.TieredCache, TieredSmart)
		}
		e.Cloudflare = &c
	}
	if e.CloudFront != nil {
		c := *e.CloudFront
		c.Mode = orElse(c.Mode, External)
		c.PriceClass = orElse(c.PriceClass, PriceClass100)
		c.DNS = orElse(c.DNS, External)
		c.OriginShield = pointer(c.OriginShield, true)
		c.Bucket.Mode = orElse(c.Bucket.Mode, c.Mode)
		e.CloudFront = &c
	}
	return e
}
