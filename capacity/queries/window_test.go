package queries

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func at(minutes float64) *time.Time {
	t := noon.Add(time.Duration(minutes * float64(time.Minute)))
	return &t
}

// snapshot is one taken so many minutes after noon.
func snapshot(minutes float64, statements ...Statement) Snapshot {
	return Snapshot{
		TakenAt: *at(minutes), StatementsResetAt: at(-60), TablesResetAt: at(-60),
		Server: Server{Version: 150018, Database: "shop", DatabaseOID: 5, Role: "headroom", Extension: "1.10", Most: 5000}, Statements: statements,
	}
}

// counted is a statement of user 1 with so many calls of so many milliseconds.
func counted(query QueryID, calls, ms float64) Statement {
	return Statement{User: 1, TopLevel: true, QueryID: query, Text: "SELECT 1", Counters: Counters{Calls: calls, ExecMs: calls * ms}}
}

func of(user uint32, s Statement) Statement {
	s.User = user
	return s
}

func since(minutes float64, s Statement) Statement {
	s.Since = at(minutes)
	return s
}

// row is what the cases look at.
type row struct {
	Query   QueryID
	Calls   float64
	Ms      float64
	Seconds float64
}

func rows(w Window) []row {
	var out []row
	for _, f := range w.Figures {
		out = append(out, row{f.QueryID, f.Calls, f.TotalMs(), f.Seconds})
	}
	return out
}

func TestBetween(t *testing.T) {
	reset := snapshot(10, counted(1, 3, 2))
	reset.StatementsResetAt = at(6)
	full := snapshot(10, counted(2, 5, 1))
	full.Deallocated = 2
	cases := map[string]struct {
		reason        string
		before, after Snapshot
		want          []row
		notes         []string
	}{
		"Delta":     {"what was added, the most time first", snapshot(0, counted(1, 10, 2), counted(2, 10, 1)), snapshot(10, counted(1, 12, 2), counted(2, 110, 1)), []row{{2, 100, 100, 600}, {1, 2, 4, 600}}, nil},
		"Idle":      {"what was not called is not listed", snapshot(0, counted(1, 10, 2)), snapshot(10, counted(1, 10, 2)), nil, nil},
		"New":       {"what is new counts whole", snapshot(0), snapshot(10, counted(1, 4, 2)), []row{{1, 4, 8, 600}}, nil},
		"Roles":     {"roles are added up", snapshot(0, of(1, counted(1, 10, 2)), of(2, counted(1, 10, 2))), snapshot(10, of(1, counted(1, 11, 2)), of(2, counted(1, 12, 2))), []row{{1, 3, 6, 600}}, nil},
		"Restarted": {"lower counters are new ones", snapshot(0, counted(1, 10, 2)), snapshot(10, counted(1, 4, 2)), []row{{1, 4, 8, 600}}, []string{"1 statement was reset or thrown out on the way and counted anew"}},
		"Since":     {"so is another beginning, however high", snapshot(0, since(-50, counted(1, 10, 2))), snapshot(10, since(5, counted(1, 40, 2))), []row{{1, 40, 80, 300}}, []string{"counted anew"}},
		"Reset":     {"after a reset all is new", snapshot(0, counted(1, 10, 2), counted(2, 1, 1)), reset, []row{{1, 3, 6, 240}}, []string{"the statistics were reset on the way: the figures begin at 2026-11-25 12:06:00 UTC"}},
		"Evicted":   {"what is gone is said", snapshot(0, counted(1, 10, 2)), full, []row{{2, 5, 5, 600}}, []string{"1 statement was thrown out on the way and not counted", "pg_stat_statements.max = 5000 is too small: room was made 2 times"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w, err := Between(tc.before, tc.after)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, rows(w), cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if len(w.Notes) != len(tc.notes) {
				t.Fatalf("notes %q, want %q", w.Notes, tc.notes)
			}
			for i, want := range tc.notes {
				if !strings.Contains(w.Notes[i], want) {
					t.Errorf("note %q, want %q", w.Notes[i], want)
				}
			}
		})
	}
}

