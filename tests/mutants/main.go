package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	first := flag.String("first", "", "pattern of quick tests to try before all of them")
	skip := flag.String("skip", "", "pattern of tests not to run")
	with := flag.String("with", "", "further flags of the tests, separated by spaces")
	files := flag.String("files", "*.go", "pattern of the files to change")
	jobs := flag.Int("jobs", runtime.NumCPU(), "mutants tried at once")
	least := flag.Float64("min", 0, "exit with 1 below this percentage of noticed mutants")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "name one package folder, such as ./policies/rules")
		os.Exit(2)
	}
	score, err := run(os.Stdout, flag.Arg(0), *files, *jobs, &judge{first: *first, skip: *skip, with: strings.Fields(*with)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if score < *least {
		fmt.Fprintf(os.Stderr, "%.1f%% of the mutants are noticed, less than %g%%\n", score, *least)
		os.Exit(1)
	}
}

// run prints what survives and how much of each file is noticed, and answers the
// percentage noticed of all.
func run(out io.Writer, folder, files string, jobs int, j *judge) (float64, error) {
	work, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	binary, all, err := build(folder, files, work)
	if err != nil {
		return 0, err
	}
	j.binary, j.folder = binary, folder
	failed, err := j.notices(0)
	if err != nil {
		return 0, err
	}
	if failed {
		return 0, fmt.Errorf("the tests of %s fail without any mutant: mend them first, go test %s", folder, folder)
	}
	defer j.announce(len(all))()
	alive, err := j.survivors(all, jobs)
	if err != nil {
		return 0, err
	}
	return show(out, all, alive)
}

// announce says every 15 s how far the work is, until it is told to stop.
func (j *judge) announce(total int) (stop func()) {
	ticker, done := time.NewTicker(15*time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(os.Stderr, "%d of %d mutants tried\n", j.done.Load(), total)
			case <-done:
				ticker.Stop()
				return
			}
		}
	}()
	return func() { close(done) }
}

func show(out io.Writer, all, alive []mutant) (float64, error) {
	for _, m := range alive {
		if _, err := fmt.Fprintf(out, "survives: %s:%d %s\n", filepath.Base(m.file), m.line, m.change); err != nil {
			return 0, err
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	rows := [][]string{{"FILE", "MUTANTS", "NOTICED", "SCORE"}}
	total, lost := tally(all), tally(alive)
	for _, file := range slices.Sorted(maps.Keys(total)) {
		rows = append(rows, row(file, total[file], lost[file]))
	}
	rows = append(rows, row("all", len(all), len(alive)))
	for _, r := range rows {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r[0], r[1], r[2], r[3]); err != nil {
			return 0, err
		}
	}
	return percent(len(all), len(alive)), w.Flush()
}

func row(name string, all, alive int) []string {
	return []string{name, fmt.Sprint(all), fmt.Sprint(all - alive), fmt.Sprintf("%.1f%%", percent(all, alive))}
}

func percent(all, alive int) float64 {
	if all == 0 {
		return 100
	}
	return 100 * float64(all-alive) / float64(all)
}

func tally(mutants []mutant) map[string]int {
	count := map[string]int{}
	for _, m := range mutants {
		count[filepath.Base(m.file)]++
	}
	return count
}
