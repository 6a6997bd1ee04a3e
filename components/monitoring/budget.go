package monitoring

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
)

// budget declares an AWS Budget at what the stack may cost: told at the plan's
// share of it that is spent, and when the month is forecast to exceed it.
func (w watcher) budget(ctx *pulumi.Context, parent pulumi.Resource) error {
	if w.Spec.Local() || len(w.Spec.Budget.Emails) == 0 {
		return nil
	}
	if _, err := budgets.NewBudget(ctx, w.name, w.renderBudget(), pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("budget of %s: %w", w.name, err)
	}
	return nil
}

func (w watcher) renderBudget() *budgets.BudgetArgs {
	args := &budgets.BudgetArgs{
		BudgetType: pulumi.String("COST"), TimeUnit: pulumi.String("MONTHLY"),
		LimitAmount: pulumi.String(strconv.FormatFloat(float64(w.Spec.Budget.Monthly), 'f', -1, 64)), LimitUnit: pulumi.String("USD"),
		Notifications: budgets.BudgetNotificationArray{w.notify("ACTUAL", w.spent()), w.notify("FORECASTED", 100)},
	}
	if w.Spec.Budget.CostAllocationTag {
		args.CostFilters = budgets.BudgetCostFilterArray{budgets.BudgetCostFilterArgs{
			Name: pulumi.String("TagKeyValue"), Values: pulumi.ToStringArray([]string{"user:headroom:stack$" + w.Plan.Stack})}}
	}
	return args
}

// spent is the share of the budget, in percent, at which the plan alerts.
func (w watcher) spent() float64 {
	if a, ok := w.Plan.Limit(plan.CeilingSpending, ""); ok && a.Ceiling > 0 {
		return 100 * a.Threshold / a.Ceiling
	}
	return 100
}

func (w watcher) notify(kind string, percent float64) budgets.BudgetNotificationArgs {
	return budgets.BudgetNotificationArgs{
		NotificationType: pulumi.String(kind), ComparisonOperator: pulumi.String("GREATER_THAN"),
		Threshold: pulumi.Float64(percent), ThresholdType: pulumi.String("PERCENTAGE"),
		SubscriberEmailAddresses: pulumi.ToStringArray(w.Spec.Budget.Emails),
	}
}