func TestBetweenRefuses(t *testing.T) {
	other := snapshot(0)
	other.Server.DatabaseOID = 6
	for want, before := range map[string]Snapshot{
		"server.database = shop (oid 6): must be shop (oid 5)":   other,
		"takenAt = 2026-11-25T12:20:00Z: must be before":         snapshot(20),
		"takenAt = 2026-11-25T12:10:00Z: must be before 2026-11": snapshot(10),
	} {
		if _, err := Between(before, snapshot(10)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestSince(t *testing.T) {
	s := snapshot(10, counted(1, 42, 10))
	w := Since(s)
	if diff := cmp.Diff([]row{{1, 42, 420, 4200}}, rows(w)); diff != "" || w.TotalMs != 420 || w.Figures[0].CallsPerSecond() != 0.01 {
		t.Errorf("total %g ms, %g calls/s (-want +got):\n%s", w.TotalMs, w.Figures[0].CallsPerSecond(), diff)
	}
	s.StatementsResetAt, s.TablesResetAt = nil, nil
	w = Since(s)
	if len(w.Notes) != 2 || w.Figures[0].CallsPerSecond() != 0 || w.Writes != nil {
		t.Errorf("without times: notes %q, %g calls/s, writes %v; want two notes and no rates", w.Notes, w.Figures[0].CallsPerSecond(), w.Writes)
	}
}

func TestReadable(t *testing.T) {
	hidden := func(ms float64) Statement { return Statement{Counters: Counters{Calls: 1, ExecMs: ms}} }
	if err := Since(snapshot(10, counted(1, 95, 1), hidden(5))).Readable(); err != nil {
		t.Errorf("5%% hidden: %v, want it to pass", err)
	}
	if err := Since(snapshot(10, counted(1, 1, 1), hidden(99))).Readable(); err == nil || !strings.Contains(err.Error(), "99% of the time is hidden") {
		t.Errorf("99%% hidden: %v, want an error", err)
	}
}

func TestWrites(t *testing.T) {
	before, after := snapshot(0), snapshot(10)
	orders, carts := explain.Table{Schema: "public", Name: "orders"}, explain.Table{Schema: "public", Name: "carts"}
	before.Tables = []Writes{{orders, 100, 20, 3}, {carts, 900, 0, 0}}
	after.Tables = []Writes{{orders, 160, 80, 3}, {carts, 60, 0, 0}}
	w, err := Between(before, after)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[explain.Table]float64{orders: 0.2, carts: 0.1}, w.Writes, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("rows per second; lower counters are new ones (-want +got):\n%s", diff)
	}
}

// The spread of what came between two snapshots is that of the calls in between,
// however many came before, and whoever made them.
func TestSpreadOfADelta(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.Float64Range(0.01, 1000), 2, 40)
		old, fresh, others := times.Draw(t, "before"), times.Draw(t, "between"), times.Draw(t, "by another role")
		w, err := Between(snapshot(0, measured(1, old)), snapshot(10, measured(1, append(old[:len(old):len(old)], fresh...)), of(2, measured(1, others))))
		if err != nil {
			t.Fatal(err)
		}
		want := measured(1, append(fresh, others...))
		got := w.Figures[0]
		if got.Calls != want.Calls || math.Abs(got.ExecMs-want.ExecMs) > 1e-6*want.ExecMs || math.Abs(got.StddevMs-want.StddevMs) > 1e-3*(1+want.StddevMs) {
			t.Fatalf("%g calls, %g ms, spread %g; want %g, %g, %g", got.Calls, got.ExecMs, got.StddevMs, want.Calls, want.ExecMs, want.StddevMs)
		}
	})
}

// measured is the row that calls of these times leave.
func measured(query QueryID, times []float64) Statement {
	s := counted(query, float64(len(times)), 0)
	for _, ms := range times {
		s.ExecMs += ms
	}
	mean := s.ExecMs / s.Calls
	for _, ms := range times {
		s.StddevMs += (ms - mean) * (ms - mean) / s.Calls
	}
	s.StddevMs = math.Sqrt(s.StddevMs)
	return s
}

func TestSnapshotFile(t *testing.T) {
	s := recorded(t).After
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	s.Form = form
	if diff := cmp.Diff(s, got); diff != "" {
		t.Errorf("a file gives back what went into it (-want +got):\n%s", diff)
	}
	const head = `"takenAt":"2026-11-25T12:00:00Z","server":{"database":"shop"}`
	for want, text := range map[string]string{
		"is no snapshot":              "SELECT 1",
		"form = 0: must be 1":         `{}`,
		"form = 2: must be 1":         `{"form":2,` + head + `}`,
		"takenAt and server.database": `{"form":1}`,
		"statements[1].calls = -4":    `{"form":1,` + head + `,"statements":[{"calls":1},{"calls":-4}]}`,
		"stddevMs = -1":               `{"form":1,` + head + `,"statements":[{"stddevMs":-1}]}`,
		"unexpected end":              `{"form":1,` + head,
	} {
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Decode(%s) = %v, want %q", text, err, want)
		}
	}
}

// FuzzSnapshot holds that no file takes the program down, nor makes figures that
// are none.
func FuzzSnapshot(f *testing.F) {
	data, err := recorded(f).After.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"form":1,"takenAt":"2026-11-25T12:00:00Z","server":{"database":"shop"},"statements":[{"queryId":"1","calls":1e308,"execMs":1e308,"stddevMs":1e300}]}`))
	after := recorded(f).After
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := Decode(data)
		if err != nil {
			return
		}
		w, err := Between(before, after)
		if err != nil {
			return
		}
		for _, figure := range w.Figures {
			for _, c := range fields(&figure.Counters) {
				if *c.value < 0 || math.IsNaN(*c.value) {
					t.Fatalf("%s = %g", c.name, *c.value)
				}
			}
			if s := w.Share(figure); !(s >= 0 && s <= 1) || math.IsNaN(figure.StddevMs) {
				t.Fatalf("share %g, spread %g", s, figure.StddevMs)
			}
		}
	})
}
