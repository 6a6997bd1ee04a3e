package aws

import (
	"fmt"
	"math"
	"regexp"
	"slices"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	rdsCreateAPI  = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
	rdsStorage    = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage"
	rdsAutoscale  = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.StorageTypes.html"
	sdkInstance   = "pulumi-aws sdk 6.83.2 rds/instance.go, argument comments"
	gp3PostgresAt = 400 // GiB from which gp3 takes IOPS and throughput
	gp3LeastIOPS  = 12000
	gp3MostIOPS   = 64000
)

// instanceRules is what RDS and the provider refuse of aws:rds/instance.
func instanceRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "rds-final-snapshot", Test: finalSnapshot,
			Source: "terraform-provider-aws internal/service/rds/instance.go, resourceInstanceDelete",
		},
		{ID: "rds-final-snapshot-name", Test: finalSnapshotName, Source: tfInstance},
		{ID: "rds-identifier", Test: identifier, Source: tfInstance + ", validIdentifier in validate.go"},
		{ID: "rds-monitoring-role", Test: monitoringRole, Source: rdsCreateAPI + " MonitoringInterval"},
		{ID: "rds-gp3-threshold", Test: gp3Threshold, Source: rdsStorage + "; cloudtools/troposphere#2141"},
		{ID: "rds-throughput-type", Test: throughputType, Source: sdkInstance},
		{ID: "rds-password", Test: password, Source: tfInstance + " ConflictsWith"},
		{ID: "rds-new-instance", When: provider.OnCreate, Test: newInstance, Source: rdsCreateAPI},
		{ID: "rds-backup-retention", Test: between("backupRetentionPeriod", 0, 35), Source: tfInstance},
		{ID: "rds-storage-autoscaling", Test: storageAutoscaling, Source: rdsAutoscale},
		{ID: "rds-multi-az-zone", Test: multiAZZone, Source: rdsCreateAPI + " AvailabilityZone"},
		{ID: "rds-insights-retention", Test: insightsRetention, Source: sdkInstance},
		{ID: "rds-insights-mode", Test: insightsMode, Source: sdkInstance},
		{
			ID: "rds-deletion-protection", When: provider.OnDelete, Test: deletionProtection,
			Source: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
		},
	}
}

func problem(path, format string, args ...any) []provider.Problem {
	return []provider.Problem{{Path: path, Text: fmt.Sprintf(format, args...)}}
}

func finalSnapshot(_, in provider.Value) []provider.Problem {
	if in.At("skipFinalSnapshot").True() || in.At("finalSnapshotIdentifier").Present() {
		return nil
	}
	return problem("skipFinalSnapshot", "finalSnapshotIdentifier is required when skipFinalSnapshot is false, "+
		"else the instance cannot be deleted; set finalSnapshotIdentifier")
}

var snapshotName = regexp.MustCompile(`^[A-Za-z](-?[0-9A-Za-z])*$`)

func finalSnapshotName(_, in provider.Value) []provider.Problem {
	if name := in.At("finalSnapshotIdentifier"); name.IsText() && !snapshotName.MatchString(name.Text()) {
		return problem("finalSnapshotIdentifier", "must begin with a letter and hold letters, digits and single hyphens")
	}
	return nil
}

var instanceName = regexp.MustCompile(`^[a-z](-?[0-9a-z])*$`)

func identifier(_, in provider.Value) []provider.Problem {
	if in.At("identifier").Present() && in.At("identifierPrefix").Present() {
		return problem("identifierPrefix", "conflicts with identifier; set one of them")
	}
	name := in.At("identifier")
	if name.IsText() && (!instanceName.MatchString(name.Text()) || len(name.Text()) > 63) {
		return problem("identifier", "must begin with a letter and hold at most 63 lower-case letters, digits and single hyphens")
	}
	return nil
}

func monitoringRole(_, in provider.Value) []provider.Problem {
	seconds, ok := in.At("monitoringInterval").Number()
	switch {
	case !ok || seconds == 0:
		return nil
	case !slices.Contains([]float64{1, 5, 10, 15, 30, 60}, seconds):
		return problem("monitoringInterval", "must be one of 0, 1, 5, 10, 15, 30, 60")
	case !in.At("monitoringRoleArn").Present():
		return problem("monitoringInterval", "needs monitoringRoleArn; set it, or set monitoringInterval to 0")
	}
	return nil
}

