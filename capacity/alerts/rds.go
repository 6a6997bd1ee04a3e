package alerts

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// rds watches what only AWS knows of the database's machine, through CloudWatch.
// Its values are one to two minutes old, and averages of five.
func (w world) rds() []Alert {
	e := w.stack.Watching().CloudWatch
	if e == nil || w.stack.Database.InstanceClass == "" {
		return nil
	}
	i := instance{world: w, exporter: e}
	var out []Alert
	out = append(out, i.cpu()...)
	out = append(out, i.iops()...)
	out = append(out, i.credits()...)
	return append(out, i.storage())
}

// instance is the RDS instance as CloudWatch shows it.
type instance struct {
	world
	exporter *spec.Exporter
}

func (i instance) of(metric string) string { return i.series.From(i.exporter, "aws_rds_"+metric) }

// metric is the command that asks CloudWatch itself.
func (i instance) metric(name string) string {
	return fmt.Sprintf(`aws cloudwatch get-metric-statistics --region %s --namespace AWS/RDS --metric-name %s --dimensions Name=DBInstanceIdentifier,Value="$DB_INSTANCE" --statistics Average --period 300 --start-time "$(date -u -d '-1 hour' +%%FT%%TZ)" --end-time "$(date -u +%%FT%%TZ)"`,
		i.stack.Cluster.Region, name)
}

func (i instance) cpu() []Alert {
	limit, ok := i.plan.Limit(plan.CeilingDatabaseCPU, "")
	if !ok {
		return nil
	}
	use := i.of("cpuutilization_average")
	return []Alert{{
		Name: "HeadroomDatabaseCPUNearLimit", Severity: spec.Critical, For: 10 * time.Minute, Ceiling: plan.CeilingDatabaseCPU,
		Expr:    fmt.Sprintf("%s >= %s", use, series.Number(limit.Threshold)),
		Summary: fmt.Sprintf("the database uses {{ $value | humanize }}%% of its CPU; %s%% is what it has for good", series.Number(limit.Ceiling)),
		Runbook: Runbook{Command: i.metric("CPUUtilization"),
			Means: fmt.Sprintf("The plan lets statements use %g%% of %s cores. Beyond that they wait for each other.", 100*plan.DatabaseCPUShare, series.Number(i.plan.Database.Cores)),
			Do: []string{"`headroom slow-queries` ranks statements by their share of the time; the first is the one to look at.",
				"A cold cache sends every lookup to the database: dashboard cache, hit ratio.",
				fmt.Sprintf("See what a larger class costs: `%s`.", i.whatIf("database.instanceClass=<class>"))}},
		Needs: []string{use},
	}}
}

func (i instance) iops() []Alert {
	limit, ok := i.plan.Limit(plan.CeilingDatabaseIOPS, "")
	if !ok {
		return nil
	}
	read, write := i.of("read_iops_average"), i.of("write_iops_average")
	return []Alert{{
		Name: "HeadroomDatabaseIOPSNearLimit", Severity: spec.Critical, For: 10 * time.Minute, Ceiling: plan.CeilingDatabaseIOPS,
		Expr:    fmt.Sprintf("%s + %s >= %s", series.Sum(read), series.Sum(write), series.Number(limit.Threshold)),
		Summary: fmt.Sprintf("the database does {{ $value | humanize }} of %s I/O operations per second", series.Number(limit.Ceiling)),
		Runbook: Runbook{Command: i.metric("ReadIOPS"),
			Means: "At the limit of the volume every read and every commit queues.",
			Do: []string{"Reads: does the working set still fit the memory? Dashboard database, reads from memory.",
				"Writes: autovacuum, checkpoints and bulk loads; move the load to a quiet hour.",
				fmt.Sprintf("From %d GiB the volume has 12000 IOPS: `%s`.", spec.GP3StripeGiB, i.whatIf("database.storage.gib=%d", spec.GP3StripeGiB))}},
		Needs: []string{read, write},
	}}
}

// credits of a burstable class: RDS runs them in Unlimited mode, so that the CPU
// stays and what it spends beyond is charged
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Types.html, 2026-11).
func (i instance) credits() []Alert {
	limit, ok := i.plan.Limit(plan.CeilingDatabaseCredits, "")
	if !ok {
		return nil
	}
	balance := i.of("cpucredit_balance_average")
	return []Alert{{
		Name: "HeadroomDatabaseCreditsLow", Severity: spec.Warning, For: 10 * time.Minute, Ceiling: plan.CeilingDatabaseCredits,
		Expr:    fmt.Sprintf("%s < %s", balance, series.Number(round(limit.Ceiling-limit.Threshold))),
		Summary: fmt.Sprintf("the database has {{ $value | humanize }} of %s CPU credits left", series.Number(limit.Ceiling)),
		Runbook: Runbook{Command: i.metric("CPUCreditBalance"),
			Means: fmt.Sprintf("%s pays for %s cores. RDS lets it use more without credits, as surplus that is charged by the vCPU-hour and that no budget of the plan knows.", i.stack.Database.InstanceClass, series.Number(i.plan.Database.Cores)),
			Do: []string{"What used them? `headroom slow-queries` ranks statements by their share of the time.",
				"What is charged already: `" + i.metric("CPUSurplusCreditsCharged") + "`.",
				fmt.Sprintf("A class that is not burstable has none to pay for: `%s`.", i.whatIf("database.instanceClass=db.m7g.large"))}},
		Needs: []string{balance},
	}}
}

// storage that should have grown by itself: RDS does so below a tenth free
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html, 2026-11).
func (i instance) storage() Alert {
	const share = 0.08
	free := i.of("free_storage_space_average")
	needs, expr := []string{free}, fmt.Sprintf("%s < %s", free, series.Number(round(share*float64(i.stack.Database.Storage.GiB)*(1<<30))))
	// The volume may have grown. CloudWatch does not say how large it is: at least
	// as large as what is free and what the databases hold.
	if e := i.stack.Watching().Postgres; e != nil {
		held := i.series.From(e, "pg_database_size_bytes")
		needs = append(needs, held)
		expr += fmt.Sprintf(" or %s < %s * (%s + scalar(%s))", free, series.Number(share), free, series.Sum(held))
	}
	return Alert{
		Name: "HeadroomDatabaseStorageNotGrowing", Severity: spec.Critical, For: 30 * time.Minute,
		Expr:    expr,
		Summary: "the database's volume has only {{ $value | humanize1024 }}B left and does not grow",
		Runbook: Runbook{Command: i.metric("FreeStorageSpace"),
			Means: fmt.Sprintf("RDS adds storage when less than a tenth is free, at most every six hours, from %d up to %d GiB. It has not.", i.stack.Database.Storage.GiB, i.stack.Database.Storage.MaxGiB),
			Do: []string{"`aws rds describe-events --source-type db-instance --duration 360` says why: the maximum, or the six hours.",
				"Stop bulk loads. Free space by dropping what is not needed, or raise database.storage.maxGib."}},
		Needs: needs,
	}
}
