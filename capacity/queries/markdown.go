package queries

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/text"
)

// longest statement in a table of Markdown, in characters.
const longest = 100

// Markdown is the report for a pull request or a wiki.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Slow queries\n\n%s\n\n", escape(r.Headline()))
	fmt.Fprintf(&b, "PostgreSQL %d, pg_stat_statements %s; gains by %s.\n", r.Window.Server.Major(), r.Window.Server.Extension, r.Method.explained())
	r.markdownTable(&b)
	for i, s := range r.Statements {
		s.markdown(&b, i+1)
	}
	for _, p := range r.Indexes {
		fmt.Fprintf(&b, "\n### Missing index %s\n\n", code(p.Name))
		fmt.Fprintf(&b, "- serves %s of the time; planner cost %s → %s (%s×, %s)\n", percent(p.Share), figure(p.CostBefore), figure(p.CostAfter), figure(p.Gain), p.Method)
		fmt.Fprintf(&b, "- price: %s\n", escape(p.price()))
		fmt.Fprintf(&b, "\n%s", fence("sql", strings.Join(p.Create, "\n")))
	}
	r.markdownCache(&b)
	if len(r.Notes) > 0 {
		b.WriteString("\n### Notes\n\n")
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "- %s\n", escape(n))
	}
	return text.Printable(b.String())
}

func (r Report) markdownTable(b *strings.Builder) {
	if len(r.Statements) == 0 {
		return
	}
	b.WriteString("\n| # |")
	rule := "|--:|"
	for _, c := range columns {
		fmt.Fprintf(b, " %s |", strings.ToLower(c.name))
		rule += "--:|"
	}
	fmt.Fprintf(b, " found | statement |\n%s---|---|\n", rule)
	for i, s := range r.Statements {
		fmt.Fprintf(b, "| %d |", i+1)
		for _, c := range columns {
			fmt.Fprintf(b, " %s |", c.cell(s))
		}
		fmt.Fprintf(b, " %s | %s |\n", s.found(), code(line(s.Text, longest)))
	}
}

func (s Advice) markdown(b *strings.Builder, number int) {
	if len(s.Findings) == 0 && number > 1 && s.Unexplained == "" {
		return
	}
	fmt.Fprintf(b, "\n### Statement %d, %s of the time\n\n%s", number, percent(s.Share), fence("sql", s.Text))
	if s.Unexplained != "" {
		fmt.Fprintf(b, "\nNot explained: %s\n", escape(s.Unexplained))
	}
	for _, f := range s.Findings {
		fmt.Fprintf(b, "\n- **%s**: %s\n  - fix: %s\n", f.Kind, escape(f.Why), escape(f.Fix))
	}
	if len(s.Plan) > 0 {
		fmt.Fprintf(b, "\n%s", fence("text", strings.Join(s.Plan, "\n")))
	}
}

func (r Report) markdownCache(b *strings.Builder) {
	if len(r.Cache.Candidates) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### Worth a cache\n\nSpares %s of the time and answers %s of the SELECTs above.\n\n", percent(r.Cache.TimeShare), percent(r.Cache.HitRatio))
	b.WriteString("| TTL | hit ratio | calls/s | writes/s | statement | why |\n|--:|--:|--:|--:|---|---|\n")
	for _, q := range r.Cache.Candidates {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", span(q.TTLSeconds), q.hits(), figure(q.CallsPerSecond), figure(q.WritesPerSecond), code(line(q.Text, longest)), escape(q.Why))
	}
}

// special characters of Markdown; a statement's text is somebody else's.
var special = strings.NewReplacer(`\`, `\\`, "`", "\\`", "|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", ">", "&gt;", "[", `\[`, "]", `\]`, "\n", " ")

func escape(text string) string { return special.Replace(text) }

// code is a text in backticks, with more of them than it has itself.
func code(text string) string {
	ticks := strings.Repeat("`", run(text)+1)
	pad := ""
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		pad = " "
	}
	return ticks + pad + strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), "|", `\|`) + pad + ticks
}

// fence is a block of code with a fence that the text cannot close.
func fence(language, text string) string {
	ticks := strings.Repeat("`", max(3, run(text)+1))
	return ticks + language + "\n" + strings.TrimRight(text, "\n") + "\n" + ticks + "\n"
}

// run is the most backticks in a row.
func run(text string) int {
	most, now := 0, 0
	for _, r := range text {
		if r != '`' {
			now = 0
			continue
		}
		now++
		most = max(most, now)
	}
	return most
}
