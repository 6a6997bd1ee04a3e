package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/fit"
	"github.com/agencyos/headroom/capacity/baseline/history"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/text"
)

// stored is the baseline file, or an empty baseline where there is none.
func (f baselineFlags) stored(stack spec.Stack) (baseline.Baseline, error) {
	data, err := os.ReadFile(f.source.baseline)
	if errors.Is(err, fs.ErrNotExist) {
		if f.compare {
			return baseline.Baseline{}, invalid(f.source.baseline+" does not exist", "--compare needs something to compare with; measure with --write first")
		}
		return empty(stack.Name), nil
	}
	if err != nil {
		return baseline.Baseline{}, invalid(err.Error())
	}
	base, err := baseline.Decode(data)
	if err != nil {
		return base, problems(f.source.baseline, err)
	}
	if base.Stack != stack.Name {
		return base, invalid(fmt.Sprintf("%s is of stack %s, not of %s", f.source.baseline, base.Stack, stack.Name), "point --baseline at another file")
	}
	return base, nil
}

// stated are the figures of --fact.
func (f baselineFlags) stated(stored baseline.Baseline) ([]baseline.Figure, error) {
	var out []baseline.Figure
	var wrong []error
	for _, fact := range f.facts {
		figure, err := f.figure(fact)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		out = append(out, figure)
	}
	_, err := stored.With(out)
	if err := errors.Join(append(wrong, err)...); err != nil {
		return nil, problems("--fact", err)
	}
	return out, nil
}

// figure of a fact. A path begins at the service, unless it is of the nodes or the
// cache.
func (f baselineFlags) figure(fact string) (baseline.Figure, error) {
	at := strings.LastIndex(fact, "=")
	if at < 0 {
		return baseline.Figure{}, fmt.Errorf("%s: must be path=value, such as memoryMiB=310", text.Printable(fact))
	}
	path := fact[:at]
	value, err := strconv.ParseFloat(fact[at+1:], 64)
	if err != nil || !(value >= 0 && value <= 1e9) {
		return baseline.Figure{}, fmt.Errorf("%s = %s: must be a number from 0 to 1e9; the path names the unit", text.Printable(path), text.Printable(fact[at+1:]))
	}
	if top, _, _ := strings.Cut(path, "."); top != "nodes" && top != "cache" && top != "services" {
		path = "services." + f.service + "." + path
	}
	return baseline.Figure{Path: path, Value: value}, nil
}

// measurement is what is put together before anything is written.
type measurement struct {
	flags  baselineFlags
	stack  spec.Stack
	stored baseline.Baseline
	result fit.Result
	// past is the history, where the measurement is one.
	past  *history.History
	facts []baseline.Figure
}

// finish prints, compares, and writes where that was asked for.
func (m measurement) finish(out, messages io.Writer) error {
	f := m.flags
	figures, notes := m.figures()
	merged, err := m.stored.Merge(f.service, figures, m.result.Fit(today()))
	if err != nil {
		return problems("--fact", err)
	}
	if merged.Source == "" {
		merged.Source = m.result.Source
	}
	told := m.report(merged, figures, notes)
	if f.compare {
		told.Differences = m.differences(merged, figures)
	}
	if err := f.print(out, told); err != nil {
		return err
	}
	if worse := told.Worse(); len(worse) > 0 {
		for _, d := range worse {
			fmt.Fprintf(messages, "headroom: %s is worse beyond noise: %.4g, was %.4g; %s\n", d.Path, d.Measured, d.Stored, d.Why)
		}
		return violated
	}
	if err := merged.Validate(); err != nil {
		failure := problems(f.source.baseline+" as measured", err)
		failure.hints = append(failure.hints, "state what the test does not show with --fact path=value")
		return failure
	}
	if !f.write {
		if !f.compare {
			fmt.Fprintf(messages, "headroom: nothing written; --write stores it in %s\n", f.source.baseline)
		}
		return nil
	}
	return m.write(messages, merged)
}

