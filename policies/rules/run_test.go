package rules

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// TestEnvironmentIsSpelledAsInThePlan: a variable renamed there would open no
// connections here any more.
func TestEnvironmentIsSpelledAsInThePlan(t *testing.T) {
	want := []string{plan.EnvWorkers, plan.EnvPoolSize, plan.EnvMaxOverflow}
	if diff := cmp.Diff(want, []string{envWorkers, envPoolSize, envMaxOverflow}); diff != "" {
		t.Errorf("app environment (-plan +rules):\n%s", diff)
	}
}

// TestPanicHidesNothing puts a rule that panics before all others.
func TestPanicHidesNothing(t *testing.T) {
	broken := Rule{ID: "broken", Level: Mandatory, Eval: func(m Input) []Finding {
		beyond := len(m.all)
		return []Finding{{Message: fmt.Sprint(m.all[beyond])}}
	}}
	stack := apply(t, goodStack(), edit{"Instance main", "storageEncrypted", false})
	report := Run(NewModel(stack), append([]Rule{broken}, All()...), RunOptions{Today: today})
	if diff := cmp.Diff([]string{"broken", "rds-encrypted"}, violated(report)); diff != "" {
		t.Errorf("violated rules (-want +got):\n%s", diff)
	}
	first := report.Findings[0]
	if first.Rule != "broken" || first.State != Violation || !strings.Contains(first.Message, "index out of range") ||
		!strings.Contains(first.Message, "TestPanicHidesNothing") {
		t.Errorf("the finding of the broken rule = %+v", first)
	}
	rest := Run(NewModel(stack), All(), RunOptions{Today: today})
	if diff := cmp.Diff(rest.Findings, report.Findings[1:]); diff != "" {
		t.Errorf("findings of the other rules (-without +beside the broken one):\n%s", diff)
	}
}

