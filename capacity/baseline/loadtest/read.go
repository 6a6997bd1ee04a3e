package loadtest

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/agencyos/headroom/capacity/baseline"
)

// Format is what wrote a file.
type Format string

// The formats.
const (
	// K6 is k6's --out json, raw, or a summary of it: --summary-export, or what
	// handleSummary was given.
	K6 Format = "k6"
	// Vegeta is the output of vegeta encode, raw, or of vegeta report -type=json.
	Vegeta Format = "vegeta"
	// CSV has one line per step.
	CSV Format = "csv"
)

// File is a named input.
type File struct {
	Name    string
	Content io.Reader
}

// Read reads the files of one test. Files may be compressed with gzip. Raw files
// are taken together as one recording; each summary is a step. The error is
// baseline.Problems.
func Read(format Format, files []File, o Options) (Test, error) {
	source := string(format)
	for _, f := range files {
		source += " " + f.Name
	}
	in := reader{format: format, options: o, recording: newRecording(), test: Test{Source: source}}
	for _, f := range files {
		if err := in.file(f); err != nil {
			return Test{}, in.named(f, len(files), err)
		}
	}
	return in.end()
}

// reader is a test while it is read.
type reader struct {
	format    Format
	options   Options
	recording *recording
	test      Test
	raw       bool
}

// named says which of several files has the problems.
func (in *reader) named(f File, files int, err error) error {
	var problems baseline.Problems
	if files == 1 || !errors.As(err, &problems) {
		return err
	}
	named := slices.Clone(problems)
	for i := range named {
		named[i].Path = f.Name + " " + named[i].Path
	}
	return named
}

func (in *reader) file(f File) error {
	content, err := plain(f.Content)
	if err != nil {
		return err
	}
	head, err := content.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return baseline.Problems{unreadable(1, err)}
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return baseline.Problems{{Path: "file", Value: "empty", Rule: "must hold the results of a load test", Fix: "run the test, and look at what it says"}}
	}
	if in.format == CSV {
		steps, err := readCSV(content)
		in.test.Steps = append(in.test.Steps, steps...)
		return err
	}
	if !rawHead(head) {
		return in.summary(f, content)
	}
	in.raw = true
	if in.format == K6 {
		return in.recording.k6(content, in.options)
	}
	return in.recording.vegeta(content, in.options)
}

// sniffed bytes tell what a file is.
const sniffed = 1 << 16

// rawHead says whether a file begins with a line that is a JSON object of its own,
// and not with a summary, which is one object. What is no JSON at all counts as raw:
// the reader of lines says what is wrong with it.
func rawHead(head []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimLeft(head, " \t\r\n\ufeff"), []byte("\n"))
	var keys map[string]json.RawMessage
	if json.Unmarshal(first, &keys) != nil {
		return first[0] != '{'
	}
	for _, key := range []string{"metrics", "results", "latencies"} {
		if _, ok := keys[key]; ok {
			return false
		}
	}
	return true
}

// maxSummary is the largest summary that is read.
const maxSummary = 16 << 20

// summary adds a file that is one step.
func (in *reader) summary(f File, content io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(content, maxSummary+1))
	if err != nil {
		return baseline.Problems{unreadable(1, err)}
	}
	if len(data) > maxSummary {
		return baseline.Problems{{Path: "file", Value: fmt.Sprintf("more than %d bytes", maxSummary), Rule: "is no summary, and not one JSON object per line", Fix: "give the file of k6 run --out json, or a summary"}}
	}
	var step Step
	var notes []string
	if in.format == K6 {
		step, notes, err = k6Summary(data)
	} else {
		step, err = vegetaReport(data)
	}
	if err != nil {
		return err
	}
	step.Name = baseName(f.Name)
	for _, n := range notes {
		in.test.Notes = append(in.test.Notes, f.Name+": "+n)
	}
	in.test.Steps = append(in.test.Steps, step)
	return nil
}

func (in *reader) end() (Test, error) {
	t := in.test
	if !in.raw {
		slices.SortStableFunc(t.Steps, func(a, b Step) int { return cmp.Compare(a.OfferedRPS, b.OfferedRPS) })
		return t, nil
	}
	if len(t.Steps) > 0 {
		return Test{}, baseline.Problems{{Path: "files", Rule: "mix raw results and summaries", Fix: "give one kind: raw results, or one summary per step"}}
	}
	steps, notes, err := in.recording.steps(in.options)
	if err != nil {
		return Test{}, err
	}
	r := in.recording
	t.Steps, t.Notes = steps, append(t.Notes, notes...)
	t.Start, t.End = r.time(r.samples[0].start), r.time(r.samples[len(r.samples)-1].start)
	return t, nil
}
