package main

import (
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// withoutTerminal is how wide a report is that goes into a file or a log.
const withoutTerminal = 200

// columnsOf is how many characters fit on a line, and whether that is a terminal's.
func columnsOf(out io.Writer) (columns int, terminal bool) {
	if file, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width, true
		}
	}
	return withoutTerminal, false
}

// show writes a report. On a terminal lines are broken between words, and verdicts
// are in color unless NO_COLOR is set (https://no-color.org, 2026-11).
func show(out io.Writer, text string) error {
	if columns, terminal := columnsOf(out); terminal {
		text = wrap(text, columns)
		if os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" {
			text = paint(text)
		}
	}
	_, err := io.WriteString(out, text)
	return err
}

// wrap breaks lines between words; what goes on stands below the words of its item.
func wrap(text string, columns int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if ansi.StringWidth(line) <= columns { // the end of the line has no width
			b.WriteString(line)
			continue
		}
		words := strings.TrimLeft(line, " ")
		indent := strings.Repeat(" ", min(len(line)-len(words), columns/4))
		below := indent + "  "
		broken := ansi.Wordwrap(strings.TrimSuffix(words, "\n"), columns-len(below), " ")
		b.WriteString(indent + strings.ReplaceAll(broken, "\n", "\n"+below) + "\n")
	}
	return b.String()
}

var (
	wrong = regexp.MustCompile(`(?m)\bVIOLATED\b|^ *breaks\b`)
	doubt = regexp.MustCompile(`(?m)\bEXAMPLE VALUES\b|^ *risk\b`)
	fine  = regexp.MustCompile(`(?m)^(\S+ +)(ok)( )`)
)

// paint colors the words that a reader looks for.
func paint(text string) string {
	text = wrong.ReplaceAllStringFunc(text, ansi.NewStyle().Bold().ForegroundColor(ansi.Red).Styled)
	text = doubt.ReplaceAllStringFunc(text, ansi.NewStyle().ForegroundColor(ansi.Yellow).Styled)
	return fine.ReplaceAllString(text, "${1}"+ansi.NewStyle().ForegroundColor(ansi.Green).Styled("${2}")+"${3}")
}
