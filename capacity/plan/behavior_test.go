package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every override of the autoscaler reaches the plan, and what depends on it.
func TestBehaviorOverrides(t *testing.T) {
	const at = "services.backend.autoscaling."
	cases := map[string]struct {
		reason string
		set    string
		got    func(Service) any
		want   any
	}{
		"ScaleUpWindow":    {reason: "a window on the way up delays the decision by itself", set: "scaleUpWindow=20s", got: func(v Service) any { return v.Timeline.DecisionSeconds }, want: 51.0},
		"ScaleUpPercent":   {reason: "overrides what reaches the growth in one step", set: "scaleUpPercent=50", got: func(v Service) any { return v.Behavior.ScaleUp.Policies[0].Value }, want: 50},
		"ScaleDownWindow":  {reason: "overrides the default of five minutes", set: "scaleDownWindow=15m", got: func(v Service) any { return v.Behavior.ScaleDown.StabilizationSeconds }, want: 900},
		"ScaleDownPercent": {reason: "overrides the tenth per minute", set: "scaleDownPercent=25", got: func(v Service) any { return v.Behavior.ScaleDown.Policies[0].Value }, want: 25},
		"Tolerance":        {reason: "is handed to the API as a share", set: `tolerance="5%"`, got: func(v Service) any { return *v.Behavior.ScaleUp.Tolerance }, want: 0.05},
		"NoTolerance":      {reason: "without one the controller's counts and the field stays away", set: "scaleUpPercent=50", got: func(v Service) any { return v.Behavior.ScaleUp.Tolerance == nil }, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v := planned(t, at+tc.set).Services["backend"]
			if diff := cmp.Diff(tc.want, tc.got(v)); diff != "" {
				t.Errorf("%s\n%s: -want, +got:\n%s", tc.reason, tc.set, diff)
			}
		})
	}
}

// A narrower tolerance lets pods be driven harder before the autoscaler acts.
func TestToleranceMovesTheTarget(t *testing.T) {
	target := func(sets ...string) float64 {

		return planned(t, sets...).Services["backend"].TargetPercent
	}
	if wide, narrow := target(`services.backend.autoscaling.tolerance="30%"`), target(`services.backend.autoscaling.tolerance="2%"`); narrow <= wide {
		t.Errorf("target %g%% at a tolerance of 2%%, %g%% at 30%%: want more", narrow, wide)
	}
}
