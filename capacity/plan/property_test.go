package plan

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/spec"
)

// Whatever decodes has a plan, the same one each time, in numbers that JSON can
// hold and within its own bounds.
func TestPlanIsTotalAndDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stack, base := random(t)
		p, err := New(stack, base, Options{Today: day})
		if err != nil {
			t.Fatalf("New: %v", err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("the plan has no JSON: %v", err)
		}
		for _, word := range []string{"NaN", "Inf", "-9223372036854775808", "%!"} {
			if i := strings.Index(string(text), word); i >= 0 {
				t.Errorf("the plan says %s: …%s…", word, text[max(0, i-200):min(len(text), i+100)])
			}
		}
		again, err := New(stack, base, Options{Today: day})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("the second plan differs (-first +second):\n%s", diff)
		}
		bounds(t, p)
	})
}

func bounds(t *rapid.T, p Plan) {
	for name, v := range p.Services {
		if v.MinReplicas < 1 || v.MinReplicas > v.PeakReplicas || v.PeakReplicas > v.GrowthReplicas || v.GrowthReplicas > v.MaxReplicas {
			t.Errorf("%s: min %d ≤ peak %d ≤ growth %d ≤ max %d does not hold", name, v.MinReplicas, v.PeakReplicas, v.GrowthReplicas, v.MaxReplicas)
		}
		if v.TargetPercent < 10 || v.TargetPercent > 95 || v.SafePercent < 0 || v.SafePercent > 100 {
			t.Errorf("%s: target %g%%, safe %g%%", name, v.TargetPercent, v.SafePercent)
		}
		if v.Pool != nil && (v.Pool.Size < 1 || v.Pool.MaxOverflow < 0) {
			t.Errorf("%s: pool %+v is unlimited for SQLAlchemy", name, *v.Pool)
		}
		if v.DisruptionBudget < 1 {
			t.Errorf("%s: a disruption budget of %d blocks every drain", name, v.DisruptionBudget)
		}
	}
	for _, g := range p.Nodes.Groups {
		if g.MinSize < 0 || g.MinSize > g.MaxSize || g.MaxSize > largestGroup {
			t.Errorf("nodes %s: %d to %d", g.Name, g.MinSize, g.MaxSize)
		}
	}
	if p.Cost.FloorUSD > p.Cost.CeilingUSD || p.Cost.ExpectedUSD < p.Cost.FloorUSD || p.Cost.ExpectedUSD > p.Cost.CeilingUSD {
		t.Errorf("cost: floor %g, expected %g, ceiling %g", p.Cost.FloorUSD, p.Cost.ExpectedUSD, p.Cost.CeilingUSD)
	}
	for _, c := range p.Checks {
		if !c.OK && c.Fix == "" {
			t.Errorf("%s is violated and has no fix", c.ID)
		}
		for _, part := range c.Parts {
			if part.OK != (part.Have <= part.Limit*(1+1e-9)) && part.Have.Bounded() && part.Limit.Bounded() {
				t.Errorf("%s %s: OK is %v, but %g ≤ %g", c.ID, part.Subject, part.OK, part.Have, part.Limit)
			}
			if c.OK && !part.OK {
				t.Errorf("%s holds, but its part %s does not", c.ID, part.Subject)
			}
		}
	}
}

// connections counts what every process of every pod can hold, in whole numbers
// and without the code under test: replicas at the ceiling, the surge on top, and
// the generations of a rollout that have not gone yet.
func connections(p Plan, stack spec.Stack) (steady, rollout int) {
	for name, v := range p.Services {
		if v.Pool == nil {
			continue
		}
		perPod := stack.Services[name].Workers * v.Pool.Engines * (v.Pool.Size + v.Pool.MaxOverflow)
		surge := (v.MaxReplicas*int(v.Rollout.MaxSurgePercent) + 99) / 100
		step := surge + v.MaxReplicas*int(v.Rollout.MaxUnavailablePercent)/100
		generations := 1 + (v.Rollout.GraceSeconds+v.Rollout.MinReadySeconds-1)/v.Rollout.MinReadySeconds
		steady += (v.MaxReplicas + surge) * perPod
		rollout += (v.MaxReplicas + surge + min(v.MaxReplicas, step*generations)) * perPod
	}
	return steady, rollout
}

// The promise of the product: no accepted plan can exceed the database.
func TestAcceptedPlansCannotExceedTheDatabase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stack, base := random(t)
		in := input{stack: stack, base: base}
		p := in.derive().plan
		if p.Database == nil {
			return
		}
		ok := NewCheck(DBConnections, world{input: in, plan: &p}.dbConnections(1)).OK
		if fits := fitsDatabase(t, p, stack); ok != fits {
			t.Errorf("db-connections says %v, counting says %v: %+v %+v", ok, fits, *p.Database, p.Database.PgBouncer)
		}
	})
}

