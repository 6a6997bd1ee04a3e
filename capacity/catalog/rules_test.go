package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMaxPodsPrefix(t *testing.T) {
	cases := map[string]struct {
		reason string
		node   NodeType
		want   int
	}{
		"Large":   {reason: "432+2 addresses, but small nodes stop at 110", node: NodeType{VCPU: 2, MaxENIs: 3, IPv4PerENI: 10}, want: 110},
		"AtLimit": {reason: "30 vCPU still counts as small", node: NodeType{VCPU: 30, MaxENIs: 8, IPv4PerENI: 30}, want: 110},
		"Big":     {reason: "above 30 vCPU the ceiling is 250", node: NodeType{VCPU: 32, MaxENIs: 8, IPv4PerENI: 30}, want: 250},
		"Tiny":    {reason: "below the ceiling the addresses count", node: NodeType{VCPU: 2, MaxENIs: 2, IPv4PerENI: 4}, want: 98},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := MaxPodsPrefix(tc.node); got != tc.want {
				t.Errorf("%s\nMaxPodsPrefix(%+v): want %d, got %d", tc.reason, tc.node, tc.want, got)
			}
		})
	}
}

func TestAllocatable(t *testing.T) {
	cases := map[string]struct {
		reason string
		node   string
		pods   int
		want   [3]int // milliCPU, MiB, VM overhead MiB
	}{
		"Large":    {reason: "70m of two cores; 11×29+255+100 MiB", node: "m6i.large", pods: 29, want: [3]int{1930, 7518, 615}},
		"XLarge":   {reason: "cores 3 and 4 cost 5m each", node: "m7g.xlarge", pods: 58, want: [3]int{3920, 15391, 1229}},
		"TwoX":     {reason: "2.5m per further core", node: "c7i.2xlarge", pods: 58, want: [3]int{7910, 15391, 1229}},
		"FourX":    {reason: "and so on", node: "r6g.4xlarge", pods: 234, want: [3]int{15890, 128143, 9831}},
		"Prefixes": {reason: "more possible pods reserve more memory", node: "t3.medium", pods: 110, want: [3]int{1930, 2531, 308}},
		"Absurd":   {reason: "a node cannot owe memory", node: "t3.medium", pods: 1000, want: [3]int{1930, 0, 308}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			n, ok := Node(tc.node)
			if !ok {
				t.Fatalf("Node(%q): not found", tc.node)
			}
			cpu, mib := Allocatable(n, tc.pods)
			if diff := cmp.Diff(tc.want, [3]int{cpu, mib, VMOverheadMiB(n)}); diff != "" {
				t.Errorf("%s\nAllocatable(%s, %d): -want, +got:\n%s", tc.reason, tc.node, tc.pods, diff)
			}
		})
	}
}

func TestEstimatedMaxConnections(t *testing.T) {
	cases := map[string]struct {
		reason string
		class  string
		want   int
		why    string
	}{
		"Measured":   {reason: "a live instance beats any formula", class: "db.m7g.large", want: 832, why: "SHOW max_connections on a live db.m7g.large: 832 [M1]"},
		"MeasuredT":  {reason: "also on the smallest", class: "db.t4g.small", want: 181, why: "[M2]"},
		"Formula":    {reason: "90 % of the bound", class: "db.r7g.large", want: 1621, why: "⌊0.90 × min(5000, ⌊16 GiB ÷ 9531392 B⌋ = 1802)⌋ = 1621"},
		"Small":      {reason: "80 % up to 2 GiB", class: "db.t3.small", want: 180, why: "0.80 × "},
		"Capped":     {reason: "the cap is discounted too", class: "db.r6g.4xlarge", want: 4500, why: "min(5000"},
		"Misspelled": {reason: "an unknown class says which was meant", class: "db.r7g.lagre", want: 0, why: `unknown class "db.r7g.lagre"; did you mean "db.r7g.large"?`},
		"Nameless":   {reason: "nobody means what nobody named", class: "", want: 0, why: "no class is named"},
		"Blank":      {reason: "a blank is no name either", class: "  ", want: 0, why: "no class is named"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, why := EstimatedMaxConnections(tc.class)
			if got != tc.want || !strings.Contains(why, tc.why) {
				t.Errorf("%s\nEstimatedMaxConnections(%q): want %d because %q, got %d because %q", tc.reason, tc.class, tc.want, tc.why, got, why)
			}
		})
	}
}

