package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Sources of the rows for what watches a stack and its spending.
const (
	tfBudget   = "terraform-provider-aws internal/service/budgets/budget.go @ 01d5888a (ForceNew fields, ValidateFunc)"
	budgetsAPI = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html"
)

func watchTypes(a Account) []provider.Type {
	return []provider.Type{
		{
			Token: "aws:budgets/budget:Budget", Required: []string{"budgetType", "timeUnit"},
			Sets:     []string{"notifications", "costFilters"},
			Defaults: map[string]any{"timePeriodEnd": "2087-06-15_00:00"},
			Autoname: &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 100},
			Rules:    budgetRules(), Identity: named("budget", "name"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				name := m.Inputs.At("name").Text()
				return a.ID + ":" + name, map[string]any{"accountId": a.ID, "arn": fmt.Sprintf("arn:aws:budgets::%s:budget/%s", a.ID, name)}
			},
		},
	}
}

func budgetRules() []provider.Rule {
	return []provider.Rule{
		{ID: "budget-name", Source: budgetsAPI + " BudgetName", Test: func(_, in provider.Value) []provider.Problem {
			if name := in.At("name").Text(); len(name) > 100 || strings.ContainsAny(name, `:\`) || strings.Contains(name, "/action/") {
				return problem("name", `must be at most 100 characters without ':', '\' and /action/`)
			}
			return nil
		}},
		{ID: "budget-limit", Source: budgetsAPI + " Spend", Test: budgetLimit},
		{ID: "budget-kinds", Source: tfBudget, Test: budgetKinds},
		{ID: "budget-notifications", Source: budgetsAPI + " NotificationsWithSubscribers: at most 10, 1 to 10 addresses of e-mail each", Test: budgetNotifications},
	}
}

func budgetLimit(_, in provider.Value) []provider.Problem {
	amount := in.At("limitAmount")
	if !amount.IsText() {
		return nil
	}
	if n, err := strconv.ParseFloat(amount.Text(), 64); err != nil || n <= 0 {
		return problem("limitAmount", "must be a positive number")
	}
	return nil
}

func budgetKinds(_, in provider.Value) []provider.Problem {
	found := oneOf(in, "budgetType", "USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE")
	return append(found, oneOf(in, "timeUnit", "DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY")...)
}

func budgetNotifications(_, in provider.Value) (found []provider.Problem) {
	list := in.At("notifications").List()
	if len(list) > 10 {
		found = problem("notifications", "AWS Budgets takes at most 10")
	}
	seen := map[string]bool{}
	for i, n := range list {
		at := fmt.Sprintf("notifications[%d]", i)
		found = append(found, oneOf(in, at+".notificationType", "ACTUAL", "FORECASTED")...)
		found = append(found, oneOf(in, at+".comparisonOperator", "GREATER_THAN", "LESS_THAN", "EQUAL_TO")...)
		found = append(found, oneOf(in, at+".thresholdType", "PERCENTAGE", "ABSOLUTE_VALUE")...)
		mails, topics := n.At("subscriberEmailAddresses"), n.At("subscriberSnsTopicArns")
		if len(mails.List()) > 10 || len(mails.List())+len(topics.List()) == 0 && !mails.Unknown() && !topics.Unknown() {
			found = append(found, problem(at+".subscriberEmailAddresses", "must name one to ten recipients")...)
		}
		key := n.At("notificationType").Text() + n.At("comparisonOperator").Text() + n.At("threshold").String()
		if seen[key] {
			found = append(found, problem(at, "DuplicateRecordException: the same notification stands twice")...)
		}
		seen[key] = true
	}
	return found
}

// oneOf refuses a known text that is none of the values.
func oneOf(in provider.Value, path string, values ...string) []provider.Problem {
	if v := in.At(path); v.IsText() && !slices.Contains(values, v.Text()) {
		return problem(path, "must be one of %s", strings.Join(values, ", "))
	}
	return nil
}
