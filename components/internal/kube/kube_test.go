package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestQuantitiesAreInTheServersSpelling(t *testing.T) {
	cases := map[string]struct{ reason, got, want string }{
		"Thousandths":  {"a fraction keeps the milli suffix", Milli(1500), "1500m"},
		"WholeCores":   {"1000m comes back as 1", Milli(1000), "1"},
		"ThousandsOf":  {"2000 comes back as 2k", Milli(2_000_000), "2k"},
		"Nothing":      {"zero has no suffix", Milli(0), "0"},
		"MetricTarget": {"targets have at most three digits after the point", Value(12.3456), "12346m"},
		"WholeTarget":  {"a whole target has no suffix", Value(40), "40"},
		"Mebibytes":    {"1536 MiB is no whole number of GiB", MiB(1536), "1536Mi"},
		"Gibibytes":    {"1024 MiB comes back as 1Gi", MiB(1024), "1Gi"},
		"NoMemory":     {"zero has no suffix", MiB(0), "0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestAmountsLeaveOutWhatIsNotSet(t *testing.T) {
	got := Amounts(spec.Amounts{Memory: 512})
	if diff := cmp.Diff(map[string]string{"memory": "512Mi"}, got); diff != "" {
		t.Errorf("Amounts(memory only) (-want +got):\n%s", diff)
	}
}

func TestEveryObjectCarriesItsSelector(t *testing.T) {
	labels := Labels("api")
	for key, value := range Selector("api") {
		if labels[key] != value {
			t.Errorf("Labels(api)[%s] = %q, want the selector's %q", key, labels[key], value)
		}
	}
}

func TestChecksumTellsFilesApart(t *testing.T) {
	if Checksum("a", "b") == Checksum("ab", "") {
		t.Error(`Checksum("a", "b") = Checksum("ab", ""), want different values`)
	}
	if again := Checksum("a"); again != Checksum("a") {
		t.Error(`Checksum("a") changes, want the same pods for the same settings`)
	}
}