func fitsDatabase(t *rapid.T, p Plan, stack spec.Stack) bool {
	usable := p.Database.MaxConnections - 3
	if stack.Database.InstanceClass != "" {
		usable = max(0, p.Database.MaxConnections-11)
	}
	if n := stack.Database.MaxConnections; n != nil && *n != p.Database.MaxConnections {
		t.Errorf("the plan counts on %d connections, the stack states %d", p.Database.MaxConnections, *n)
	}
	others := 0
	if e := stack.Monitoring.Exporters.Postgres; e != nil && e.Mode == spec.Managed {
		others = 2
	}
	for _, c := range stack.Database.OtherClients {
		others += c.Connections
	}
	_, rollout := connections(p, stack)
	switch {
	case p.Database.PgBouncer != nil:
		b := p.Database.PgBouncer
		leaving := min(b.Replicas, 1+(b.GraceSeconds+b.MinReadySeconds-1)/b.MinReadySeconds) // one at a time
		return rollout <= (b.Replicas-1)*b.MaxClientConn && (b.Replicas+leaving)*(b.PoolSize+b.ReservePool)+others <= usable
	case stack.Database.ExternalPooler != nil:
		x := stack.Database.ExternalPooler
		return rollout <= x.MaxClients && x.ServerConnections+others <= usable
	}
	return rollout+others <= usable
}

// Headroom is true at every load up to the factor, and not above it. Where the
// plan's own numbers break what no load mends, it is the load that may be asked for.
func TestHeadroomIsTheFirstLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stack, base := random(t)
		in := input{stack: stack, base: base}
		d := in.derive()
		w := world{input: in, plan: &d.plan}
		d.plan.Checks = w.prove(stack.Traffic.Growth)
		h := w.headroom()
		at := func(m float64) (Check, bool) { return w.firstAt(m, nil) }
		if _, broken := at(headroomStep); broken {
			at = func(m float64) (Check, bool) { return in.asking(m).firstAt(math.Max(1, m), nil) }
		} else {
			for range 20 {
				m := rapid.Float64Range(0.001, 1).Draw(t, "part") * h.Factor
				if c, broken := at(m); broken {
					t.Errorf("headroom is %g×, but at %g× %s %s breaks: %g > %g", h.Factor, m, c.ID, c.Subject, c.Have, c.Limit)
				}
			}
		}
		if c, broken := at(h.Factor); broken && h.Factor > 0 {
			t.Errorf("headroom is %g×, but there %s %s breaks: %g > %g", h.Factor, c.ID, c.Subject, c.Have, c.Limit)
		}
		if h.FirstLimit != "" {
			if c, broken := at(h.Factor + headroomStep); !broken || c.ID != h.FirstLimit {
				t.Errorf("headroom %+v: a hundredth above it the first limit is %q", h, c.ID)
			}
		}
		whole := true
		for _, c := range d.plan.Checks {
			whole = whole && c.OK
		}
		if reach := math.Floor(100*stack.Traffic.Growth+1e-6) / 100; whole != (h.Factor >= reach-1e-9) {
			t.Errorf("every check holds at %g×: %v; headroom %+v", stack.Traffic.Growth, whole, h)
		}
	})
}

// More traffic never asks for fewer pods.
func TestMoreLoadNeverLowersTheCeiling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stack, base := random(t)
		before := input{stack: stack, base: base}.derive().plan
		factor := rapid.Float64Range(1, 3).Draw(t, "more")
		for name, v := range stack.Services {
			v.PeakRPS *= spec.RPS(factor)
			stack.Services[name] = v
		}
		after := input{stack: stack, base: base}.derive().plan
		for name := range stack.Services {
			if b, a := before.Services[name], after.Services[name]; a.MaxReplicas < b.MaxReplicas {
				t.Errorf("%s: %g times the load, and maxReplicas falls from %d (target %g%%) to %d (target %g%%)", name, factor, b.MaxReplicas, b.TargetPercent, a.MaxReplicas, a.TargetPercent)
			}
		}
	})
}

// Every number that is explained is the number of the plan.
func TestNumbersAreThePlans(t *testing.T) {
	for _, name := range committed(t) {
		stack, base := committedInputs(t, name)
		p := mustPlan(t, stack, base)
		var tree map[string]any
		if err := json.Unmarshal([]byte(asJSON(t, p)), &tree); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, n := range p.Numbers {
			if seen[n.Path] {
				t.Errorf("%s: %s is explained twice", name, n.Path)
			}
			seen[n.Path] = true
			if got := at(tree, n.Path); got != nil && !same(got, n.Value) {
				t.Errorf("%s: %s is %v in the plan and %s where it is explained", name, n.Path, got, n.Value)
			}
			if n.Why == "" || strings.Contains(n.Why, "%!") {
				t.Errorf("%s: %s has the why %q", name, n.Path, n.Why)
			}
		}
		for service := range stack.Services {
			for _, field := range []string{"originRps", "safePercent", "targetPercent", "minReplicas", "maxReplicas", "minReadySeconds", "disruptionBudget"} {
				if path := "services." + service + "." + field; !seen[path] {
					t.Errorf("%s: %s is not explained", name, path)
				}
			}
		}
	}
}

// at follows a path of the plan's JSON.
func at(tree any, path string) any {
	for _, step := range strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(path), ".") {
		switch node := tree.(type) {
		case map[string]any:
			tree = node[step]
		case []any:
			if step == "length" {
				return float64(len(node))
			}
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(node) {
				return nil
			}
			tree = node[i]
		default:
			return nil
		}
	}
	return tree
}

// same compares a JSON number with its explained text, which may be rounded to
// a tenth.
func same(got any, text string) bool {
	n, ok := got.(float64)
	var want float64
	if _, err := fmt.Sscan(strings.TrimSuffix(text, "%"), &want); !ok || err != nil {
		return fmt.Sprint(got) == text
	}
	return math.Abs(n-want) <= 0.05+1e-9
}
