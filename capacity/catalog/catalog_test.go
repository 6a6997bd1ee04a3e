package catalog

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/json"
)

func TestFileIsStrict(t *testing.T) {
	var d document
	strict, err := json.UnmarshalStrict(raw, &d)
	if err != nil || len(strict) > 0 {
		t.Fatalf("catalog.json: %v %v", err, strict)
	}
	got := []string{d.Compiled, d.Region, d.Currency, d.OS}
	if diff := cmp.Diff([]string{Compiled, Region, "USD", "Linux on-demand"}, got); diff != "" {
		t.Errorf("the constants and the file disagree: -constants, +file:\n%s", diff)
	}
	counts := []int{len(Nodes()), len(Databases()), len(Caches()), len(Items())}
	rows := []int{len(d.Tables.Nodes.Rows), len(d.Tables.Databases.Rows), len(d.Tables.Caches.Rows), len(d.Tables.Items.Rows)}
	if diff := cmp.Diff(rows, counts); diff != "" {
		t.Errorf("a name occurs twice: -rows, +names:\n%s", diff)
	}
}

// priced is one price of one row, whatever its table.
type priced struct {
	row     string
	usd     *float64
	date    string
	sources []string
}

func prices() []priced {
	t := load().Tables
	var out []priced
	for _, r := range t.Nodes.Rows {
		out = append(out, priced{r.Type, r.USDPerHour, r.PriceDate, t.Nodes.Sources["usdPerHour"]})
	}
	for _, r := range t.Databases.Rows {
		out = append(out, priced{r.Class, r.USDPerHour, r.PriceDate, r.PriceSources},
			priced{r.Class + " multi-AZ", r.USDPerHourMultiAZ, r.MultiAZDate, r.MultiAZSources})
	}
	for _, r := range t.Caches.Rows {
		out = append(out, priced{r.Type + " redis", r.USDPerHourRedis, r.PriceDate, r.RedisSources},
			priced{r.Type + " valkey", r.USDPerHourValkey, r.PriceDate, r.ValkeySources})
	}
	for _, r := range t.Items.Rows {
		out = append(out, priced{r.Name, r.USD, r.PriceDate, r.Sources})
	}
	return out
}

func TestEveryPriceHasASource(t *testing.T) {
	compiled, _ := time.Parse(time.DateOnly, Compiled)
	for _, p := range prices() {
		if p.usd == nil {
			if len(p.sources) > 0 || p.date != "" {
				t.Errorf("%s: no price, but a source or a date", p.row)
			}
			continue
		}
		day, err := time.Parse(time.DateOnly, p.date)
		if err != nil || day.After(compiled) {
			t.Errorf("%s: price date %q is not a day up to %s", p.row, p.date, Compiled)
		}
		if len(p.sources) == 0 || *p.usd < 0 {
			t.Errorf("%s: price %v with sources %v", p.row, *p.usd, p.sources)
		}
		for _, id := range p.sources {
			if _, ok := SourceOf(id); !ok {
				t.Errorf("%s: source %q is not listed", p.row, id)
			}
		}
	}
}

func TestEveryFieldHasASource(t *testing.T) {
	tables := load().Tables
	for name, fields := range map[string]map[string][]string{
		"nodes": tables.Nodes.Sources, "databases": tables.Databases.Sources,
		"olderDatabases": tables.OlderDatabases.Sources, "caches": tables.Caches.Sources,
	} {
		for field, ids := range fields {
			for _, id := range ids {
				if _, ok := SourceOf(id); !ok {
					t.Errorf("%s.%s: source %q is not listed", name, field, id)
				}
			}
		}
	}
	for id, s := range load().Sources {
		if s.Ref == "" || s.Date == "" {
			t.Errorf("source %s: ref %q, date %q", id, s.Ref, s.Date)
		}
	}
}

func TestNodeInvariants(t *testing.T) {
	for _, n := range load().Tables.Nodes.Rows {
		if got := n.MaxENIs*(n.IPv4PerENI-1) + hostNetworkPods; got != n.MaxPods {
			t.Errorf("%s: ENIs × (IPv4 − 1) + 2 = %d, max pods = %d", n.Type, got, n.MaxPods)
		}
		if n.Arch != "amd64" && n.Arch != "arm64" {
			t.Errorf("%s: arch %q", n.Type, n.Arch)
		}
		if burstable := strings.HasPrefix(n.Type, "t"); burstable != (n.BaselinePercent != nil) || burstable != (n.CreditsPerHour != nil) {
			t.Errorf("%s: burstable %v, baseline %v, credits %v", n.Type, burstable, n.BaselinePercent, n.CreditsPerHour)
		}
		if n.BaselinePercent != nil && *n.CreditsPerHour != float64(n.VCPU)*60**n.BaselinePercent/100 {
			t.Errorf("%s: %v credits an hour are not %v %% of %d vCPU", n.Type, *n.CreditsPerHour, *n.BaselinePercent, n.VCPU)
		}
	}
}

func TestDatabaseInvariants(t *testing.T) {
	form := regexp.MustCompile(`^db\.[a-z0-9]+\.[a-z0-9]+$`)
	for _, d := range load().Tables.Databases.Rows {
		if !form.MatchString(d.Class) {
			t.Errorf("%s: not a class name", d.Class)
		}
		if got := FormulaMaxConnections(d.MemoryGiB); got != d.MaxConnectionsBound {
			t.Errorf("%s: formula %d, bound %d", d.Class, got, d.MaxConnectionsBound)
		}
		if m := d.MaxConnectionsMeasured; m != nil && (*m > d.MaxConnectionsBound || len(d.MeasuredSources) == 0) {
			t.Errorf("%s: measured %d above bound %d, or unsourced %v", d.Class, *m, d.MaxConnectionsBound, d.MeasuredSources)
		}
		if d.BaselinePercent != nil {
			t.Errorf("%s: no source gives a credit baseline for RDS", d.Class)
		}
		n, why := EstimatedMaxConnections(d.Class)
		if n <= 0 || n > d.MaxConnectionsBound || !strings.Contains(why, d.Class) {
			t.Errorf("EstimatedMaxConnections(%s): %d, %q", d.Class, n, why)
		}
	}
}

// TestSharesHoldForEveryMeasurement is the reason for the two shares: planning
// with them never promises more than a live instance gave.
func TestSharesHoldForEveryMeasurement(t *testing.T) {
	rows := slices.Concat(load().Tables.Databases.Rows, load().Tables.OlderDatabases.Rows)
	measured := 0
	for _, d := range rows {
		if d.MaxConnectionsMeasured == nil {
			continue
		}
		measured++
		share := usableShare
		if d.MemoryGiB <= smallGiB {
			share = usableShareSmall
		}
		if promise := int(share * float64(d.MaxConnectionsBound)); promise > *d.MaxConnectionsMeasured {
			t.Errorf("%s: would promise %d, measured %d", d.Class, promise, *d.MaxConnectionsMeasured)
		}
	}
	if measured != 8 {
		t.Errorf("measured classes: want 8, got %d", measured)
	}
}
