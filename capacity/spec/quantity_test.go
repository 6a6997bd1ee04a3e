package spec

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQuantities(t *testing.T) {
	const refused = "refused"
	cases := map[string]struct {
		reason string
		into   any
		in     string // as JSON
		want   string // printed, or refused
	}{
		"CPU milli":           {"the Kubernetes form", new(MilliCPU), `"500m"`, "500m"},
		"CPU cores":           {"whole cores in quotes", new(MilliCPU), `"2"`, "2000m"},
		"CPU number":          {"YAML makes a bare 1.5 a number", new(MilliCPU), `1.5`, "1500m"},
		"CPU zero":            {"zero is a number of its own; validation judges it", new(MilliCPU), `0`, "0m"},
		"CPU three digits":    {"a thousandth is the smallest part", new(MilliCPU), `"0.125"`, "125m"},
		"CPU four digits":     {"less than a thousandth does not exist", new(MilliCPU), `"0.1255"`, refused},
		"CPU negative":        {"no negative CPU", new(MilliCPU), `"-500m"`, refused},
		"CPU half milli":      {"no half thousandth", new(MilliCPU), `"0.5m"`, refused},
		"CPU word":            {"a unit that is none", new(MilliCPU), `"500 cores"`, refused},
		"CPU empty":           {"empty is not zero", new(MilliCPU), `""`, refused},
		"CPU exponent":        {"JSON numbers may hold exponents", new(MilliCPU), `1e3`, refused},
		"CPU beyond a host":   {"sums must not overflow", new(MilliCPU), `"16385"`, refused},
		"CPU beyond in milli": {"the same bound in the other form", new(MilliCPU), `"9223372036854775807m"`, refused},
		"CPU beyond int64":    {"and past the type", new(MilliCPU), `"99999999999999999999m"`, refused},
		"CPU list":            {"not a scalar", new(MilliCPU), `["500m"]`, refused},
		"CPU bool":            {"YAML makes on a bool", new(MilliCPU), `true`, refused},

		"memory Mi":          {"mebibytes", new(MiB), `"512Mi"`, "512Mi"},
		"memory Gi":          {"gibibytes", new(MiB), `"2Gi"`, "2048Mi"},
		"memory part":        {"a part of a gibibyte", new(MiB), `"1.5Gi"`, "1536Mi"},
		"memory bare":        {"a bare number does not say its unit", new(MiB), `"500"`, refused},
		"memory bare number": {"nor without quotes", new(MiB), `500`, refused},
		"memory decimal":     {"M is not Mi: 5 % apart", new(MiB), `"512M"`, refused},
		"memory spelling":    {"units are case-sensitive in Kubernetes", new(MiB), `"512MI"`, refused},
		"memory Ti":          {"no pod needs tebibytes", new(MiB), `"1Ti"`, refused},
		"memory negative":    {"no negative memory", new(MiB), `"-512Mi"`, refused},
		"memory beyond":      {"sums must not overflow", new(MiB), `"99999999999Gi"`, refused},

		"percent":          {"the usual form", new(Percent), `"60%"`, "60%"},
		"percent part":     {"parts are fine", new(Percent), `"99.9%"`, "99.9%"},
		"percent spaced":   {"people write a space", new(Percent), `" 60 % "`, "60%"},
		"percent zero":     {"zero is a share", new(Percent), `"0%"`, "0%"},
		"percent negative": {"a form; validation judges it with the field's range", new(Percent), `"-5%"`, "-5%"},
		"percent bare":     {"60 could be a factor", new(Percent), `"60"`, refused},
		"percent number":   {"0.6 could be a ratio", new(Percent), `0.6`, refused},
		"percent sign":     {"a sign without a number", new(Percent), `"%"`, refused},
		"percent NaN":      {"not a number", new(Percent), `"NaN%"`, refused},
		"percent infinite": {"no share", new(Percent), `"Inf%"`, refused},
		"percent huge":     {"past the type", new(Percent), `"1e999%"`, refused},

		"rps":        {"a plain number", new(RPS), `120`, "120"},
		"rps part":   {"parts are fine", new(RPS), `0.5`, "0.5"},
		"rps quoted": {"quotes hide typing mistakes", new(RPS), `"120"`, refused},
		"rps bool":   {"not a number", new(RPS), `true`, refused},
		"rps huge":   {"past the type", new(RPS), `1e999`, refused},

		"usd":        {"a plain number", new(USD), `4000`, "4000"},
		"usd dollar": {"no sign", new(USD), `"$4000"`, refused},

		"duration ms":       {"milliseconds", new(Duration), `"200ms"`, "200ms"},
		"duration minutes":  {"minutes", new(Duration), `"10m"`, "10m0s"},
		"duration mixed":    {"mixed units", new(Duration), `"1h30m"`, "1h30m0s"},
		"duration bare":     {"60 what?", new(Duration), `"60"`, refused},
		"duration number":   {"nor without quotes", new(Duration), `60`, refused},
		"duration day":      {"Go knows no days", new(Duration), `"1d"`, refused},
		"duration negative": {"a form; validation judges it", new(Duration), `"-5s"`, "-5s"},
		"duration beyond":   {"past the type", new(Duration), `"9999999h"`, refused},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			q := tc.into.(quantity)
			got := refused
			if err := q.UnmarshalJSON([]byte(tc.in)); err == nil {
				got = printed(q)
			} else if diff := cmp.Diff(q.rule(), err.Error()); diff != "" {
				t.Errorf("%s\nUnmarshalJSON(%s): error is not the rule (-want +got):\n%s", tc.reason, tc.in, diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n%T of %s (-want +got):\n%s", tc.reason, tc.into, tc.in, diff)
			}
		})
	}
}

// printed is the value behind the pointer.
func printed(q quantity) string {
	switch v := q.(type) {
	case *MilliCPU:
		return v.String()
	case *MiB:
		return v.String()
	case *Percent:
		return v.String()
	case *Duration:
		return v.String()
	case *RPS:
		return fmt.Sprint(float64(*v))
	case *USD:
		return fmt.Sprint(float64(*v))
	}
	return "unknown"
}

func TestQuantitiesComeBackAsWritten(t *testing.T) {
	type all struct {
		CPU      MilliCPU
		Memory   MiB
		Share    Percent
		Duration Duration
		Rate     RPS
		Cost     USD
	}
	want := all{1500, 1536, 12.5, Duration(90 * time.Second), 0.5, 4000}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got all
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("Unmarshal(%s): %v", text, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("through %s (-want +got):\n%s", text, diff)
	}
}

func TestQuantityConversions(t *testing.T) {
	got := []float64{MilliCPU(1500).Cores(), Percent(12.5).Ratio(), Duration(1500 * time.Millisecond).Seconds(), Duration(time.Second).Millis()}
	if diff := cmp.Diff([]float64{1.5, 0.125, 1.5, 1000}, got); diff != "" {
		t.Errorf("cores, ratio, seconds, millis (-want +got):\n%s", diff)
	}
}
