package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// rdsPrivate prevents a database or a cache on the internet: by its own address, or
// by a security group that lets the world reach its port.
func rdsPrivate() Rule {
	return Rule{
		ID: "rds-private", Severity: Critical, Level: Mandatory, Single: true,
		What:    "databases and caches are not reachable from the internet",
		Why:     "one leaked or guessed password would be enough",
		Fix:     "set publiclyAccessible: false and admit the nodes' security group instead of an address range",
		Anchors: []string{"CKV_AWS_17", "AWS-0180", "AWS-0107", "nag RDS8", "nag EC23", "KICS pulumi RDS public"},
		Types:   []string{typeRDSInstance, typeSecurityGroup, typeSecurityRule, typeSecurityRuleOpen, typeCache},
		Eval: func(m Input) []Finding {
			var all []Finding
			ports := m.databasePorts()
			for _, i := range m.of(typeRDSInstance) {
				all = append(all, judgePublic(i))
			}
			for _, r := range m.of(typeSecurityGroup, typeSecurityRule, typeSecurityRuleOpen) {
				all = append(all, judgeIngress(r, ports))
			}
			return all
		},
	}
}

// wellKnownPorts of databases and caches.
var wellKnownPorts = []int{3306, postgresPort, 6379, 6432}

// postgresPort is where PostgreSQL listens unless it is told otherwise.
const postgresPort = 5432

// ports are where databases and caches listen; the facts hold which may be others.
type ports struct {
	known []int
	facts facts
}

// databasePorts are the well-known ones and those of the instances and caches.
func (m Model) databasePorts() ports {
	p := ports{known: slices.Clone(wellKnownPorts)}
	for _, r := range m.of(typeRDSInstance, typeCache) {
		p.known = append(p.known, p.facts.count(r.at("port"), 1, postgresPort))
	}
	return p
}

func judgePublic(i Resource) Finding {
	f := &facts{}
	var faults []string
	if f.flag(i.at("publiclyAccessible")) {
		faults = append(faults, "publiclyAccessible is true")
	}
	return decide(i, f, "whether it has a public address", faults, "it has no public address")
}

// opening is one rule of ingress in the forms that providers have.
type opening struct {
	from, to, protocol leaf
	// single is one address range, many are lists of them.
	single, many []leaf
}

func judgeIngress(r Resource, listening ports) Finding {
	f := &facts{}
	var faults []string
	for _, o := range openings(f, r) {
		faults = append(faults, o.judge(f, listening)...)
	}
	return decide(r, f, "whether it opens a database port to the world", faults, "no database port is open to the world")
}

func openings(f *facts, r Resource) []opening {
	switch r.Type {
	case typeSecurityGroup:
		var all []opening
		for _, rule := range f.list(r.at("ingress")) {
			all = append(all, inline(rule))
		}
		return all
	case typeSecurityRule:
		if f.textOr(r.at("type"), "ingress") != "ingress" {
			return nil
		}
		return []opening{inline(r.root())}
	}
	return []opening{{
		from: r.at("fromPort"), to: r.at("toPort"), protocol: r.at("ipProtocol"),
		single: []leaf{r.at("cidrIpv4"), r.at("cidrIpv6")},
	}}
}

func inline(rule leaf) opening {
	return opening{
		from: rule.at("fromPort"), to: rule.at("toPort"), protocol: rule.at("protocol"),
		many: []leaf{rule.at("cidrBlocks"), rule.at("ipv6CidrBlocks")},
	}
}

func (o opening) judge(f *facts, listening ports) []string {
	own := &facts{}
	ranges := append([]leaf(nil), o.single...)
	for _, l := range o.many {
		ranges = append(ranges, own.list(l)...)
	}
	var world []string
	for _, l := range ranges {
		if text := own.textOr(l, ""); wide(text) {
			world = append(world, text)
		}
	}
	if len(world) == 0 && own.complete() {
		return nil
	}
	bounds := &facts{}
	port, open := o.opens(bounds, listening)
	switch {
	case !open:
	case bounds.complete() && len(world) > 0:
		return []string{fmt.Sprintf("port %d is open to %s", port, strings.Join(world, ", "))}
	default:
		f.waits = append(append(f.waits, own.waits...), bounds.waits...)
	}
	return nil
}

// opens finds a database port in the range of a rule; what is not known of the
// range may be all ports, and a port that is not known may be in every range.
func (o opening) opens(f *facts, listening ports) (int, bool) {
	protocol := f.textOr(o.protocol, "-1")
	if protocol == "-1" || protocol == "all" {
		return postgresPort, true
	}
	if protocol != "tcp" && protocol != "6" {
		return 0, false
	}
	from, to := f.count(o.from, -1, 0), f.count(o.to, -1, 65535)
	for _, port := range listening.known {
		if from <= port && port <= to {
			return port, true
		}
	}
	f.waits = append(f.waits, listening.facts.waits...)
	return 0, !listening.facts.complete()
}

// wideBits is the shortest prefix that still counts as a network of somebody.
const wideBits = 8

func wide(cidr string) bool {
	prefix, err := netip.ParsePrefix(cidr)
	return err == nil && prefix.Bits() < wideBits
}
