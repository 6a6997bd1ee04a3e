package draft

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

var day = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// TestAnyAnswersMakeAValidStack: whatever is answered, the file decodes, says what
// was answered, and is planned the same by whoever reads it.
func TestAnyAnswersMakeAValidStack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Answers{
			Stack:    rapid.StringMatching(`[a-z]([a-z0-9-]{0,20}[a-z0-9])?`).Draw(t, "stack"),
			Growth:   rapid.SampledFrom([]float64{0, 1, 2.5, 5, 20}).Draw(t, "growth"),
			Database: rapid.SampledFrom(append(catalog.Databases(), "", None)).Draw(t, "database"),
			Cache:    rapid.SampledFrom(append(catalog.Caches(), "", None)).Draw(t, "cache"),
			Nodes:    rapid.SampledFrom([]string{"", "m7g.large", "c7i.2xlarge"}).Draw(t, "nodes"),
			Monthly:  rapid.SampledFrom([]float64{0, 500, 1e6}).Draw(t, "monthly"),
		}
		for i := range rapid.IntRange(1, 3).Draw(t, "services") {
			a.Services = append(a.Services, Service{
				Name: fmt.Sprintf("s%d", i), PeakRPS: rapid.Float64Range(0.1, 2_000).Draw(t, "rps"), Stateless: rapid.Bool().Draw(t, "stateless"),
			})
		}
		if rapid.Bool().Draw(t, "local") {
			a = Answers{Stack: a.Stack, Services: a.Services, Growth: a.Growth}
			a.Cluster.Context = "kind-x"
			a.Database = rapid.SampledFrom([]string{"", None}).Draw(t, "local database")
		}
		d, err := New(a, nil, day)
		if err != nil {
			t.Fatalf("%v\n%s", err, d.File)
		}
		stack, err := spec.DecodeFile(a.Stack, d.File)
		if err != nil {
			t.Fatalf("%v\n%s", err, d.File)
		}
		for _, s := range a.Services {
			if got := float64(stack.Services[s.Name].PeakRPS); got != s.PeakRPS {
				t.Errorf("peak of %s = %g, want %g", s.Name, got, s.PeakRPS)
			}
		}
		if a.Cluster.Context == "" && a.Database != "" && a.Database != None && stack.Database.InstanceClass != a.Database {
			t.Errorf("class = %s, want %s", stack.Database.InstanceClass, a.Database)
		}
	})
}

// TestDerivedClasses: the class that is chosen holds, and a cheaper one does not.
func TestDerivedClasses(t *testing.T) {
	for _, rps := range []float64{100, 320, 2000} {
		t.Run(fmt.Sprint(rps), func(t *testing.T) {
			a := Answers{Stack: "shop", Services: []Service{{Name: "backend", PeakRPS: rps}}}
			d, err := New(a, nil, day)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string(nil), ids(d.Plan)); diff != "" {
				t.Errorf("violated (-want +got):\n%s", diff)
			}
			chosen := d.Plan.Database.InstanceClass
			for _, cheaper := range pricedDatabases() {
				if cheaper == chosen {
					break
				}
				a.Database = cheaper
				if d, err := New(a, nil, day); err != nil || len(ids(d.Plan)) == 0 {
					t.Errorf("%s is cheaper than %s and holds (%v)", cheaper, chosen, err)
				}
			}
		})
	}
}

func ids(p plan.Plan) []string {
	var out []string
	for _, c := range p.Violations() {
		out = append(out, c.ID)
	}
	return out
}

// TestHostileAnswers: what is answered stays in its place, and is refused where
// the stack file would refuse it.
func TestHostileAnswers(t *testing.T) {
	for name, row := range map[string]struct {
		reason, want string
		change       func(*Answers)
	}{
		"newline in a name":   {"it would begin another key", "cluster.region", func(a *Answers) { a.Cluster.Region = "us-east-1\n    account: x" }},
		"quotes in a name":    {"they would end the value", "cluster.vpcId", func(a *Answers) { a.Cluster.VpcID = `"}` }},
		"comment":             {"it would hide what follows", "cluster.namespace", func(a *Answers) { a.Cluster.Namespace = "x # y" }},
		"number for an owner": {"YAML reads it as a number", "cluster.account", func(a *Answers) { a.Cluster.Account = "1234" }},
		"no such class":       {"the catalog does not know it", "database.instanceClass", func(a *Answers) { a.Database = "db.t9.huge" }},
		"no such node":        {"the catalog does not know it", "nodes.groups[0].instanceTypes[0]", func(a *Answers) { a.Nodes = "x], [y" }},
		"stack of slashes":    {"it names a file", "name", func(a *Answers) { a.Stack = "../x" }},
		"two clusters":        {"EKS and a local one", "region", func(a *Answers) { a.Cluster.Context, a.Cluster.Region = "kind-x", "us-east-1" }},
		"class of a local":    {"it runs in a pod", "database", func(a *Answers) { a.Cluster.Context, a.Database = "kind-x", "db.m6g.large" }},
		"second of two":       {"the first does not hide it", "cluster.account", func(a *Answers) { a.Stack, a.Services, a.Cluster.Account = "../x", nil, "1" }},
		"no service":          {"there is nothing to plan", "peak-rps", func(a *Answers) { a.Services = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			a := Answers{Stack: "shop", Services: []Service{{Name: "backend", PeakRPS: 10}}}
			row.change(&a)
			_, err := New(a, nil, day)
			if err == nil || !strings.Contains("\n"+err.Error(), "\n"+row.want) {
				t.Errorf("%s: error %v, want a problem of %s", row.reason, err, row.want)
			}
		})
	}
}
