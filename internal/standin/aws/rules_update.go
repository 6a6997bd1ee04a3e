package aws

import (
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const rdsModifyAPI = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html, 2026-11"

// modifyRules is what RDS refuses of a change to a live instance.
func modifyRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "rds-subnet-group-move", When: provider.OnUpdate, Between: subnetGroupMove,
			Source: "hashicorp/terraform-provider-aws#512",
		},
		{ID: "rds-storage-shrink", When: provider.OnUpdate, Between: storageShrink, Source: rdsModifyAPI + " AllocatedStorage"},
		{ID: "rds-major-upgrade", When: provider.OnUpdate, Between: majorUpgrade, Source: rdsModifyAPI + " AllowMajorVersionUpgrade"},
	}
}

func subnetGroupMove(old, in provider.Value) []provider.Problem {
	from, to := old.At("dbSubnetGroupName"), in.At("dbSubnetGroupName")
	if from.IsText() && (to.Unknown() || to.IsText() && to.Text() != from.Text()) {
		return problem("dbSubnetGroupName", "InvalidVPCNetworkStateFault: an instance cannot move to another subnet group "+
			"in the same VPC; keep %s", from.Text())
	}
	return nil
}

func storageShrink(old, in provider.Value) []provider.Problem {
	from, ok := old.At("allocatedStorage").Number()
	to, set := in.At("allocatedStorage").Number()
	if ok && set && to < from {
		return problem("allocatedStorage", "RDS cannot take storage away; allocate at least %.0f", from)
	}
	return nil
}

func majorUpgrade(old, in provider.Value) []provider.Problem {
	from, to := major(old.At("engineVersion")), major(in.At("engineVersion"))
	switch {
	case from == "" || to == "" || from == to:
		return nil
	case from > to:
		return problem("engineVersion", "RDS cannot go back from PostgreSQL %s", from)
	case !in.At("allowMajorVersionUpgrade").True():
		return problem("engineVersion", "InvalidParameterCombination: the AllowMajorVersionUpgrade flag must be present "+
			"when upgrading to a new major version")
	}
	return nil
}

func major(version provider.Value) string {
	m, _, _ := strings.Cut(version.Text(), ".")
	return m
}

// grown tells whether storage is above what is asked for because it grew by
// itself, which the provider does not undo (terraform-provider-aws
// internal/service/rds/instance.go, DiffSuppressFunc of allocated_storage).
func grown(path string, old, in provider.Value) bool {
	from, ok := old.At("allocatedStorage").Number()
	to, set := in.At("allocatedStorage").Number()
	most, _ := in.At("maxAllocatedStorage").Number()
	return path == "allocatedStorage" && ok && set && from > to && most > to
}
