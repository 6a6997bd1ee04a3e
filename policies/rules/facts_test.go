package rules

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFacts: what is read of a value, and what is noted where it cannot be read.
func TestFacts(t *testing.T) {
	number := func(f *facts, l leaf) any { n, ok := f.number(l); return [2]any{n, ok} }
	count := func(f *facts, l leaf) any { return f.count(l, 1, 7) }
	required := func(f *facts, l leaf) any { return f.required(l, 1) }
	memory := func(f *facts, l leaf) any { n, ok := f.bytes(l); return [2]any{n, ok} }
	milli := func(f *facts, l leaf) any { n, ok := f.milli(l); return [2]any{n, ok} }
	flag := func(f *facts, l leaf) any { return f.flag(l) }
	text := func(f *facts, l leaf) any { return f.textOr(l, "fallback") }
	texts := func(f *facts, l leaf) any { return strings.Join(f.texts(l), ",") }
	items := func(f *facts, l leaf) any { return len(f.list(l)) }
	tree := func(f *facts, l leaf) any { return f.tree(l) }
	none := [2]any{0.0, false}
	is := func(n float64) [2]any { return [2]any{n, true} }
	for name, c := range map[string]struct {
		reason string
		read   func(*facts, leaf) any
		in     any
		want   any
		waits  string
	}{
		"Number":         {"as JSON has it", number, 3.5, is(3.5), ""},
		"NumberText":     {"as annotations and parameters have it", number, " 3.5 ", is(3.5), ""},
		"NumberAbsent":   {"nothing is no gap", number, nil, none, ""},
		"NumberUnknown":  {"an output is one", number, Unknown(), none, "x of Deployment api, not known yet"},
		"NumberSecret":   {"a secret is one", number, Secret(), none, "x of Deployment api, a secret"},
		"NumberWord":     {"a word is no number", number, "many", none, "x of Deployment api to be a number"},
		"NumberNaN":      {"ParseFloat reads NaN, which is above and below nothing", number, "NaN", none, "x of Deployment api to be a number"},
		"NumberMost":     {"10¹² still is one", number, 1e12, is(1e12), ""},
		"NumberHuge":     {"beyond, sums lose their parts", number, 1.0000001e12, none, "x of Deployment api to be a number"},
		"NumberLow":      {"below −10¹² too", number, -1.0000001e12, none, "x of Deployment api to be a number"},
		"NumberTruth":    {"true is no number", number, true, none, "x of Deployment api to be a number"},
		"Count":          {"a whole number", count, 3, 3, ""},
		"CountLow":       {"the least that is allowed", count, 1, 1, ""},
		"CountHigh":      {"the most", count, 100_000, 100_000, ""},
		"CountTooLow":    {"one less", count, 0, 7, "x of Deployment api = 0 to be a whole number from 1 to 100000"},
		"CountTooHigh":   {"one more", count, 100_001, 7, "x of Deployment api = 100001 to be a whole number from 1 to 100000"},
		"CountFraction":  {"half a pod is none", count, 1.5, 7, "x of Deployment api = 1.5 to be a whole number from 1 to 100000"},
		"CountAbsent":    {"the fallback stands in for nothing", count, nil, 7, ""},
		"Required":       {"what must be set is", required, 3, 3, ""},
		"RequiredAbsent": {"or a gap", required, nil, 1, "x of Deployment api to be set"},
		"Ki":             {"1 Ki is 1024 bytes", memory, "2Ki", is(2048), ""},
		"Gi":             {"1 Gi is 2³⁰ bytes", memory, "1Gi", is(1 << 30), ""},
		"Milli":          {"Kubernetes takes thousandths of a byte", memory, "2500m", is(2.5), ""},
		"Decimal":        {"1 M is 10⁶ bytes", memory, "1M", is(1e6), ""},
		"Exponent":       {"so is 1e6", memory, "1e6", is(1e6), ""},
		"Plain":          {"a text without a suffix is bytes", memory, "64", is(64), ""},
		"PlainNumber":    {"a number too", memory, 64, is(64), ""},
		"MemoryZero":     {"nothing at all is an amount", memory, "0", is(0), ""},
		"MemoryMost":     {"10¹⁵ bytes still are one", memory, "1P", is(1e15), ""},
		"MemoryHuge":     {"beyond, it is a mistake", memory, "1.001P", none, "x of Deployment api = 1.001P to be an amount of memory"},
		"MemoryNegative": {"less than nothing too", memory, "-1Gi", none, "x of Deployment api = -1Gi to be an amount of memory"},
		"MemoryNaN":      {"NaN too", memory, "NaN", none, "x of Deployment api = NaN to be an amount of memory"},
		"MemoryUnit":     {"a unit that there is not", memory, "64MB", none, "x of Deployment api = 64MB to be an amount of memory"},
		"MemoryAbsent":   {"nothing is no gap", memory, nil, none, ""},
		"MemoryUnknown":  {"an output is one", memory, Unknown(), none, "x of Deployment api, not known yet"},
		"Cores":          {"a number is cores", milli, 0.5, is(500), ""},
		"CoresText":      {"a text too", milli, "2", is(2000), ""},
		"Thousandths":    {"m is thousandths", milli, "250m", is(250), ""},
		"CPUForm":        {"a form that is none", milli, "xm", none, "x of Deployment api = xm to be an amount of CPU"},
		"CPUNaN":         {"ParseFloat reads NaN", milli, "NaNm", none, "x of Deployment api = NaNm to be an amount of CPU"},
		"CPUInf":         {"and infinity", milli, "Infm", none, "x of Deployment api = Infm to be an amount of CPU"},
		"CPUNegative":    {"less than nothing is no amount", milli, "-1m", none, "x of Deployment api = -1m to be an amount of CPU"},
		"CoresNegative":  {"in cores either", milli, -1, none, "x of Deployment api = -1 to be an amount of CPU"},
		"CPUMost":        {"10¹⁵ thousandths still are one", milli, "1e15m", is(1e15), ""},
		"CPUHuge":        {"beyond, it is a mistake", milli, "1.001e15m", none, "x of Deployment api = 1.001e15m to be an amount of CPU"},
		"CPUZero":        {"nothing at all is an amount", milli, "0m", is(0), ""},
		"CPUAbsent":      {"nothing is no gap", milli, nil, none, ""},
		"True":           {"a truth value", flag, true, true, ""},
		"False":          {"the other one", flag, false, false, ""},
		"TrueText":       {"as a launch template has it", flag, "true", true, ""},
		"FalseText":      {"off as text", flag, "false", false, ""},
		"FlagAbsent":     {"nothing is false", flag, nil, false, ""},
		"FlagWord":       {"yes is neither", flag, "yes", false, "x of Deployment api to be true or false"},
		"FlagNumber":     {"1 is neither", flag, 1, false, "x of Deployment api to be true or false"},
		"FlagUnknown":    {"an output may be either", flag, Unknown(), false, "x of Deployment api, not known yet"},
		"Text":           {"a text", text, "a", "a", ""},
		"TextAbsent":     {"the fallback stands in for nothing", text, nil, "fallback", ""},
		"TextNumber":     {"a number is no text", text, 1, "fallback", "x of Deployment api to be text"},
		"TextUnknown":    {"an output is a gap", text, Unknown(), "fallback", "x of Deployment api, not known yet"},
		"Texts":          {"policies write one text", texts, "a", "a", ""},
		"TextsMany":      {"or a list", texts, []any{"a", "b"}, "a,b", ""},
		"TextsNumber":    {"a number is neither", texts, 1, "", "x of Deployment api to be a list"},
		"List":           {"a list", items, []any{1, 2}, 2, ""},
		"ListAbsent":     {"nothing is empty", items, nil, 0, ""},
		"ListMap":        {"a map is no list", items, node{}, 0, "x of Deployment api to be a list"},
		"ListUnknown":    {"an output is a gap", items, Unknown(), 0, "x of Deployment api, not known yet"},
		"Tree":           {"a map can be looked into", tree, node{}, true, ""},
		"TreeAbsent":     {"nothing has no key", tree, nil, true, ""},
		"TreeList":       {"a list is no map", tree, []any{}, false, "x of Deployment api to be a map"},
		"TreeUnknown":    {"an output is a gap", tree, Unknown(), false, "x of Deployment api, not known yet"},
	} {
		f := &facts{}
		if diff := cmp.Diff(c.want, c.read(f, leafOf(c.in))); diff != "" {
			t.Errorf("%s: %s\nread (-want +got):\n%s", name, c.reason, diff)
		}
		if got := strings.Join(f.waits, "; "); got != c.waits {
			t.Errorf("%s: %s\nwaits for %q, want %q", name, c.reason, got, c.waits)
		}
	}
	f := &facts{}
	f.number(leaf{Value: Number(math.NaN()), where: "x", of: "Deployment api"})
	if f.complete() {
		t.Error("a NaN that is no text is read")
	}
}

// TestShow: a message never leaks what may not be read.
func TestShow(t *testing.T) {
	for name, c := range map[string]struct {
		in   any
		want string
	}{
		"Text": {"a", "a"}, "Whole": {100000, "100000"}, "Fraction": {0.25, "0.25"}, "Truth": {false, "false"},
		"Absent": {nil, "(not set)"}, "Unknown": {Unknown(), "(not known yet)"}, "Secret": {Secret(), "(secret)"}, "Tree": {node{"a": 1}, "(x)"},
	} {
		if got := show(leafOf(c.in)); got != c.want {
			t.Errorf("%s: show = %q, want %q", name, got, c.want)
		}
	}
}
