package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/fit"
	"github.com/agencyos/headroom/capacity/baseline/history"
	"github.com/agencyos/headroom/capacity/text"
)

// Measurement is a measured service beside what was known of it. Its JSON is an
// interface: fields are only added.
type Measurement struct {
	Stack   string `json:"stack"`
	Service string `json:"service"`
	// Fit is the measurement as the baseline keeps it.
	Fit *baseline.Fit `json:"fit"`
	// Knees by every criterion that was reached.
	Knees []fit.Knee `json:"knees"`
	// Models of the latency, by how well they explain it.
	Models []fit.Model `json:"models"`
	// CPUPercent of the request at the knee; 0 is not known.
	CPUPercent float64 `json:"cpuPercent,omitempty"`
	// Figures that were measured or stated, with what the baseline says.
	Figures []Measured `json:"figures"`
	// Kept are the paths of figures of the service that keep their value.
	Kept []string `json:"kept"`
	// Examples are the paths of figures of the stack that nobody measured.
	Examples []string `json:"examples"`
	// Differences from the stored baseline, when they were asked for.
	Differences []baseline.Difference `json:"differences,omitempty"`
	// Peak of production, where it was read.
	Peak *Peak `json:"peak,omitempty"`
	// Notes are traps and what could not be told.
	Notes []string `json:"notes"`

	// Result is the measurement as it was fitted.
	Result fit.Result `json:"-"`
}

// Measured is a figure beside the stored one; 0 is none.
type Measured struct {
	baseline.Figure
	Stored float64 `json:"stored"`
}

// Peak is today's peak, and what services.<name>.peakRps has to say for it.
type Peak struct {
	history.Peak
	// PeakRPS of users; 0 where the CDN takes everything.
	PeakRPS float64 `json:"peakRps,omitempty"`
}

// Worse are the differences that are.
func (m Measurement) Worse() []baseline.Difference {
	return slices.DeleteFunc(slices.Clone(m.Differences), func(d baseline.Difference) bool { return d.Verdict != baseline.Worse })
}

// MeasurementText is the whole measurement: steps, knee, prediction, figures.
func MeasurementText(m Measurement) string {
	var b strings.Builder
	measuredHeadline(&b, m)
	measuredSteps(&b, m)
	measuredKnees(&b, m)
	heldOut(&b, m)
	measuredModels(&b, m)
	figures(&b, m)
	peak(&b, m)
	differences(&b, m)
	for i, note := range m.Notes {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	return b.String()
}

func measuredHeadline(b *strings.Builder, m Measurement) {
	requests := 0
	for _, s := range m.Result.Steps {
		requests += s.Requests
	}
	fmt.Fprintf(b, "%s %s: %s, %s", m.Stack, m.Service, m.Fit.Source, text.Count(len(m.Result.Steps), "step", "steps"))
	if requests > 0 {
		fmt.Fprintf(b, ", %d requests", requests)
	}
	if d := m.Result.Date; !d.IsZero() {
		fmt.Fprintf(b, ", until %s UTC", d.UTC().Format(time.DateTime))
	}
	b.WriteString("\n\n")
}

func measuredSteps(b *strings.Builder, m Measurement) {
	table(b, func(w io.Writer) {
		fmt.Fprint(w, "STEP\tRPS\tANSWERED\tREQUESTS\tP50\tP99\t95% OF P99\tCPU\tFAILED\t\n")
		for _, s := range m.Result.Steps {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.2g%%\t%s\n", s.Name, digits(s.OfferedRPS), digits(s.AchievedRPS), known(float64(s.Requests), "%.0f"),
				known(s.P50Millis, "%.4g ms"), known(s.P99Millis, "%.4g ms"), spread(s), known(s.CPUMilli, "%.0fm"), 100*s.FailedShare, fate(s))
		}
	})
}

// known is a figure, or a dash where there is none.
func known(x float64, format string) string {
	if x == 0 {
		return "-"
	}
	return fmt.Sprintf(format, x)
}

// digits keeps four that mean something.
func digits(x float64) string {
	if math.Abs(x) >= 1000 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.4g", x)
}

func spread(s fit.Step) string {
	switch {
	case s.P99LowMillis == 0 && s.P99HighMillis == 0:
		return "-"
	case math.IsInf(s.P99HighMillis, 1):
		return fmt.Sprintf("%.4g and up", s.P99LowMillis)
	}
	return fmt.Sprintf("%.4g to %.4g", s.P99LowMillis, s.P99HighMillis)
}

// fate of a step, in a few words.
func fate(s fit.Step) string {
	switch {
	case len(s.Broken) > 0:
		return "broke " + strings.Join(s.Broken, ", ")
	case s.Saturated:
		return "above a saturated step"
	case s.HeldOut:
		return "held out"
	}
	return ""
}

