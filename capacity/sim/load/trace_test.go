package load

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTrace(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		want   []Knot
	}{
		"Seconds":  {"rates become multiples of the peak of 100", "seconds,rps\n0,100\n60,500\n", []Knot{{0, 1}, {time.Minute, 5}}},
		"Offset":   {"time counts from the first row", "seconds,rps\n1000.5,100\n1060.5,50\n", []Knot{{0, 1}, {time.Minute, 0.5}}},
		"Negative": {"seconds may have any origin", "seconds,rps\n-60,100\n0,100\n", []Knot{{0, 1}, {time.Minute, 1}}},
		"Dates":    {"RFC 3339, zones among it", "time,rps\n2026-11-24T10:00:00Z,100\n2026-11-24T11:01:00.5+01:00,200\n", []Knot{{0, 1}, {time.Minute + 500*time.Millisecond, 2}}},
		"Levels":   {"a level is a multiple already", "seconds,level\n0,1\n60,5\n", []Knot{{0, 1}, {time.Minute, 5}}},
		"Windows":  {"line ends, mark, quotes, blanks, capitals", "\ufeff\"Seconds\", RPS \r\n0, 100 \r\n\"60\",\"500\"", []Knot{{0, 1}, {time.Minute, 5}}},
		"Comments": {"and empty lines", "# from k6\nseconds,rps\n\n0,100\n# dip\n60,0\n", []Knot{{0, 1}, {time.Minute, 0}}},
		"Marked":   {"a comment after the mark", "\ufeff# export\nseconds,rps\n0,100\n60,0\n", []Knot{{0, 1}, {time.Minute, 0}}},
		"Columns":  {"in any order, others ignored", "host,rps,seconds\na,100,0\nb,200,60\n", []Knot{{0, 1}, {time.Minute, 2}}},
		"Step":     {"two rows at one moment", "seconds,rps\n0,100\n60,100\n60,500\n90,500\n", []Knot{{0, 1}, {time.Minute, 1}, {time.Minute, 5}, {90 * time.Second, 5}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Trace(strings.NewReader(tc.text), 100)
			if diff := cmp.Diff(tc.want, got.Knots()); err != nil || diff != "" {
				t.Errorf("%s: error %v, knots (-want +got):\n%s", tc.reason, err, diff)
			}
		})
	}
}

func TestTraceRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		peak   float64
		want   []string
	}{
		"Empty":    {"nothing at all", "", 100, []string{"the trace is empty: it needs a header such as seconds,rps and two rows or more"}},
		"Comment":  {"nothing but a comment", "# later\n", 100, []string{"the trace is empty: it needs a header such as seconds,rps and two rows or more"}},
		"NoRows":   {"a header alone", "seconds,rps\n", 100, []string{"the trace has too few rows, 0: it needs two or more"}},
		"OneRow":   {"a moment is no load", "seconds,rps\n1,1\n", 100, []string{"the trace has too few rows, 1: it needs two or more"}},
		"NoHeader": {"numbers are no header", "0,1\n1,2\n", 100, []string{`line 1: header "0,1": must have a column seconds or time, and a column rps or level`}},
		"Peak":     {"rates need a peak", "seconds,rps\n0,1\n1,2\n", 0, []string{"peak = 0: a trace in rps needs today's peak, a number above 0"}},
		"NaNPeak":  {"a real one", "seconds,rps\n0,1\n1,2\n", math.NaN(), []string{"peak = NaN: a trace in rps needs today's peak, a number above 0"}},
		"Several": {"all at once, with line and value", "seconds,rps\n0,NaN\n10,-1\n20,Inf\n15,1e99\nx,1\n30,\n25,1\n60\n", 100, []string{
			`line 2: rps = "NaN": must be a number from 0 to a million times today's peak`,
			`line 3: rps = "-1": must be a number from 0 to a million times today's peak`,
			`line 4: rps = "Inf": must be a number from 0 to a million times today's peak`,
			`line 5: rps = "1e99": must be a number from 0 to a million times today's peak`,
			`line 5: seconds = "15": must not be before the row above`,
			`line 6: seconds = "x": must be a number of seconds`,
			`line 7: rps = "": must be a number from 0 to a million times today's peak`,
			`line 8: seconds = "25": must not be before the row above`,
			`line 9: fields = 1: must be 2, as in the header`}},
		"Dates": {"a date in another form", "time,rps\n24.11.2026,1\n2026-11-24T10:00:00Z,1\n", 100, []string{`line 2: time = "24.11.2026": must be a time such as 2026-11-24T10:00:00Z`}},
		"Month": {"longer than a month", "seconds,rps\n0,1\n9999999,1\n1e308,1\n-1e308,1\n", 100, []string{
			`line 3: seconds = "9999999": must be within 744h0m0s after the first row`,
			`line 4: seconds = "1e308": must be within 744h0m0s after the first row`,
			`line 5: seconds = "-1e308": must not be before the row above`}},
		"Quote":    {"a file that breaks off", "seconds,rps\n0,1\n1,\"2", 100, []string{`parse error on line 3, column 5: extraneous or missing " in quoted-field`}},
		"NoLength": {"all rows at one moment", "seconds,rps\n5,1\n5,2\n", 100, []string{"knots: the last one must be after 0s"}},
		"Hostile":  {"a long value is clipped", "seconds,rps\n0,1\n1," + strings.Repeat("9", 9999) + "\n", 100, []string{fmt.Sprintf("line 3: rps = %q: must be a number from 0 to a million times today's peak", strings.Repeat("9", 60)+"…")}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Trace(strings.NewReader(tc.text), tc.peak)
			if err == nil {
				t.Fatalf("%s: accepted", tc.reason)
			}
			if diff := cmp.Diff(tc.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestTraceOfManyProblemsAndRows(t *testing.T) {
	_, err := Trace(strings.NewReader("seconds,rps\n"+strings.Repeat("x,y\n", 1000)), 1)
	if lines := strings.Split(err.Error(), "\n"); len(lines) != mostProblems+1 || lines[mostProblems] != "and more" {
		t.Errorf("1000 bad rows are told in %d lines", len(lines))
	}
	if testing.Short() {
		t.Skip("a million rows take a second")
	}
	_, err = Trace(strings.NewReader("seconds,rps\n"+strings.Repeat("1,1\n", mostRows+1)), 1)
	if err == nil || err.Error() != "line 1000002: more than 1000000 rows: thin the trace out" {
		t.Errorf("a million and one rows: error %v", err)
	}
}

// Nothing that anybody exports may panic, and what is accepted is a curve.
func FuzzTrace(f *testing.F) {
	for _, text := range []string{"", "seconds,rps\n0,1\n60,5\n", "time,level\n2026-11-24T10:00:00Z,1\n2026-11-24T10:01:00Z,2\n",
		"\ufeff#\r\nseconds,rps\r\n-1e308,0\r\n1e308,0\r\n", "rps,seconds\n\"1\n", "seconds,rps\n0,0x1p3\n1,1_0\n", "time,rps\n9999-12-31T23:59:59Z,1\n0000-01-01T00:00:00Z,1\n"} {
		f.Add(text, 100.0)
	}
	f.Fuzz(func(t *testing.T, text string, peak float64) {
		c, err := Trace(strings.NewReader(text), peak)
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				if line == "" {
					t.Errorf("a problem says nothing: %q", err)
				}
			}
			return
		}
		if _, err := New(c.Knots()...); err != nil || c.Duration() <= 0 {
			t.Errorf("accepted, but no curve: %v", err)
		}
		cursor := c.Cursor()
		if mean := cursor.Mean(0, c.Duration()); !(mean >= 0 && mean <= c.Max()*(1+1e-9)) {
			t.Errorf("mean %g of levels up to %g", mean, c.Max())
		}
	})
}