func gp3Threshold(_, in provider.Value) (found []provider.Problem) {
	engines := []string{"postgres", "mysql", "mariadb"}
	size, known := in.At("allocatedStorage").Number()
	if in.At("storageType").Text() != "gp3" || !known || !slices.Contains(engines, in.At("engine").Text()) {
		return nil
	}
	for _, name := range []string{"iops", "storageThroughput"} {
		if size < gp3PostgresAt && in.At(name).Present() {
			found = append(found, problem(name, "cannot be set on gp3 below %d GiB (allocatedStorage = %.0f); "+
				"leave it out, or allocate %d GiB", gp3PostgresAt, size, gp3PostgresAt)...)
		}
	}
	if iops, ok := in.At("iops").Number(); ok && size >= gp3PostgresAt && (iops < gp3LeastIOPS || iops > gp3MostIOPS) {
		found = append(found, problem("iops", "must be from %d to %d on gp3 from %d GiB; leave it out for %d",
			gp3LeastIOPS, gp3MostIOPS, gp3PostgresAt, gp3LeastIOPS)...)
	}
	return found
}

func throughputType(_, in provider.Value) []provider.Problem {
	kind := in.At("storageType")
	if in.At("storageThroughput").Present() && !kind.Unknown() && kind.Text() != "gp3" {
		return problem("storageThroughput", "can only be set when storageType is gp3")
	}
	return nil
}

func password(_, in provider.Value) []provider.Problem {
	if in.At("password").Present() && in.At("manageMasterUserPassword").Present() {
		return problem("password", "conflicts with manageMasterUserPassword; set one of them")
	}
	return nil
}

// newInstance is what an instance that is made from nothing needs. A live one
// keeps what it has.
func newInstance(_, in provider.Value) []provider.Problem {
	for _, source := range []string{"replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime", "s3Import"} {
		if in.At(source).Present() {
			return nil
		}
	}
	var found []provider.Problem
	for _, name := range []string{"engine", "allocatedStorage", "username"} {
		if !in.At(name).Present() {
			found = append(found, problem(name, "is required for a new instance")...)
		}
	}
	managed := in.At("manageMasterUserPassword")
	if !in.At("password").Present() && !managed.Unknown() && !managed.True() {
		found = append(found, problem("password", "is required for a new instance; set it, or manageMasterUserPassword")...)
	}
	return found
}

func storageAutoscaling(_, in provider.Value) []provider.Problem {
	size, ok := in.At("allocatedStorage").Number()
	most, set := in.At("maxAllocatedStorage").Number()
	if least := math.Ceil(size * 1.1); ok && set && most > 0 && most < least {
		return problem("maxAllocatedStorage", "must be at least 10 %% above allocatedStorage; set %.0f or more, or 0", least)
	}
	return nil
}

func multiAZZone(_, in provider.Value) []provider.Problem {
	if in.At("multiAz").True() && in.At("availabilityZone").Present() {
		return problem("availabilityZone", "cannot be chosen for a Multi-AZ instance; leave it out")
	}
	return nil
}

func insightsRetention(_, in provider.Value) []provider.Problem {
	days, ok := in.At("performanceInsightsRetentionPeriod").Number()
	if !ok || days == 7 || days == 731 || days >= 31 && days <= 713 && math.Mod(days, 31) == 0 {
		return nil
	}
	return problem("performanceInsightsRetentionPeriod", "must be 7, 731 or a multiple of 31")
}

func insightsMode(_, in provider.Value) []provider.Problem {
	days, known := in.At("performanceInsightsRetentionPeriod").Number()
	if in.At("databaseInsightsMode").Text() != "advanced" {
		return nil
	}
	if !in.At("performanceInsightsEnabled").True() || known && days < 465 {
		return problem("databaseInsightsMode", "needs performanceInsightsEnabled and a retention of at least 465 days")
	}
	return nil
}

func deletionProtection(_, in provider.Value) []provider.Problem {
	if in.At("deletionProtection").True() {
		return problem("deletionProtection", "a protected DB instance cannot be deleted; set it to false and update first")
	}
	return nil
}

// between bounds a number, both ends included.
func between(path string, least, most float64) func(config, in provider.Value) []provider.Problem {
	return func(_, in provider.Value) []provider.Problem {
		if n, ok := in.At(path).Number(); ok && (n < least || n > most) {
			return problem(path, "must be between %.0f and %.0f", least, most)
		}
		return nil
	}
}
