package audit

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/agencyos/headroom/capacity/text"
)

// Text is the report for a terminal or a log.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Headline())
	if r.Measured != "" {
		fmt.Fprintf(&b, "measured: %s\n", r.Measured)
	}
	if r.Price != nil {
		fmt.Fprintf(&b, "price: $%.4f per CPU and $%.4f per GiB an hour: %s\n", r.Price.CPU, r.Price.GiB, r.Price.Why)
	}
	b.WriteString("\n")
	r.table(&b)
	for _, level := range levels {
		r.findings(&b, level)
	}
	if len(r.Needs) > 0 {
		b.WriteString("\nneeds\n")
	}
	for _, need := range r.Needs {
		fmt.Fprintf(&b, "  %s\n", need)
	}
	return text.Printable(b.String())
}

// Headline is the answer in one line.
func (r Report) Headline() string {
	workloads := map[string]bool{}
	for _, row := range r.Containers {
		workloads[row.name()] = true
	}
	line := fmt.Sprintf("%s of %s: ", text.Count(len(r.Containers), "container", "containers"), text.Count(len(workloads), "workload", "workloads"))
	var parts []string
	for _, level := range levels {
		if n := len(r.of(level)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, map[Level]string{Breaks: "BROKEN", Risks: "at risk", Wastes: "wasteful"}[level]))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to mend"}
	}
	line += strings.Join(parts, ", ")
	switch usd := r.SavingUSDPerMonth; {
	case r.Measured == "":
		line += "; sizes were not judged: nothing measured the use"
	case usd == nil:
		line += "; what it saves is unknown"
	case *usd < 0:
		line += fmt.Sprintf("; what is suggested costs $%.2f more per month", -*usd)
	default:
		line += fmt.Sprintf("; what is suggested saves $%.2f per month", *usd)
	}
	return line
}

func (r Report) of(level Level) []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Level != level })
}

// short kinds, as kubectl prints them.
var short = map[string]string{"Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds", "CronJob": "cj", "Job": "job", "Pod": "pod"}

func (r Row) name() string {
	name := r.Workload
	if r.Namespace != "" {
		name = r.Namespace + "/" + name
	}
	return short[r.Kind] + " " + name
}

// column is one figure of every container.
type column struct {
	name string
	// shown says whether there is anything to show; nil is always.
	shown func(Report) bool
	cell  func(Row) string
}

func measured(r Report) bool { return r.Measured != "" }

var columns = []column{
	{"WORKLOAD", nil, Row.name},
	{"CONTAINER", nil, func(r Row) string { return r.Container }},
	{"QOS", nil, func(r Row) string { return string(r.QoS) }},
	{"PODS", nil, func(r Row) string {
		if r.Replicas == nil {
			return "?"
		}
		return fmt.Sprint(*r.Replicas)
	}},
	{"CPU P95/MAX", measured, func(r Row) string { return r.CPU.used(milli) }},
	{"CPU REQUEST", nil, func(r Row) string { return r.CPU.request(milli) }},
	{"CPU LIMIT", nil, func(r Row) string { return r.CPU.limit(milli, r.Throttling) }},
	{"MEMORY P95/MAX", measured, func(r Row) string { return r.Memory.used(mib) }},
	{"MEMORY REQUEST", nil, func(r Row) string { return r.Memory.request(mib) }},
	{"MEMORY LIMIT", nil, func(r Row) string { return r.Memory.limit(mib, r.OOM) }},
	{"SAVES", func(r Report) bool { return r.SavingUSDPerMonth != nil }, func(r Row) string {
		if r.SavingUSDPerMonth == nil {
			return "?"
		}
		return strings.Replace(fmt.Sprintf("$%.2f", *r.SavingUSDPerMonth), "$-", "-$", 1)
	}},
}

func (r Report) table(b *strings.Builder) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	line := func(cell func(column) string) {
		var cells []string
		for _, c := range columns {
			if c.shown == nil || c.shown(r) {
				cells = append(cells, cell(c))
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	line(func(c column) string { return c.name })
	for _, row := range r.Containers {
		line(func(c column) string { return c.cell(row) })
	}
	_ = w.Flush() // into memory
}

func (s Side) used(show func(float64) string) string {
	if s.Use == nil {
		return "?"
	}
	return show(s.Use.P95) + "/" + show(s.Use.Max)
}

// request with its verdict, and what would do where it should change.
func (s Side) request(show func(float64) string) string {
	text := amount(s.Request, show)
	if s.Verdict == Fine || s.Verdict == Unmeasured {
		return text
	}
	text += " " + string(s.Verdict)
	if s.Suggested != nil && (s.Request == nil || s.Suggested.Request != *s.Request) {
		text += " → " + show(s.Suggested.Request)
	}
	return text
}

// limit and, where it is a risk, what would do.
func (s Side) limit(show func(float64) string, risk Risk) string {
	text := amount(s.Limit, show)
	if (risk == Likely || risk == Possible) && s.Suggested != nil {
		if would := amount(s.Suggested.Limit, show); would != text {
			text += " → " + would
		}
	}
	return text
}

func amount(x *float64, show func(float64) string) string {
	if x == nil {
		return "-"
	}
	return show(*x)
}

// findings of one level, those of one workload together.
func (r Report) findings(b *strings.Builder, level Level) {
	for i, f := range r.of(level) {
		if i == 0 {
			fmt.Fprintf(b, "\n%s\n", level)
		}
		who := Row{Namespace: f.Namespace, Kind: f.Kind, Workload: f.Workload}.name()
		if f.Container != "" {
			who += ", " + f.Container
		}
		fmt.Fprintf(b, "  %s (%s): %s\n    fix: %s\n", who, f.Where, f.What, f.Fix)
	}
}
