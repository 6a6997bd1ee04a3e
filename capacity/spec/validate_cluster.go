package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/hpa"
)

// minor is the form of a Kubernetes minor version.
var minor = regexp.MustCompile(`^1\.\d{2}$`)

// eksContext are the names that aws eks update-kubeconfig and eksctl give to the
// contexts they write.
var eksContext = regexp.MustCompile(`^arn:aws[a-z-]*:eks:|\.eksctl\.io$`)

func (c Cluster) validate(ps *Problems) {
	ps.require(minor.MatchString(c.Version), "cluster.version", c.Version,
		`must be a Kubernetes minor version in quotes, such as "1.35"`, "")
	ps.require(!minor.MatchString(c.Version) || slices.Contains(modeled(), c.Version), "cluster.version", c.Version,
		"is not a version whose autoscaler is modeled: "+strings.Join(modeled(), ", "), "")
	ps.require(dnsLabel.MatchString(c.Namespace), "cluster.namespace", c.Namespace, "must be a Kubernetes namespace name", "")
	oneOf(ps, "cluster.podIpMode", c.PodIPMode)
	if c.Context != "" {
		ps.require(c.Name == "" && c.Account == "", "cluster.context", c.Context,
			"must not stand beside cluster.name or cluster.account", "a stack runs on EKS or on a local cluster; keep one")
		ps.require(!eksContext.MatchString(c.Context), "cluster.context", c.Context,
			"is the context of an EKS cluster, and a local stack has no account that could be held against it",
			"name the cluster by cluster.name, region and account")
		return
	}
	ps.require(c.Name != "", "cluster.name", nil, "must name the EKS cluster", "or set cluster.context for a local cluster")
	ps.require(slices.Contains(catalog.Regions(), c.Region), "cluster.region", c.Region, `must be an AWS region such as "us-east-1"`,
		catalog.Meant(c.Region, catalog.Regions()))
	ps.require(account.MatchString(c.Account), "cluster.account", c.Account,
		`must be the 12-digit AWS account in quotes`, "any other account is refused before the first call")
	ps.require(strings.HasPrefix(c.VpcID, "vpc-"), "cluster.vpcId", c.VpcID, `must be a VPC id such as "vpc-0a1b2c3d"`, "")
	ps.require(strings.HasPrefix(c.NodeSecurityGroupID, "sg-"), "cluster.nodeSecurityGroupId", c.NodeSecurityGroupID,
		`must be a security group id such as "sg-0a1b2c3d"`, "")
	ps.require(len(c.Subnets) > 0, "cluster.subnets", nil, "must list the subnets of nodes and pods", "")
	seen := map[string]int{}
	for i, n := range c.Subnets {
		at := fmt.Sprintf("cluster.subnets[%d]", i)
		n.validate(ps, at)
		n.lies(ps, at, c.Region)
		first, twice := seen[n.ID]
		ps.require(!twice || n.ID == "", at+".id", n.ID, fmt.Sprintf("is cluster.subnets[%d] already: its addresses are there once", first), "name another subnet, or remove one of the two")
		if !twice {
			seen[n.ID] = i
		}
	}
}

// modeled are the Kubernetes versions whose autoscaler is modeled.
func modeled() []string {
	var out []string
	for v := hpa.V134; v <= hpa.V137; v++ {
		out = append(out, v.String())
	}
	return out
}

// zoneOf is what follows the region in the name of a zone: a letter, or for a
// Local or Wavelength Zone its place, as in us-east-1-bos-1a and
// us-east-1-wl1-bos-wlz-1
// (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-zones.html, 2026-11).
var zoneOf = regexp.MustCompile(`^([a-z]|(-[a-z0-9]+)+)$`)

// lies holds that the zone is one of the region. An unknown region is told by
// itself.
func (n Subnet) lies(ps *Problems, at, region string) {
	if n.Zone == "" || !slices.Contains(catalog.Regions(), region) {
		return
	}
	rest, inside := strings.CutPrefix(n.Zone, region)
	ps.require(inside && zoneOf.MatchString(rest), at+".zone", n.Zone, fmt.Sprintf("must be a zone of cluster.region, such as %q", region+"a"), "")
}

func (n Subnet) validate(ps *Problems, at string) {
	whole := usableIPs(n.CIDR)
	ps.require(strings.HasPrefix(n.ID, "subnet-"), at+".id", n.ID, `must be a subnet id such as "subnet-0a1b2c3d"`, "")
	ps.require(n.Zone != "", at+".zone", nil, `must be a zone such as "us-east-1a"`, "")
	ps.require(whole > 0, at+".cidr", n.CIDR, `must be an IPv4 block such as "10.0.0.0/20"`, "")
	if whole > 0 {
		ps.require(*n.FreeIPs >= 0 && *n.FreeIPs <= whole, at+".freeIps", *n.FreeIPs,
			fmt.Sprintf("must be between 0 and %d, what %s holds less 5 reserved", whole, n.CIDR), "")
	}
}
