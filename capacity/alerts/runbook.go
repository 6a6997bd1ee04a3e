package alerts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/series"
)

// Runbook says what to do about an alert.
type Runbook struct {
	// Command to type now: it only looks.
	Command string
	// Means is what is happening, with the plan's numbers.
	Means string
	// Do are the next steps.
	Do []string
}

// Text is the runbook in Markdown; its first line is the command.
func (r Runbook) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "    %s\n\n%s\n", r.Command, r.Means)
	for i, step := range r.Do {
		fmt.Fprintf(&b, "%s%d. %s\n", map[bool]string{true: "\n"}[i == 0], i+1, step)
	}
	return b.String()
}

// kubectl is a command about the stack's namespace.
func (w world) kubectl(format string, args ...any) string {
	return fmt.Sprintf("kubectl -n %s ", w.stack.Cluster.Namespace) + fmt.Sprintf(format, args...)
}

// selector finds the pods of a Deployment by their labels, or, where these are its
// owner's, by asking it.
func (w world) selector(deployment string, labels map[string]string) string {
	if len(labels) == 0 {
		return fmt.Sprintf(`-l "$(%s | sed -n 's/^Selector: *//p')"`, w.kubectl("describe deployment %s", deployment))
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		all = append(all, key+"="+labels[key])
	}
	return "-l " + strings.Join(all, ",")
}

// Book is the runbooks of all alerts as one page, with a section per alert.
func Book(stack string, groups []Group) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Runbooks of %s\n\nMade from the plan, like the alerts themselves. Every runbook starts with the command to type now, which only looks.\n", stack)
	for _, g := range groups {
		for i, a := range g.Alerts {
			if a.Name == SeriesMissing {
				b.WriteString(a.missingText(i == 0))
				continue
			}
			fmt.Fprintf(&b, "\n## %s\n\n%s\n%s, %s: `%s`\n", a.Title(), a.Runbook.Text(), a.Severity, a.patience(), a.Expr)
		}
	}
	return b.String()
}

// missingText is one line per series under one heading: what to do is the same.
func (a Alert) missingText(first bool) string {
	head := ""
	if first {
		head = fmt.Sprintf("\n## %s\n\n    %s\n\n%s, %s, that one of these is absent.\n\n", a.Name, a.Runbook.Command, a.Severity, a.patience())
		for i, step := range a.Runbook.Do {
			head += fmt.Sprintf("%d. %s\n", i+1, step)
		}
		head += "\n"
	}
	return head + "- " + a.Runbook.Means + "\n"
}

// patience says how long there must be reason to alert.
func (a Alert) patience() string {
	if a.For == 0 {
		return "at once"
	}
	return "after " + series.Window(a.For)
}

// Title is its name, with its subject where that has a section of its own.
func (a Alert) Title() string {
	if a.Name == SeriesMissing {
		return a.Name
	}
	return strings.TrimSpace(a.Name + " " + a.Subject)
}

// Anchor of its section in the page, as Markdown renderers make it of the title.
func (a Alert) Anchor() string {
	keep := func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		default:
			return -1
		}
	}
	return strings.Map(keep, strings.ToLower(a.Title()))
}
