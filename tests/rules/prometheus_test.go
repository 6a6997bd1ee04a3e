package rules

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"github.com/agencyos/headroom/capacity/alerts"
)

// lookback is Prometheus' default: how long a sample counts as the current one.
const lookback = 5 * time.Minute

func engine(t testing.TB) *promql.Engine {
	t.Helper()
	return promqltest.NewTestEngine(t, false, lookback, 50_000_000)
}

// evaluator evaluates rule groups over stored series.
type evaluator struct{ groups map[string]*rules.Group }

// load has the real loader read groups from a file, as Prometheus does.
func load(t testing.TB, store storage.Storage, groups []alerts.RuleGroup) evaluator {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	text, err := json.Marshal(map[string]any{"groups": groups}) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	manager := rules.NewManager(&rules.ManagerOptions{
		NameValidationScheme: model.LegacyValidation, Context: t.Context(), Logger: slog.New(slog.DiscardHandler),
		Appendable: store, Queryable: store, QueryFunc: rules.EngineQueryFunc(engine(t), store),
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
	})
	loaded, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, path)
	for _, err := range errs {
		t.Error(err)
	}
	if t.Failed() {
		t.FailNow()
	}
	return evaluator{loaded}
}

// firing evaluates every group step by step and returns the alerts that fire at
// the end.
func (e evaluator) firing(t testing.TB, from, to time.Time, step time.Duration) []*rules.Alert {
	t.Helper()
	var out []*rules.Alert
	for _, group := range e.groups {
		for at := from; !at.After(to); at = at.Add(step) {
			group.Eval(t.Context(), at)
		}
		for _, rule := range group.Rules() {
			if err := rule.LastError(); err != nil {
				t.Errorf("%s: %v", rule.Name(), err)
			}
		}
		for _, rule := range group.AlertingRules() {
			for _, a := range rule.ActiveAlerts() {
				if a.State == rules.StateFiring {
					out = append(out, a)
				}
			}
		}
	}
	return out
}
