package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/agencyos/headroom/capacity/baseline/history"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/live"
	"github.com/agencyos/headroom/live/prometheus"
)

// input is where a measurement is read from, as flags say it.
type input struct {
	k6, vegeta, csv []string
	cpu             string
	prometheus      string
	days            int
	failed          string
	discard         time.Duration
	// set says whether a flag was given.
	set func(flag string) bool
}

// mostDays of history: longer than anybody keeps every sample.
const mostDays = 400

func (in *input) flags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&in.k6, "k6", nil, "results of k6, repeatable: --out json (of one test), or summaries (one per step)")
	flags.StringArrayVar(&in.vegeta, "vegeta", nil, "results of vegeta as JSON, repeatable: vegeta encode --to json (of one test), or vegeta report -type=json (one per step)")
	flags.StringArrayVar(&in.csv, "csv", nil, "steps as CSV")
	flags.StringVar(&in.cpu, "cpu", "", "CPU, and memory, of the tested pod over time as CSV")
	flags.StringVar(&in.prometheus, "prometheus", "", "address of a Prometheus: with --days the history of the service, else the CPU of the tested pod; a token comes from "+prometheus.TokenVariable)
	flags.IntVar(&in.days, "days", 0, "days of history to fit")
	flags.StringVar(&in.failed, "failed", `status=~"5.."`, "label matcher of the requests that count as failed in Prometheus")
	flags.DurationVar(&in.discard, "discard", 15*time.Second, "beginning of every step that is left out, of raw results")
}

// check refuses what needs no file to be refused.
func (in *input) check() error {
	tests, days := len(in.k6)+len(in.vegeta)+len(in.csv) > 0, in.set("days")
	switch {
	case !tests && in.prometheus == "":
		return invalid("nothing to read", "give --k6 FILE, --vegeta FILE, --csv FILE, or --prometheus URL --days N")
	case !tests && !days:
		return invalid("--prometheus alone: nothing says how much history to read", "--days 14, or a load test beside it")
	case tests && days:
		return invalid("--days: a load test and a history are two measurements", "leave out one of them")
	case in.cpu != "" && in.prometheus != "":
		return invalid("--cpu: Prometheus has the CPU already", "leave out one of them")
	}
	return in.checkRanges()
}

func (in *input) checkRanges() error {
	switch {
	case in.set("days") && (in.days < 1 || in.days > mostDays):
		return invalid(fmt.Sprintf("--days = %d: must be from 1 to %d", in.days, mostDays))
	case in.discard < 0 || in.discard > time.Hour:
		return invalid(fmt.Sprintf("--discard = %s: must be from 0s to 1h0m0s", in.discard))
	}
	return nil
}

// read is the measurement as steps, and the history where it is one.
func (in *input) read(ctx context.Context, messages io.Writer, stack spec.Stack, service string) (loadtest.Test, *history.History, error) {
	if in.set("days") {
		return in.history(ctx, messages, stack, service)
	}
	test, err := in.test(messages, stack.Services[service])
	if err != nil {
		return test, nil, err
	}
	test, err = in.usage(ctx, test, stack, service)
	return test, nil, err
}

// test reads the files of a load test.
func (in *input) test(messages io.Writer, v spec.Service) (loadtest.Test, error) {
	format, paths := loadtest.K6, in.k6
	if len(in.vegeta) > 0 {
		format, paths = loadtest.Vegeta, in.vegeta
	}
	if len(in.csv) > 0 {
		format, paths = loadtest.CSV, in.csv
	}
	var files []loadtest.File
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return loadtest.Test{}, invalid(fmt.Sprintf("--%s: %v", format, err))
		}
		defer file.Close() //nolint:errcheck // it was only read
		files = append(files, loadtest.File{Name: filepath.Base(path), Content: file})
	}
	var routes []string
	for _, r := range v.Routes {
		routes = append(routes, r.Key())
	}
	told := newProgress(messages, "reading")
	defer told.end()
	test, err := loadtest.Read(format, files, loadtest.Options{Discard: in.discard, Route: loadtest.Router(routes), Progress: told.bytes})
	if err != nil {
		what := paths[0]
		if len(paths) > 1 {
			what = "the load test"
		}
		return test, problems(what, err)
	}
	return test, nil
}

// usage fills in what the tested pod used, from wherever it is known.
func (in *input) usage(ctx context.Context, test loadtest.Test, stack spec.Stack, service string) (loadtest.Test, error) {
	var u loadtest.Usage
	what := in.cpu
	switch {
	case in.cpu != "":
		file, err := os.Open(in.cpu)
		if err != nil {
			return test, invalid("--cpu: " + err.Error())
		}
		defer file.Close() //nolint:errcheck // it was only read
		if u, err = loadtest.ReadUsage(file); err != nil {
			return test, problems(in.cpu, err)
		}
	case in.prometheus != "":
		what = "--prometheus"
		if test.Start.IsZero() {
			return test, invalid("--prometheus: the results of the test have no times", "use raw results, or a CSV with a column cpu")
		}
		client, err := prometheus.New(in.prometheus, os.Getenv(prometheus.TokenVariable), nil)
		if err != nil {
			return test, remote(err)
		}
		if u, err = client.Usage(ctx, in.asked(stack, service), test.Start, test.End); err != nil {
			return test, remote(err)
		}
	default:
		return test, nil
	}
	out, err := test.WithUsage(u)
	if err != nil {
		return test, problems(what, err)
	}
	return out, nil
}

// history reads production.
func (in *input) history(ctx context.Context, messages io.Writer, stack spec.Stack, service string) (loadtest.Test, *history.History, error) {
	told := newProgress(messages, "asking Prometheus")
	defer told.end()
	client, err := prometheus.New(in.prometheus, os.Getenv(prometheus.TokenVariable), told.tell)
	if err != nil {
		return loadtest.Test{}, nil, remote(err)
	}
	h, err := client.History(ctx, in.asked(stack, service), in.days, time.Now())
	if err != nil {
		return loadtest.Test{}, nil, remote(err)
	}
	test, err := h.Test()
	if err != nil {
		return test, nil, problems("the history of "+service, err)
	}
	return test, &h, nil
}

func (in *input) asked(stack spec.Stack, service string) prometheus.Service {
	v := stack.Services[service]
	return prometheus.Service{Namespace: stack.Cluster.Namespace, Name: service, Requests: v.Metrics.Requests, Duration: v.Metrics.Duration, Failed: in.failed}
}

// remote is an error of a running system as a failure.
func remote(err error) error {
	var e *live.Error
	if errors.As(err, &e) {
		return invalid(e.Message, e.Hints...)
	}
	return err
}
