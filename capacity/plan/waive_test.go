package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestWaivers(t *testing.T) {
	const few = "cache.maxClients=255" // violates cache-connections alone
	waiver := func(id, until string) string {
		return fmt.Sprintf("waivers=[{check: %s, reason: migrating, until: %q}]", id, until)
	}
	at := func(text string) time.Time {
		day, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	cases := map[string]struct {
		reason     string
		sets       []string
		today      time.Time
		violated   []string
		active     bool
		note       string
		wantFactor bool // what is asked for
	}{
		"Active":     {reason: "accepted until a date to come", sets: []string{few, waiver(CacheConnections, "2026-12-31")}, today: day, active: true, wantFactor: true},
		"LastDay":    {reason: "the last day counts to its end", sets: []string{few, waiver(CacheConnections, "2026-11-23")}, today: at("2026-11-23 23:59:59"), active: true, wantFactor: true},
		"DayAfter":   {reason: "and not a second longer", sets: []string{few, waiver(CacheConnections, "2026-11-23")}, today: at("2026-11-24 00:00:00"), violated: []string{CacheConnections}, note: "expired: the check counts again"},
		"NotNeeded":  {reason: "a waiver for what holds is noise", sets: []string{waiver(CacheConnections, "2026-12-31")}, today: day, note: "not needed: the check holds; remove the waiver", wantFactor: true},
		"OldAndIdle": {reason: "expired is said first", sets: []string{waiver(CacheConnections, "2020-01-01")}, today: day, note: "expired: the check counts again", wantFactor: true},
		"OtherCheck": {reason: "a waiver covers its check alone", sets: []string{few, waiver(DBLoad, "2026-12-31")}, today: day, violated: []string{CacheConnections}, note: "not needed: the check holds; remove the waiver"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			stack, base := inputs(t, tc.sets...)
			p, err := New(stack, base, Options{Today: tc.today})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.violated, violatedIDs(p)); diff != "" {
				t.Errorf("%s\nviolated (-want +got):\n%s", tc.reason, diff)
			}
			w := p.Waivers[0]
			if w.Active != tc.active || w.Note != tc.note || w.Reason != "migrating" {
				t.Errorf("%s\nwaiver %+v, want active %v and note %q", tc.reason, w, tc.active, tc.note)
			}
			if c := check(t, p, w.Check); c.Waived != tc.active {
				t.Errorf("%s\n%s waived: %v", tc.reason, c.ID, c.Waived)
			}
			if got := p.Headroom.Factor >= p.Growth; got != tc.wantFactor {
				t.Errorf("%s\nheadroom %+v", tc.reason, p.Headroom)
			}
		})
	}
}

func TestWaiverOfNoCheck(t *testing.T) {
	stack, base := inputs(t, `waivers=[{check: db-conections, reason: typo, until: "2026-12-31"}]`)
	_, err := New(stack, base, Options{Today: day})
	if err == nil || !strings.HasPrefix(err.Error(), "waivers[0].check = db-conections: is not a check; known: db-connections, ") {
		t.Errorf("New: %v", err)
	}
}

// A check that varies with the load and is waived does not end the headroom.
func TestHeadroomPassesAWaivedCheck(t *testing.T) {
	sets := []string{be + "autoscaling.maxReplicas=13"}
	without := planned(t, sets...)
	with := planned(t, append(sets, `waivers=[{check: origin-load, reason: x, until: "2026-12-31"}]`)...)
	if without.Headroom.FirstLimit != OriginLoad || with.Headroom.FirstLimit == OriginLoad || with.Headroom.Factor <= without.Headroom.Factor {
		t.Errorf("headroom %+v without the waiver, %+v with it", without.Headroom, with.Headroom)
	}
}

// A fix repairs its check even where a waiver accepts it or has expired.
func TestFixesDoNotCountOnTheirWaiver(t *testing.T) {
	for _, until := range []string{"2026-12-31", "2020-01-01"} {
		r := baseRaws(t).with(t, "cache.maxClients=200", fmt.Sprintf("waivers=[{check: cache-connections, reason: x, until: %q}]", until))
		stack, base := r.decode(t)
		c := check(t, mustPlan(t, stack, base), CacheConnections)
		for _, p := range proposals(t, c.Fix) {
			raw, err := spec.Set(r.stack, p.path, p.value)
			if err != nil {
				t.Fatal(err)
			}
			repaired, err := spec.Decode("base", raw)
			if err != nil {
				t.Fatal(err)
			}
			if after := check(t, mustPlan(t, repaired, base), CacheConnections); !after.OK {
				t.Errorf("waiver until %s: %+v does not repair: %g > %g", until, p, after.Have, after.Limit)
			}
		}
	}
}

// What another, active waiver accepts does not hinder "every check holds".
func TestFixesAcceptOtherWaivers(t *testing.T) {
	p := planned(t, "cache.maxClients=255", "cluster.subnets[0].freeIps=100", `waivers=[{check: subnet-ips, reason: x, until: "2026-12-31"}]`)
	got := proposals(t, check(t, p, CacheConnections).Fix)
	if len(got) != 1 || !got[0].every {
		t.Errorf("proposals %+v, want one after which every check holds", got)
	}
}

// TestAhead: a baseline of tomorrow is a slip, once tomorrow has begun nowhere.
func TestAhead(t *testing.T) {
	for name, tc := range map[string]struct {
		reason string
		today  time.Time
		want   bool
	}{
		"Today":    {"the day of the measurement", day, false},
		"Tomorrow": {"it is the next day already, east of here", day.Add(-14 * time.Hour), false},
		"Ahead":    {"it is that day nowhere", day.Add(-27 * time.Hour), true},
		"Unknown":  {"no today, no tomorrow", time.Time{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ahead("2026-11-23", tc.today); got != tc.want {
				t.Errorf("%s: ahead = %v, want %v", tc.reason, got, tc.want)
			}
		})
	}
}