// differences of what was measured from what is stored; what was kept has none.
func (m measurement) differences(merged baseline.Baseline, figures []baseline.Figure) []baseline.Difference {
	name := m.flags.service
	all := baseline.Compare(m.stored.Services[name], merged.Services[name])
	return slices.DeleteFunc(all, func(d baseline.Difference) bool {
		_, known := merged.Value("services." + name + "." + d.Path)
		measured := slices.ContainsFunc(figures, func(f baseline.Figure) bool { return f.Path == "services."+name+"."+d.Path })
		return known && !measured
	})
}

// figures of the result and those that were stated, which win; and what has to be
// said about them.
func (m measurement) figures() ([]baseline.Figure, []string) {
	figures, at := slices.Clone(m.result.Figures), "services."+m.flags.service
	var notes []string
	if m.past != nil {
		figures = append(figures, baseline.Figure{Path: at + ".p99Millis", Value: fit.Round(m.past.Peak().P99Millis)})
		if s := m.past.StartupSeconds; s > 0 {
			figures = append(figures, baseline.Figure{Path: at + ".startupSeconds", Value: fit.Round(s)})
		}
	}
	knee, known := m.stored.Value(at + ".kneeRps")
	// Production that stays below its knee is no reason to forget where a test found it.
	if m.past != nil && m.result.Knee.Criterion == "" && known && knee > m.result.Knee.LowRPS && !m.example(at+".kneeRps") {
		figures = slices.DeleteFunc(figures, func(f baseline.Figure) bool { return f.Path == at+".kneeRps" })
		notes = append(notes, fmt.Sprintf("kneeRps keeps the %.4g that was measured before: production went to %.4g only", knee, m.result.Knee.LowRPS))
	}
	for _, fact := range m.facts {
		figures = slices.DeleteFunc(figures, func(f baseline.Figure) bool { return f.Path == fact.Path })
		figures = append(figures, fact)
	}
	return figures, notes
}

// example says whether a stored figure is one.
func (m measurement) example(path string) bool {
	return slices.Contains(m.stored.Unmeasured(), path)
}

func (m measurement) report(merged baseline.Baseline, figures []baseline.Figure, notes []string) report.Measurement {
	name := m.flags.service
	out := report.Measurement{
		Stack: m.stack.Name, Service: name, Fit: merged.Services[name].Fit, Knees: m.result.Knees, Models: m.result.Models, Result: m.result,
		CPUPercent: m.result.CPUShare(fit.SubjectOf(m.stack, name, merged.Services[name])), Examples: merged.Unmeasured(), Notes: append(slices.Clone(m.result.Notes), notes...),
	}
	changed := map[string]bool{}
	for _, f := range figures {
		stored, _ := m.stored.Value(f.Path)
		out.Figures = append(out.Figures, report.Measured{Figure: f, Stored: stored})
		changed[f.Path] = true
	}
	for _, path := range merged.Paths() {
		if rest, own := strings.CutPrefix(path, "services."+name+"."); own && !changed[path] {
			out.Kept = append(out.Kept, rest)
		}
	}
	if m.past != nil {
		out.Peak = &report.Peak{Peak: m.past.Peak()}
		// What reaches the pods, less the misses that the CDN repeats, plus its hits.
		if passed := (1 - m.stack.Services[name].CDNHitRatio.Ratio()) * m.stack.Traffic.MissAmplification; passed > 0 {
			out.Peak.PeakRPS = out.Peak.RPS / passed
		}
	}
	return out
}

// write stores the baseline, whole or not at all.
func (m measurement) write(messages io.Writer, merged baseline.Baseline) error {
	text, err := baseline.Encode(merged)
	if err != nil {
		return invalid(err.Error())
	}
	path := m.flags.source.baseline
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return invalid(err.Error())
	}
	if err := writeWhole(path, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	fmt.Fprintf(messages, "headroom: wrote %s\n", path)
	return nil
}
