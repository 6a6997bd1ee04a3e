package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/agencyos/headroom/capacity/draft"
	"github.com/agencyos/headroom/capacity/spec"
)

// asks says whether somebody sits at the other end of the input. A character
// device is not enough: the null device is one.
func asks(in io.Reader) bool {
	file, ok := in.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// interview asks for the answers that no flag gave.
type interview struct {
	lines     *bufio.Scanner
	out       io.Writer
	questions []question
}

// newInterview asks for the name right after the peak: a name that is taken is told
// before anything else is asked.
func newInterview(in io.Reader, out io.Writer, f initFlags) interview {
	return interview{lines: bufio.NewScanner(in), out: out, questions: slices.Insert(slices.Clone(questions), 1, f.naming())}
}

func (f initFlags) naming() question {
	return question{"Name of the stack", f.firstName(), func(a draft.Answers) bool { return a.Stack == "" },
		func(a *draft.Answers, text string) error {
			if p := f.taken(text); p != nil {
				return spec.Problems{*p}
			}
			a.Stack = text
			return nil
		}}
}

// question is one answer: open says that nothing states it yet, and take reads
// it; an empty answer leaves it to what is in brackets.
type question struct {
	text, fallback string
	open           func(a draft.Answers) bool
	take           func(a *draft.Answers, text string) error
}

// questions but for the name, in the order of their weight: everything follows from
// the peak.
var questions = []question{
	{"Requests per second of today's busiest minute (320, or backend=320 frontend=900)", "",
		func(a draft.Answers) bool { return len(a.Services) == 0 },
		func(a *draft.Answers, text string) error {
			services, err := draft.ParsePeaks(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }))
			if err == nil {
				a.Services = services
			}
			return err
		}},
	{"Times today's peak to be ready for", "5", func(a draft.Answers) bool { return a.Growth == 0 },
		func(a *draft.Answers, text string) (err error) { a.Growth, err = number(text); return err }},
	{"EKS cluster, or context:NAME of a local one", "an example, to replace later", inCloud(func(a draft.Answers) string { return a.Cluster.Name }),
		func(a *draft.Answers, text string) error {
			if context, local := strings.CutPrefix(text, "context:"); local {
				a.Cluster.Context = context
			} else {
				a.Cluster.Name = text
			}
			return nil
		}},
	{"Its region", "an example, to replace later", inCloud(func(a draft.Answers) string { return a.Cluster.Region }),
		func(a *draft.Answers, text string) error { a.Cluster.Region = text; return nil }},
	{"Its AWS account (aws sts get-caller-identity --query Account)", "an example, to replace later", inCloud(func(a draft.Answers) string { return a.Cluster.Account }),
		func(a *draft.Answers, text string) error { a.Cluster.Account = text; return nil }},
	{"RDS class, or none", "the cheapest that holds", inCloud(func(a draft.Answers) string { return a.Database }),
		func(a *draft.Answers, text string) error { a.Database = text; return nil }},
	{"Budget in USD per month", "what the draft comes to", func(a draft.Answers) bool { return a.Cluster.Context == "" && a.Monthly == 0 },
		func(a *draft.Answers, text string) (err error) { a.Monthly, err = number(text); return err }},
}

// inCloud asks for a text that is empty so far, and never on a local cluster.
func inCloud(text func(draft.Answers) string) func(draft.Answers) bool {
	return func(a draft.Answers) bool { return a.Cluster.Context == "" && text(a) == "" }
}

func number(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0 && x <= 1e9) {
		return 0, errors.New("must be a number, more than 0 and at most 1e9")
	}
	return x, nil
}

// ask goes through the open questions; a bad answer is asked for again.
func (i interview) ask(a draft.Answers) (draft.Answers, error) {
	for _, q := range i.questions {
		for q.open(a) {
			text, err := i.answer(q)
			if err != nil {
				return a, err
			}
			if text == "" {
				break
			}
			if err := q.take(&a, text); err != nil {
				fmt.Fprintf(i.out, "  %v\n", err)
			}
		}
	}
	return a, nil
}

// answer reads one line: empty is the fallback where that is a value.
func (i interview) answer(q question) (string, error) {
	prompt := q.text
	if q.fallback != "" {
		prompt += " [" + q.fallback + "]"
	}
	for {
		fmt.Fprint(i.out, prompt+": ")
		if !i.lines.Scan() {
			fmt.Fprintln(i.out)
			return "", invalid("the questions were left unanswered", "nothing was written; flags answer them as well: headroom init --help")
		}
		text := strings.TrimSpace(i.lines.Text())
		switch {
		case text != "":
			return text, nil
		case q.fallback == "":
			continue
		case strings.Contains(q.fallback, " "): // it says in words what is derived
			return "", nil
		}
		return q.fallback, nil
	}
}