func TestRulesAreComplete(t *testing.T) {
	want := []string{
		"db-connections", "pool-unlimited", "node-capacity", "subnet-ips", "hpa-replicas-owned", "hpa-trigger-window",
		"metrics-fresh", "hpa-range", "hpa-single", "hpa-scale-down", "hpa-cpu-request", "hpa-cpu-limit", "hpa-memory",
		"pdb-blocks-drain", "pdb-present", "pdb-unhealthy", "graceful-shutdown", "surge-headroom", "pod-spread", "pod-evictable",
		"cluster-autoscaler", "priority-class", "cache-clients", "cache-eviction", "alarm-coverage", "stateful-protected",
		"pod-hardened", "pod-probes", "pod-memory", "pod-token", "secret-plain", "image-pinned", "chart-pinned", "node-imds",
		"node-disk", "node-replaceable", "iam-least", "iam-trust", "rds-durable", "rds-private", "rds-encrypted", "rds-credentials",
		"rds-static-parameter", "rds-parameters", "rds-multi-az", "rds-storage-grows", "rds-window", "cache-encrypted",
		"cache-access", "cache-failover", "s3-public", "s3-policy", "cdn-https", "cdn-origin", "cdn-private", "cert-renews",
		"zone-tls", "zone-stale", "zone-phase", "cache-rule",
	}
	var got []string
	for _, r := range All() {
		got = append(got, r.ID)
		if !regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z]+)+$`).MatchString(r.ID) {
			t.Errorf("id %q is not kebab-case", r.ID)
		}
		if r.What == "" || r.Why == "" || r.Fix == "" || len(r.Anchors) == 0 || len(r.Types) == 0 || r.Severity == "" || r.Level == "" {
			t.Errorf("%s leaves a field empty: %+v", r.ID, r)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// TestReplacementThatIsMeant: what may go until a date need not be protected,
// and everything else that is asked of it still holds.
func TestReplacementThatIsMeant(t *testing.T) {
	lifted := edit{"Instance main", "deletionProtection", false}
	for name, c := range map[string]struct {
		reason      string
		edit        edit
		replacement spec.Replacement
		want        []string
	}{
		"Meant":   {"it may go", lifted, spec.Replacement{Resource: "main", Reason: "r", Until: "2026-12-31"}, []string{}},
		"Expired": {"the date has passed", lifted, spec.Replacement{Resource: "main", Reason: "r", Until: "2026-11-22"}, []string{"rds-durable"}},
		"Other":   {"another one may go", lifted, spec.Replacement{Resource: "other", Reason: "r", Until: "2026-12-31"}, []string{"rds-durable"}},
		"Else":    {"that it may go does not make it readable", edit{"Instance main", "storageEncrypted", false}, spec.Replacement{Resource: "main", Reason: "r", Until: "2026-12-31"}, []string{"rds-encrypted"}},
	} {
		report := Run(NewModel(apply(t, goodStack(), c.edit)), All(), RunOptions{Today: today, Replacements: []spec.Replacement{c.replacement}})
		if diff := cmp.Diff(c.want, violated(report)); diff != "" {
			t.Errorf("%s: %s\nviolated rules (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestReplacementOfWhatIsProtected: a cache or a bucket that may go need not be
// protected until then, either.
func TestReplacementOfWhatIsProtected(t *testing.T) {
	for _, kind := range []string{typeCache, typeBucket} {
		for name, want := range map[string][]string{"main": {}, "other": {"stateful-protected"}} {
			report := Run(NewModel([]Resource{declared(kind, "main", node{})}), []Rule{statefulProtected()}, RunOptions{
				Today: today, Replacements: []spec.Replacement{{Resource: name, Reason: "r", Until: "2026-12-31"}}})
			if diff := cmp.Diff(want, violated(report)); diff != "" {
				t.Errorf("%s main with %s meant to go: violated rules (-want +got):\n%s", kind, name, diff)
			}
		}
	}
}

func TestExceptions(t *testing.T) {
	plain := edit{"Instance main", "storageEncrypted", false}
	for name, c := range map[string]struct {
		reason       string
		suppressions []spec.Suppression
		waivers      []spec.Waiver
		want         []string
		problem      string
	}{
		"None":         {reason: "nothing silences", want: []string{"rds-encrypted"}},
		"ByName":       {reason: "the logical name is enough", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "main", Reason: "r", Expires: "2026-12-31"}}, want: []string{}},
		"ByURN":        {reason: "so is the URN", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: instance().URN, Reason: "r", Expires: "2026-12-31"}}, want: []string{}},
		"ByLabel":      {reason: "and what messages print", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "Instance main", Reason: "r", Expires: "2026-12-31"}}, want: []string{}},
		"Star":         {reason: "every resource", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "*", Reason: "r", Expires: "2026-12-31"}}, want: []string{}},
		"LastDay":      {reason: "the last day still counts", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "*", Reason: "r", Expires: "2026-11-23"}}, want: []string{}},
		"Waiver":       {reason: "a waiver of the id silences the rule", waivers: []spec.Waiver{{Check: "rds-encrypted", Reason: "r", Until: "2026-12-31"}}, want: []string{}},
		"PlanWaiver":   {reason: "a check without a rule is the plan's affair", waivers: []spec.Waiver{{Check: "cost-ceiling", Reason: "r", Until: "2026-12-31"}}, want: []string{"rds-encrypted"}},
		"Expired":      {reason: "the day after it is over", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "*", Reason: "r", Expires: "2026-11-22"}}, want: []string{"rds-encrypted"}, problem: "it has expired"},
		"WaiverOver":   {reason: "waivers end as well", waivers: []spec.Waiver{{Check: "rds-encrypted", Reason: "r", Until: "2026-01-01"}}, want: []string{"rds-encrypted"}, problem: "it has expired"},
		"NoReason":     {reason: "an exception without a reason does not hold", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "*", Expires: "2026-12-31"}}, want: []string{"rds-encrypted"}, problem: "it gives no reason"},
		"NoDate":       {reason: "nor one without an end", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "*", Reason: "r", Expires: "soon"}}, want: []string{"rds-encrypted"}, problem: `its last day "soon" is not a date as YYYY-MM-DD`},
		"NoResource":   {reason: "nor one for nothing", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Reason: "r", Expires: "2026-12-31"}}, want: []string{"rds-encrypted"}, problem: "it names no resource"},
		"UnknownRule":  {reason: "a misspelled rule is said", suppressions: []spec.Suppression{{Rule: "rds-encryptd", Resource: "*", Reason: "r", Expires: "2026-12-31"}}, want: []string{"rds-encrypted"}, problem: "no rule has this id"},
		"OtherName":    {reason: "another resource", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: "mai", Reason: "r", Expires: "2026-12-31"}}, want: []string{"rds-encrypted"}},
		"OtherRule":    {reason: "another rule", suppressions: []spec.Suppression{{Rule: "rds-durable", Resource: "*", Reason: "r", Expires: "2026-12-31"}}, want: []string{"rds-encrypted"}},
		"EmptyMatches": {reason: "a resource without a URN matches no empty text", suppressions: []spec.Suppression{{Rule: "rds-encrypted", Resource: " ", Reason: "r", Expires: "2026-12-31"}}, want: []string{"rds-encrypted"}},
	} {
		t.Run(name, func(t *testing.T) {
			report := Run(NewModel(apply(t, goodStack(), plain)), All(), RunOptions{Today: today, Suppressions: c.suppressions, Waivers: c.waivers})
			if diff := cmp.Diff(c.want, violated(report)); diff != "" {
				t.Errorf("%s\nviolated rules (-want +got):\n%s", c.reason, diff)
			}
			if got := worst(report, "rds-encrypted"); got != Violation {
				t.Errorf("%s\na silenced violation stays visible, got %s", c.reason, got)
			}
			for _, e := range report.Exceptions {
				if e.Problem != c.problem {
					t.Errorf("%s\nproblem of %s = %q, want %q", c.reason, e, e.Problem, c.problem)
				}
				if silent := len(c.want) == 0; (e.Used > 0) != silent {
					t.Errorf("%s\n%s was used %d times", c.reason, e, e.Used)
				}
			}
		})
	}
}

func TestValueFrom(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		in     any
		want   Value
	}{
		"Null":     {reason: "null is absent", in: nil, want: Value{}},
		"Sentinel": {reason: "the engine's text for what is not known", in: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", want: Unknown()},
		"Secret":   {reason: "a secret is not read", in: node{signatureKey: secretSignature, "plaintext": `"x"`}, want: Secret()},
		"Redacted": {reason: "what an export says of a secret it cannot decrypt", in: "[secret]", want: Secret()},
		"Output":   {reason: "an output without value is not known", in: node{signatureKey: outputSignature}, want: Unknown()},
		"Known":    {reason: "an output with a value is that value", in: node{signatureKey: outputSignature, "value": 3.0}, want: Number(3)},
		"Json":     {reason: "a number that kept its digits", in: json.Number("3"), want: Number(3)},
		"Digits":   {reason: "one with too many is no number that rules could read", in: json.Number("1e999"), want: Opaque()},
		"Whole":    {reason: "YAML has whole numbers", in: 3, want: Number(3)},
		"Long":     {reason: "and long ones", in: int64(3), want: Number(3)},
		"Hidden":   {reason: "a secret output is a secret", in: node{signatureKey: outputSignature, "value": 3.0, "secret": true}, want: Secret()},
		"Asset":    {reason: "a file has no parts", in: node{signatureKey: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}, want: Opaque()},
		"Foreign":  {reason: "a type that JSON lacks", in: struct{}{}, want: Opaque()},
	} {
		if diff := cmp.Diff(c.want, From(c.in), cmp.AllowUnexported(Value{})); diff != "" {
			t.Errorf("%s: %s: From (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

func TestFill(t *testing.T) {
	inputs := From(node{"a": Unknown(), "b": node{"c": Unknown(), "d": 1.0}, "l": []any{Unknown()}, "s": Secret()})
	outputs := From(node{"a": "x", "b": node{"c": 2.0, "d": 9.0, "e": true}, "l": []any{"y"}, "s": "z", "live": 1.0})
	want := From(node{"a": "x", "b": node{"c": 2.0, "d": 1.0}, "l": []any{"y"}, "s": Secret()})
	if diff := cmp.Diff(want, Fill(inputs, outputs), cmp.AllowUnexported(Value{})); diff != "" {
		t.Errorf("Fill (-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct {
		reason              string
		inputs, outputs, to any
	}{
		"Nothing": {"an output that is not there says nothing", Unknown(), nil, Unknown()},
		"Kind":    {"a map has no places in a text", node{"a": Unknown()}, "x", node{"a": Unknown()}},
		"Text":    {"what the program wrote stays", "x", node{"a": 1}, "x"},
		"Length":  {"items of another list are other items", []any{Unknown()}, []any{"x", "y"}, []any{Unknown()}},
		"Shorter": {"also of a shorter one", []any{"a", Unknown()}, []any{"x"}, []any{"a", Unknown()}},
		"NoList":  {"nothing stays nothing", nil, "x", nil},
	} {
		if diff := cmp.Diff(From(c.to), Fill(From(c.inputs), From(c.outputs)), cmp.AllowUnexported(Value{})); diff != "" {
			t.Errorf("%s: %s: Fill (-want +got):\n%s", name, c.reason, diff)
		}
	}
	if diff := cmp.Diff(inputs, Fill(inputs, Value{}), cmp.AllowUnexported(Value{})); diff != "" {
		t.Errorf("Fill with nothing (-want +got):\n%s", diff)
	}
}

// BenchmarkRun judges stacks of two sizes: services of their own namespaces over
// one database, cache, edge and group of nodes. Of 5,000 each may take at most as
// long as of 200.
func BenchmarkRun(b *testing.B) {
	for _, size := range []int{200, 1000, 5000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			stack := largeStack(size)
			for b.Loop() {
				Run(NewModel(stack), All(), RunOptions{Today: today})
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(size), "µs/resource")
		})
	}
}

func largeStack(n int) []Resource {
	stack := goodStack()
	for i := 0; len(stack) < n; i++ {
		ns := fmt.Sprintf("shop-%d", i)
		for _, r := range goodStack()[:8] {
			r.URN += ns
			r.Inputs = set(r.Inputs, []string{"metadata", "namespace"}, ns)
			stack = append(stack, r)
		}
	}
	return stack[:n]
}

func TestKubernetesType(t *testing.T) {
	for want, in := range map[string][2]string{
		typeConfigMap:  {"v1", "ConfigMap"},
		typeDeployment: {"apps/v1", "Deployment"},
		typePDB:        {"policy/v1", "PodDisruptionBudget"},
	} {
		if got := KubernetesType(in[0], in[1]); got != want {
			t.Errorf("KubernetesType(%s, %s) = %s, want %s", in[0], in[1], got, want)
		}
	}
}

// TestLevels: a disabled rule says nothing, an advisory one stops nothing.
func TestLevels(t *testing.T) {
	stack := apply(t, goodStack(), edit{"Instance main", "storageEncrypted", false}, edit{"Instance main", "allocatedStorage", Unknown()})
	for level, c := range map[Level]struct {
		reason         string
		active, stops  bool
		ok, cannotKnow bool
	}{
		Mandatory: {"it stops the update", true, true, false, true},
		Advisory:  {"it is told", true, false, true, true},
		Disabled:  {"it is not asked", false, false, true, false},
	} {
		config, err := NewConfig(map[string]any{"all": string(level)}, All())
		if err != nil {
			t.Fatal(err)
		}
		report := Run(NewModel(stack), All(), RunOptions{Today: today, Config: config})
		stops := slices.ContainsFunc(report.Findings, Finding.Stops)
		if got := [4]bool{len(report.Active()) > 0, stops, report.OK(), len(report.CannotKnow()) > 0}; got != [4]bool{c.active, c.stops, c.ok, c.cannotKnow} {
			t.Errorf("%s: %s\nactive, stops, OK, cannot know = %v, want %v", level, c.reason, got, [4]bool{c.active, c.stops, c.ok, c.cannotKnow})
		}
		for _, f := range report.CannotKnow() {
			if f.Rule != "rds-storage-grows" {
				t.Errorf("%s: %s cannot know: %s", level, f.Rule, f.Message)
			}
		}
	}
	accepted := Finding{State: Violation, Level: Mandatory, Silenced: "waiver"}
	if accepted.Active() || accepted.Stops() || (Finding{State: Pass, Level: Mandatory}).Stops() {
		t.Error("what is accepted, or no violation, stops an update")
	}
}

// TestSite: the place of a panic is told where the stack tells it.
func TestSite(t *testing.T) {
	for name, c := range map[string]struct{ stack, want string }{
		"Found": {"goroutine 1:\npanic({0x1})\n\t/go/panic.go:1\nexample.com/a/rules.judge(0x1)\n\t/a.go:2\n", "rules.judge"},
		"Cut":   {"goroutine 1:\npanic({0x1})\n\t/go/panic.go:1", "unknown place"},
		"None":  {"goroutine 1:\nexample.com/a/rules.judge(0x1)\n\t/a.go:2\n", "unknown place"},
	} {
		if got := site([]byte(c.stack)); got != c.want {
			t.Errorf("%s: site = %q, want %q", name, got, c.want)
		}
	}
}
