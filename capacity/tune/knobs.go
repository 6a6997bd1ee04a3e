package tune

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// toleranceSince is the version of Kubernetes from which an autoscaler has a
// tolerance of its own.
const toleranceSince = "1.35"

// largest numbers that a stack file accepts.
const mostReplicas, mostConnections = 10000, 1000

// newSpace is every knob of a stack, with values around what its plan derives and
// the instance types that each group may change to.
func newSpace(stack spec.Stack, p plan.Plan, types [][]string) space {
	sp := space{stack: stack}
	for _, name := range slices.Sorted(maps.Keys(stack.Services)) {
		m := serviceKnobs{name: name, spec: stack.Services[name], plan: p.Services[name]}
		sp.knobs = append(sp.knobs, m.replicas()...)
		if stack.Cluster.Version >= toleranceSince {
			sp.knobs = append(sp.knobs, m.tolerance())
		}
		sp.knobs = append(sp.knobs, m.behavior()...)
		sp.knobs = append(sp.knobs, m.pool()...)
	}
	for i := range stack.Nodes.Groups {
		sp.knobs = append(sp.knobs, groupKnobs(stack, p, i, types[i])...)
	}
	sp.knobs = slices.DeleteFunc(sp.knobs, func(k Knob) bool { return len(k.values) == 0 })
	return sp
}

// serviceKnobs makes the knobs of one service.
type serviceKnobs struct {
	name string
	spec spec.Service
	plan plan.Service
}

// replicas are what decides how many pods run.
func (m serviceKnobs) replicas() []Knob {
	a := m.spec.Autoscaling
	target, low, high := int(m.plan.TargetPercent), m.plan.MinReplicas, m.plan.MaxReplicas
	return []Knob{
		m.number("targetUtilization", target, "%", a.TargetUtilization != nil, even(target, 4, 10, 95), func(a *spec.Autoscaling, n int) {
			share := spec.Percent(n)
			a.TargetUtilization = &share
		}),
		m.number("minReplicas", low, "", a.MinReplicas != nil, ladder(low, min(2, low), high), func(a *spec.Autoscaling, n int) { a.MinReplicas = &n }),
		m.number("maxReplicas", high, "", a.MaxReplicas != nil, ladder(high, low, min(mostReplicas, 2*high)), func(a *spec.Autoscaling, n int) { a.MaxReplicas = &n }),
		m.number("pausePods", m.plan.PausePods, "", a.PausePods != nil, ladder(m.plan.PausePods, 0, high), func(a *spec.Autoscaling, n int) { a.PausePods = &n }),
		m.metric(),
	}
}

func (m serviceKnobs) metric() Knob {
	now := m.spec.Autoscaling.Metric
	k := Knob{Path: m.at("metric"), From: string(now)}
	for i, text := range now.Values() {
		if text == string(now) {
			k.standing = i
			continue
		}
		set := func(v *spec.Service) { v.Autoscaling.Metric = spec.Metric(text) }
		k.values = append(k.values, value{i, text, onService(m.name, set)})
	}
	return k
}

func (m serviceKnobs) tolerance() Knob {
	now, stated := 10, m.spec.Autoscaling.Tolerance
	if stated != nil {
		now = int(*stated)
	}
	return m.number("tolerance", now, "%", stated != nil, []int{2, 5, 10, 15, 20}, func(a *spec.Autoscaling, n int) {
		share := spec.Percent(n)
		a.Tolerance = &share
	})
}

// behavior are windows and policies.
func (m serviceKnobs) behavior() []Knob {
	a, up, down := m.spec.Autoscaling, m.plan.Behavior.ScaleUp, m.plan.Behavior.ScaleDown
	return []Knob{
		m.number("scaleUpWindow", up.StabilizationSeconds, "s", a.ScaleUpWindow != 0, []int{0, 15, 30, 60}, func(a *spec.Autoscaling, n int) { a.ScaleUpWindow = seconds(n) }),
		m.number("scaleUpPercent", percentOf(up), "", a.ScaleUpPercent != nil, []int{50, 100, 200, 400, 900}, func(a *spec.Autoscaling, n int) { a.ScaleUpPercent = &n }),
		m.number("scaleDownWindow", down.StabilizationSeconds, "s", a.ScaleDownWindow != nil, []int{60, 120, 180, 300, 450, 600, 900}, func(a *spec.Autoscaling, n int) {
			window := seconds(n)
			a.ScaleDownWindow = &window
		}),
		m.number("scaleDownPercent", percentOf(down), "", a.ScaleDownPercent != nil, []int{5, 10, 20, 50, 100}, func(a *spec.Autoscaling, n int) { a.ScaleDownPercent = &n }),
	}
}

func percentOf(s plan.Scaling) int {
	for _, p := range s.Policies {
		if p.Type == "Percent" {
			return p.Value
		}
	}
	return 0
}

// pool are the sizes of the database pool, where the service has one.
func (m serviceKnobs) pool() []Knob {
	now := m.plan.Pool
	if now == nil {
		return nil
	}
	stated := spec.DefaultPool()
	if m.spec.Pool != nil {
		stated = *m.spec.Pool
	}
	one := func(field string, from int, isStated bool, least int, set func(p *spec.Pool, n *int)) Knob {
		tried := ladder(from, least, min(mostConnections, 4*max(1, from)))
		return numbers("services."+m.name+".pool."+field, from, "", isStated, tried, func(s *spec.Stack, n int) {
			onService(m.name, func(v *spec.Service) {
				pool := stated
				if v.Pool != nil {
					pool = *v.Pool
				}
				set(&pool, &n)
				v.Pool = &pool
			})(s)
		})
	}
	return []Knob{
		one("size", now.Size, stated.Size != nil, 1, func(p *spec.Pool, n *int) { p.Size = n }),
		one("maxOverflow", now.MaxOverflow, stated.MaxOverflow != nil, 0, func(p *spec.Pool, n *int) { p.MaxOverflow = n }),
	}
}

func (m serviceKnobs) at(field string) string {
	return fmt.Sprintf("services.%s.autoscaling.%s", m.name, field)
}

// number is a knob of the autoscaler.
func (m serviceKnobs) number(field string, from int, unit string, stated bool, tried []int, set func(a *spec.Autoscaling, n int)) Knob {
	return numbers(m.at(field), from, unit, stated, tried, func(s *spec.Stack, n int) {
		onService(m.name, func(v *spec.Service) { set(&v.Autoscaling, n) })(s)
	})
}

// onService changes one service of a stack.
func onService(name string, change func(v *spec.Service)) func(s *spec.Stack) {
	return func(s *spec.Stack) {
		v := s.Services[name]
		change(&v)
		s.Services[name] = v
	}
}

func seconds(n int) spec.Duration { return spec.Duration(time.Duration(n) * time.Second) }
