package tune

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// ladderSteps are the values tried below and above a number as it stands.
const ladderSteps = 7

// newSpace is every knob of a stack, with values around what its plan derives.
func newSpace(stack spec.Stack, p plan.Plan, types func(group int) []string) space {
	sp := space{stack: stack}
	for _, name := range slices.Sorted(maps.Keys(stack.Services)) {
		m := serviceKnobs{name: name, spec: stack.Services[name], plan: p.Services[name]}
		sp.knobs = append(sp.knobs, m.all(stack)...)
	}
	for i := range stack.Nodes.Groups {
		sp.knobs = append(sp.knobs, groupKnobs(stack, p, i, types(i))...)
	}
	return sp
}

// serviceKnobs makes the knobs of one service.
type serviceKnobs struct {
	name string
	spec spec.Service
	plan plan.Service
}

func (m serviceKnobs) all(stack spec.Stack) []Knob {
	a := m.spec.Autoscaling
	least := min(2, m.plan.MinReplicas)
	knobs := []Knob{
		m.number("targetUtilization", "%", int(m.plan.TargetPercent), a.TargetUtilization != nil, stepped(int(m.plan.TargetPercent), 4, 10, 95), func(a *spec.Autoscaling, n int) {
			target := spec.Percent(n)
			a.TargetUtilization = &target
		}),
		m.number("minReplicas", "", m.plan.MinReplicas, a.MinReplicas != nil, ladder(m.plan.MinReplicas, least, m.plan.MaxReplicas), func(a *spec.Autoscaling, n int) { a.MinReplicas = &n }),
		m.number("maxReplicas", "", m.plan.MaxReplicas, a.MaxReplicas != nil, ladder(m.plan.MaxReplicas, m.plan.MinReplicas, 2*m.plan.MaxReplicas), func(a *spec.Autoscaling, n int) { a.MaxReplicas = &n }),
		m.metric(),
	}
	if stack.Cluster.Version >= toleranceSince {
		from := 10
		if a.Tolerance != nil {
			from = int(*a.Tolerance)
		}
		knobs = append(knobs, m.number("tolerance", "%", from, a.Tolerance != nil, []int{2, 5, 10, 15, 20}, func(a *spec.Autoscaling, n int) {
			tolerance := spec.Percent(n)
			a.Tolerance = &tolerance
		}))
	}
	return append(append(knobs, m.behavior()...), m.pool()...)
}

// toleranceSince is the version of Kubernetes from which an autoscaler has a
// tolerance of its own.
const toleranceSince = "1.35"

// behavior are windows and policies.
func (m serviceKnobs) behavior() []Knob {
	a, b := m.spec.Autoscaling, m.plan.Behavior
	seconds := func(n int) spec.Duration { return spec.Duration(time.Duration(n) * time.Second) }
	return []Knob{
		m.number("scaleUpWindow", "s", b.ScaleUp.StabilizationSeconds, a.ScaleUpWindow != 0, []int{15, 30, 60}, func(a *spec.Autoscaling, n int) { a.ScaleUpWindow = seconds(n) }),
		m.number("scaleUpPercent", "", percentOf(b.ScaleUp), a.ScaleUpPercent != nil, []int{50, 100, 200, 400, 900}, func(a *spec.Autoscaling, n int) { a.ScaleUpPercent = &n }),
		m.number("scaleDownWindow", "s", b.ScaleDown.StabilizationSeconds, a.ScaleDownWindow != nil, []int{60, 120, 180, 300, 450, 600, 900}, func(a *spec.Autoscaling, n int) {
			window := seconds(n)
			a.ScaleDownWindow = &window
		}),
		m.number("scaleDownPercent", "", percentOf(b.ScaleDown), a.ScaleDownPercent != nil, []int{5, 10, 20, 50, 100}, func(a *spec.Autoscaling, n int) { a.ScaleDownPercent = &n }),
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

func (m serviceKnobs) metric() Knob {
	now := m.spec.Autoscaling.Metric
	k := Knob{Path: m.at("metric"), From: string(now)}
	for _, text := range now.Values() {
		if text != string(now) {
			k.values = append(k.values, m.value(text, func(a *spec.Autoscaling) { a.Metric = spec.Metric(text) }))
		}
	}
	return k
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
	one := func(field string, from int, isStated bool, numbers []int, set func(p *spec.Pool, n *int)) Knob {
		k := Knob{Path: fmt.Sprintf("services.%s.pool.%s", m.name, field), From: from2(from, "", isStated)}
		for _, n := range without(numbers, from) {
			k.values = append(k.values, value{strconv.Itoa(n), onService(m.name, func(v *spec.Service) {
				pool := stated
				if v.Pool != nil {
					pool = *v.Pool
				}
				set(&pool, &n)
				v.Pool = &pool
			})})
		}
		return k
	}
	return []Knob{
		one("size", now.Size, stated.Size != nil, ladder(now.Size, 1, min(1000, 4*now.Size)), func(p *spec.Pool, n *int) { p.Size = n }),
		one("maxOverflow", now.MaxOverflow, stated.MaxOverflow != nil, ladder(now.MaxOverflow, 0, min(1000, 4*max(1, now.MaxOverflow))), func(p *spec.Pool, n *int) { p.MaxOverflow = n }),
	}
}

func (m serviceKnobs) at(field string) string {
	return fmt.Sprintf("services.%s.autoscaling.%s", m.name, field)
}

// number is a knob over whole numbers with a unit behind them.
func (m serviceKnobs) number(field, unit string, from int, stated bool, numbers []int, set func(a *spec.Autoscaling, n int)) Knob {
	k := Knob{Path: m.at(field), From: from2(from, unit, stated)}
	for _, n := range without(numbers, from) {
		k.values = append(k.values, m.value(strconv.Itoa(n)+unit, func(a *spec.Autoscaling) { set(a, n) }))
	}
	return k
}

func (m serviceKnobs) value(text string, set func(a *spec.Autoscaling)) value {
	return value{text, onService(m.name, func(v *spec.Service) { set(&v.Autoscaling) })}
}

// onService changes one service of a stack.
func onService(name string, change func(v *spec.Service)) func(s *spec.Stack) {
	return func(s *spec.Stack) {
		v := s.Services[name]
		change(&v)
		s.Services[name] = v
	}
}

// from2 is a number as it stands.
func from2(n int, unit string, stated bool) string {
	text := strconv.Itoa(n) + unit
	if !stated {
		text += " (derived)"
	}
	return text
}