func measuredKnees(b *strings.Builder, m Measurement) {
	k := m.Result.Knee
	fmt.Fprintf(b, "\nknee: %s rps", digits(k.LowRPS))
	if k.Criterion != "" {
		fmt.Fprintf(b, ", by %s", k.Criterion)
	}
	if m.Fit.CPUAtKneeMilli > 0 {
		fmt.Fprintf(b, "; CPU there %.0fm", m.Fit.CPUAtKneeMilli)
	}
	if m.CPUPercent > 0 {
		fmt.Fprintf(b, ", %.0f%% of the request", m.CPUPercent)
	}
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		for _, k := range m.Knees {
			broke := digits(k.HighRPS)
			fmt.Fprintf(w, "  %s\tcarried %s\tnot %s\t%s\n", k.Criterion, digits(k.LowRPS), broke, k.Why)
		}
	})
}

func heldOut(b *strings.Builder, m Measurement) {
	fmt.Fprintf(b, "\nheld out, predicted from the other steps by the queue that plans are made with:\n")
	table(b, func(w io.Writer) {
		for _, h := range m.Fit.HeldOut {
			p99 := "saturated"
			if h.PredictedP99Millis > 0 {
				p99 = fmt.Sprintf("%.4g ms\t%+.1f%%", h.PredictedP99Millis, h.ErrorPercent)
			}
			fmt.Fprintf(w, "  %s rps\tp99 %.4g ms\tpredicted %s", digits(h.RPS), h.P99Millis, p99)
			if h.CPUMilli > 0 {
				fmt.Fprintf(w, "\tCPU %.0fm\tpredicted %.0fm\t%+.1f%%", h.CPUMilli, h.PredictedCPUMilli, 100*(h.PredictedCPUMilli/h.CPUMilli-1))
			}
			fmt.Fprintln(w)
		}
	})
}

func measuredModels(b *strings.Builder, m Measurement) {
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		fmt.Fprint(w, "MODEL\tERROR\tHELD OUT\t\n")
		for _, x := range m.Models {
			role := ""
			if x.Name == m.Result.Best.Name {
				role = "explains the test"
			}
			if x.Name == fit.EventLoop {
				role = strings.TrimPrefix(role+", what plans are made with", ", ")
			}
			if x.Saturated {
				fmt.Fprintf(w, "%s\tsaturated\t-\t%s\n", x.Name, role)
				continue
			}
			fmt.Fprintf(w, "%s\t%.1f%%\t%.1f%%\t%s\n", x.Name, x.ErrorPercent, x.HeldOutPercent, role)
		}
	})
	if u := m.Fit.USL; u != nil {
		fmt.Fprintf(b, "scalability law: λ %s rps, σ %.3g, κ %.3g, %.1f%% off\n", digits(u.LambdaRPS), u.Sigma, u.Kappa, u.ErrorPercent)
	}
}

func figures(b *strings.Builder, m Measurement) {
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		fmt.Fprint(w, "FIGURE\tSTORED\tMEASURED\tSTANDARD ERROR\n")
		for _, f := range m.Figures {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Path, known(f.Stored, "%.4g"), digits(f.Value), known(f.StdErr, "%.2g"))
		}
	})
	if len(m.Kept) > 0 {
		fmt.Fprintf(b, "kept: %s\n", strings.Join(m.Kept, ", "))
	}
	if len(m.Examples) > 0 {
		fmt.Fprintf(b, "still examples, and every report says so: %s\n", grouped(m.Examples))
	}
}

// grouped paths are counted by what they are of.
func grouped(paths []string) string {
	var groups []string
	counts := map[string]int{}
	for _, path := range paths {
		group, rest, _ := strings.Cut(path, ".")
		if group == "services" {
			name, _, _ := strings.Cut(rest, ".")
			group += "." + name
		}
		if counts[group]++; counts[group] == 1 {
			groups = append(groups, group)
		}
	}
	for i, group := range groups {
		groups[i] = fmt.Sprintf("%s (%s)", group, text.Count(counts[group], "figure", "figures"))
	}
	return strings.Join(groups, ", ")
}

func peak(b *strings.Builder, m Measurement) {
	if m.Peak == nil {
		return
	}
	p := m.Peak
	fmt.Fprintf(b, "\ntoday's peak: %s rps reach the pods (%g%% of the windows have less; the highest, %s rps, ended %s UTC), p99 %.4g ms on %.3g pods\n",
		digits(p.RPS), 100*history.PeakQuantile, digits(p.HighestRPS), p.Highest.UTC().Format(time.DateTime), p.P99Millis, p.Pods)
	if p.PeakRPS == 0 {
		return
	}
	fmt.Fprintf(b, "  set services.%s.peakRps to %.0f: what users send before the CDN takes its share\n", m.Service, math.Ceil(p.PeakRPS))
}

func differences(b *strings.Builder, m Measurement) {
	if len(m.Differences) == 0 {
		return
	}
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		fmt.Fprint(w, "AGAINST THE BASELINE\tSTORED\tMEASURED\tNOISE\t\t\n")
		for _, d := range m.Differences {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Path, digits(d.Stored), digits(d.Measured), known(d.Noise, "%.2g"), d.Verdict, d.Why)
		}
	})
}
