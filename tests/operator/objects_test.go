package operator

import (
	"cmp"
	"encoding/json"
	"testing"

	"github.com/prometheus-operator/prometheus-operator/pkg/alertmanager/validation/v1alpha1"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	"github.com/prometheus-operator/prometheus-operator/pkg/operator"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	sigsjson "sigs.k8s.io/json"

	"github.com/agencyos/headroom/capacity/monitors"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// objects are the custom resources of a stack in the operator's own types.
type objects struct {
	podMonitors map[string]*monitoringv1.PodMonitor
	probes      map[string]*monitoringv1.Probe
	rules       map[string]*monitoringv1.PrometheusRule
	receivers   map[string]*monitoringv1alpha1.AlertmanagerConfig
}

// decoded reads every object strictly, as an API server with field validation does.
func decoded(t *testing.T, s spec.Stack, p plan.Plan) objects {
	t.Helper()
	out := objects{map[string]*monitoringv1.PodMonitor{}, map[string]*monitoringv1.Probe{}, map[string]*monitoringv1.PrometheusRule{}, map[string]*monitoringv1alpha1.AlertmanagerConfig{}}
	for _, o := range monitors.Of(s, p) {
		meta := metav1.ObjectMeta{Name: o.Name, Namespace: o.Namespace, Labels: o.Labels}
		key := o.Namespace + "/" + o.Name
		switch o.Kind {
		case monitors.PodMonitor:
			m := &monitoringv1.PodMonitor{ObjectMeta: meta}
			strict(t, o, &m.Spec)
			out.podMonitors[key] = m
		case monitors.Probe:
			m := &monitoringv1.Probe{ObjectMeta: meta}
			strict(t, o, &m.Spec)
			m.Spec.ProberSpec.Path = cmp.Or(m.Spec.ProberSpec.Path, "/probe") // The default of the definition, which an API server fills in.
			out.probes[key] = m
		case monitors.PrometheusRule:
			m := &monitoringv1.PrometheusRule{ObjectMeta: meta}
			strict(t, o, &m.Spec)
			out.rules[key] = m
		case monitors.AlertmanagerConfig:
			m := &monitoringv1alpha1.AlertmanagerConfig{ObjectMeta: meta}
			strict(t, o, &m.Spec)
			out.receivers[key] = m
		default:
			t.Errorf("%s %s is of a kind that nobody judges", o.Kind, o.Name)
		}
	}
	return out
}

func strict(t *testing.T, o monitors.Object, into any) {
	t.Helper()
	text, err := json.Marshal(o.Spec)
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := sigsjson.UnmarshalStrict(text, into)
	if err != nil || len(unknown) > 0 {
		t.Errorf("%s %s: %v, %v", o.Kind, o.Name, unknown, err)
	}
}

// all stacks, and one that has everything.
func all(t *testing.T) map[string]objects {
	out := map[string]objects{}
	for _, name := range []string{"prod", "staging", "local"} {
		s, p := plantest.Committed(t, name)
		out[name] = decoded(t, s, p)
	}
	s, p := plantest.Everything(t)
	out["everything"] = decoded(t, s, p)
	return out
}

func TestOperatorAcceptsRulesAndReceivers(t *testing.T) {
	for stack, o := range all(t) {
		for name, r := range o.rules {
			for _, err := range operator.ValidateRule(r.Spec, model.LegacyValidation, parser.Options{}) {
				t.Errorf("%s: %s: %v", stack, name, err)
			}
		}
		for name, r := range o.receivers {
			if err := v1alpha1.ValidateAlertmanagerConfig(r); err != nil {
				t.Errorf("%s: %s: %v", stack, name, err)
			}
		}
	}
}