func TestFormulaMaxConnections(t *testing.T) {
	got := map[float64]int{}
	want := map[float64]int{-1: 0, 0: 0, 1: 112, 2: 225, 4: 450, 8: 901, 15.25: 1717, 16: 1802, 32: 3604, 64: 5000, 1e300: 5000}
	for gib := range want {
		got[gib] = FormulaMaxConnections(gib)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FormulaMaxConnections: -want, +got:\n%s", diff)
	}
}

func TestNextDatabases(t *testing.T) {
	cases := map[string]struct {
		reason string
		class  string
		want   []string
	}{
		"Middle":  {reason: "same family, ascending", class: "db.t4g.medium", want: []string{"db.t4g.large", "db.t4g.xlarge", "db.t4g.2xlarge"}},
		"Largest": {reason: "nothing above", class: "db.r7g.4xlarge"},
		"Unknown": {reason: "nothing to start from", class: "db.x"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range NextDatabases(tc.class) {
				got = append(got, d.Class)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\nNextDatabases(%q): -want, +got:\n%s", tc.reason, tc.class, diff)
			}
		})
	}
}

func TestLookups(t *testing.T) {
	db, _ := Database("db.t4g.medium")
	cache, _ := Cache("cache.r6g.large")
	nat, _ := Item("nat.hour")
	got := []any{db.Burstable(), *db.USDPerHourMultiAZ, cache.VCPU, *cache.USDPerHourValkey, *nat.USD, nat.PriceDate}
	if diff := cmp.Diff([]any{true, 0.129, (*int)(nil), 0.1648, 0.045, "2026-08-31"}, got); diff != "" {
		t.Errorf("lookups: -want, +got:\n%s", diff)
	}
	if _, ok := Node("m99.huge"); ok {
		t.Error("Node: found a type that does not exist")
	}
	if got := Closest("cache.t4g.smal", Caches()); got != "cache.t4g.small" {
		t.Errorf("Closest: got %q", got)
	}
	for name, want := range map[string]string{
		"rpps": "rps", "offered": "offered_rps", "RPS": "rps", "slo": "slots", "sol": "", "prs": "rps", "cpu": "", "ps": "rps", "r": "", "nope": "", "": "", "slotst": "slots", "db-laod": "db-load",
	} {
		if got := Closest(name, []string{"offered_rps", "rps", "slots", "db-load"}); got != want {
			t.Errorf("Closest(%q): got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"cache.t4g.smal": `did you mean "cache.t4g.small"? known: cache.t4g.small, none`, " ": "known: cache.t4g.small, none"} {
		if got := Known(name, []string{"cache.t4g.small", "none"}); got != want {
			t.Errorf("Known(%q): got %q, want %q", name, got, want)
		}
	}
	if got := Cite("C1", "none"); !strings.HasPrefix(got, "[C1] https://") || !strings.HasSuffix(got, "; [none]") {
		t.Errorf("Cite: got %q", got)
	}
}

func TestStaticParameters(t *testing.T) {
	cases := []struct {
		name  string
		major int
		want  bool
	}{
		{"max_connections", 17, true}, {"work_mem", 17, false}, {"autovacuum_max_workers", 17, true},
		{"autovacuum_max_workers", 18, false}, {"autovacuum_max_workers", 0, true}, {"", 17, false},
	}
	for _, c := range cases {
		if got := StaticParameter(c.name, c.major); got != c.want {
			t.Errorf("StaticParameter(%q, %d) = %v, want %v", c.name, c.major, got, c.want)
		}
	}
}
