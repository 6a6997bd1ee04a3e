package rules

import (
	"math"
	"net/netip"
	"slices"

	"github.com/agencyos/headroom/capacity/budget"
)

// reservedByAWS are the addresses of a subnet that nobody gets
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html, 2026-11).
const reservedByAWS = 5

// subnetIPs prevents pods that stay without an address below every other limit.
func subnetIPs() Rule {
	return Rule{
		ID: "subnet-ips", Severity: High, Level: Mandatory,
		What:    "nodes and pods at their ceilings find addresses in the subnets of the node groups",
		Why:     "the VPC CNI takes whole interfaces of addresses per node; when a subnet is empty, pods stay in ContainerCreating",
		Fix:     "use larger or further subnets, or a lower maxSize; this rule counts without prefix delegation",
		Anchors: []string{"S3", "vpc-cni 2846", "elastic-ipfs/infrastructure 221", "scylladb/scylla-cluster-tests 3622"},
		Types:   []string{typeNodeGroup, typeSubnet, typeLaunchTemplate, typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeStatefulSet, typeConfigMap},
		Options: reserves(),
		Eval: func(in Input) []Finding {
			groups := in.of(typeNodeGroup)
			if len(groups) == 0 {
				return nil
			}
			return onStack("whether nodes and pods find addresses", func(v *verdict) { in.judgeAddresses(v, groups) })
		},
	}
}

func (in Input) judgeAddresses(v *verdict, groups []Resource) {
	demands := in.demands(&v.facts)
	pods := budget.Sum(demands).Pods + in.whole(optSystemPods)
	full, idle, nodes, each := 0, 0, 0, 1.0
	var subnets []string
	for _, g := range groups {
		n := v.required(g.at("scalingConfig.maxSize"), 0)
		for _, kind := range in.instanceTypes(&v.facts, g) {
			a := budget.Addresses{Interfaces: kind.MaxENIs, PerInterface: kind.IPv4PerENI}
			full, idle, each = full+n*a.OnNode(kind.MaxPods), idle+a.Idle(n), math.Max(each, a.PerPod())
			break
		}
		nodes += n
		subnets = append(subnets, in.subnetsOf(&v.facts, g)...)
	}
	pods += nodes * in.whole(optSetPods)
	want := min(full, idle+int(math.Ceil(float64(pods)*each)))
	slices.Sort(subnets)
	have := in.freeAddresses(&v.facts, slices.Compact(subnets))
	v.pass("%d addresses for %d nodes and %d pods ≤ %d", want, nodes, pods, have)
	if v.complete() && want > have {
		v.fault("%d addresses for %d nodes and %d pods at their ceilings > %d in the subnets", want, nodes, pods, have)
	}
}

// subnetsOf are the URNs of the subnets of a group, which all have to be here.
func (m Model) subnetsOf(f *facts, g Resource) []string {
	var found []string
	ids := g.at("subnetIds").Items()
	for _, s := range m.referred(g, "subnetIds", typeSubnet) {
		found = append(found, s.URN)
	}
	for _, id := range ids {
		for _, s := range m.of(typeSubnet) {
			if own, _ := s.at("id").text(); Text(own) == id {
				found = append(found, s.URN)
			}
		}
	}
	if len(found) < max(1, len(ids)) {
		f.wait("the subnets of %s, not all in this stack", g.label())
	}
	return found
}

// freeAddresses counts what the subnets can give at most. What others in them
// take is not among the resources.
func (m Model) freeAddresses(f *facts, urns []string) int {
	total := 0
	for _, urn := range urns {
		block := m.byURN[urn].at("cidrBlock")
		prefix, err := netip.ParsePrefix(f.textOr(block, ""))
		if err != nil {
			f.wait("%s to be a block of addresses", block)
			continue
		}
		total += max(0, 1<<min(30, prefix.Addr().BitLen()-prefix.Bits())-reservedByAWS)
	}
	return total
}
