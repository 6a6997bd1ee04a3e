package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/queries"
	"github.com/agencyos/headroom/capacity/queries/statement"
	"github.com/agencyos/headroom/live/postgres"
)

type slowFlags struct {
	source         postgres.Source
	limits         postgres.Limits
	interval       time.Duration
	since, save    string
	options        queries.Options
	minShare       float64
	migration      string
	failOn         string
	json, markdown bool
}

// failures are what --fail-on takes.
var failures = []string{"index", "finding", "never"}

func newSlowQueries() *cobra.Command {
	f := slowFlags{source: postgres.Source{Getenv: os.Getenv}}
	cmd := &cobra.Command{
		Use:   "slow-queries",
		Short: "Rank what pg_stat_statements counted, with the index that would help",
		Long: `Rank what pg_stat_statements counted, with the plan of the worst, the index that
would help and by how much, and the queries that are worth a cache.

It changes nothing on the server: every transaction is READ ONLY, short, and rolled
back. The address comes from --dsn-file, DATABASE_URL or PGHOST and its kin; --dsn
shows it to everybody on this machine. docs/slow-queries.md says which role it needs.

Exit codes: 0 nothing to do, 1 an index is missing (see --fail-on), 2 it could not
be told.`,
		Example: `  DATABASE_URL=postgres://headroom@db/shop headroom slow-queries
  headroom slow-queries --interval 60s
  headroom slow-queries --since monday.json --save tuesday.json --markdown
  headroom slow-queries --migration db/migrations`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			return f.run(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.bind(cmd)
	return cmd
}

func (f *slowFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.source.DSN, "dsn", "", "address of the server: postgres://user@host:5432/database")
	flags.StringVar(&f.source.File, "dsn-file", "", "file that holds the address on one line")
	flags.DurationVar(&f.interval, "interval", 0, "take two snapshots so far apart and rank what happened between")
	flags.StringVar(&f.since, "since", "", "rank what happened since this snapshot")
	flags.StringVar(&f.save, "save", "", "write the snapshot taken now to this file")
	flags.IntVar(&f.options.Limit, "limit", 10, "statements to look into")
	flags.Float64Var(&f.minShare, "min-share", 1, "percent of the database's time below which a statement is not looked into")
	flags.Float64Var(&f.options.MinCalls, "min-calls", 5, "calls below which no index is suggested")
	flags.DurationVar(&f.limits.Statement, "statement-timeout", 10*time.Second, "longest that one question to the server may take")
	flags.DurationVar(&f.limits.Lock, "lock-timeout", time.Second, "longest that one may wait for a lock")
	flags.StringVar(&f.limits.SearchPath, "search-path", "", "schemas of the statements' tables, separated by commas (default: the role's)")
	flags.StringVar(&f.migration, "migration", "", "folder to write a migration to for each missing index")
	flags.StringVar(&f.failOn, "fail-on", failures[0], "what exit code 1 stands for: "+strings.Join(failures, ", "))
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.BoolVar(&f.markdown, "markdown", false, "print the report as Markdown")
	cmd.MarkFlagsMutuallyExclusive("interval", "since")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.MarkFlagsMutuallyExclusive("dsn", "dsn-file")
}

// longestInterval that a command waits: a snapshot file waits longer.
const longestInterval = 24 * time.Hour

func (f slowFlags) check() error {
	var rules []string
	rule := func(broken bool, format string, args ...any) {
		if broken {
			rules = append(rules, fmt.Sprintf(format, args...))
		}
	}
	rule(f.interval < 0 || f.interval > longestInterval, "--interval = %s: must be from 1s to %s; --save and --since span longer", f.interval, longestInterval)
	rule(f.interval > 0 && f.interval < time.Second, "--interval = %s: must be 1s or longer", f.interval)
	rule(f.options.Limit < 1 || f.options.Limit > 1000, "--limit = %d: must be from 1 to 1000", f.options.Limit)
	rule(!(f.minShare >= 0 && f.minShare <= 100), "--min-share = %g: must be from 0 to 100 percent", f.minShare)
	rule(!(f.options.MinCalls >= 0), "--min-calls = %g: must be 0 or above", f.options.MinCalls)
	rule(f.limits.Statement <= 0, "--statement-timeout = %s: must be above 0s", f.limits.Statement)
	rule(f.limits.Lock <= 0, "--lock-timeout = %s: must be above 0s", f.limits.Lock)
	rule(!slices.Contains(failures, f.failOn), "--fail-on = %s: must be %s", f.failOn, strings.Join(failures, ", "))
	rule(f.migration != "" && !folder(f.migration), "--migration = %s: is no folder; create it first", f.migration)
	if len(rules) > 0 {
		return problems("slow-queries", errors.New(strings.Join(rules, "\n")))
	}
	return writable("--save", f.save)
}

func folder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (f slowFlags) run(ctx context.Context, out, messages io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	before, err := f.earlier()
	if err != nil {
		return err
	}
	if postgres.Exposed(f.source.DSN) {
		fmt.Fprintln(messages, "headroom: --dsn shows its password to everybody on this machine; --dsn-file and DATABASE_URL do not")
	}
	// The SQL parser takes seconds to get ready; the server answers meanwhile.
	go func() { _, _ = statement.Parse("SELECT 1") }()
	conn, err := postgres.Connect(ctx, f.source, f.limits)
	if err != nil {
		return remote(err)
	}
	defer conn.Close()
	window, err := f.window(ctx, messages, conn, before)
	if err != nil {
		return remote(err)
	}
	report, err := f.advise(ctx, messages, conn, window)
	if err != nil {
		return remote(err)
	}
	return f.tell(out, messages, report)
}

// earlier is the snapshot of --since.
func (f slowFlags) earlier() (*queries.Snapshot, error) {
	if f.since == "" {
		return nil, nil
	}
	data, err := os.ReadFile(f.since)
	if err != nil {
		return nil, invalid(fmt.Sprintf("--since: %v", err), "headroom slow-queries --save writes one")
	}
	s, err := queries.Decode(data)
	if err != nil {
		return nil, invalid(fmt.Sprintf("--since = %s: %v", f.since, err))
	}
	return &s, nil
}

// window takes the snapshots.
func (f slowFlags) window(ctx context.Context, messages io.Writer, conn *postgres.Conn, before *queries.Snapshot) (queries.Window, error) {
	if f.interval > 0 {
		first, err := conn.Snapshot(ctx)
		if err != nil {
			return queries.Window{}, err
		}
		before = &first
		if err := f.wait(ctx, messages); err != nil {
			return queries.Window{}, err
		}
	}
	now, err := conn.Snapshot(ctx)
	if err != nil {
		return queries.Window{}, err
	}
	window := queries.Since(now)
	if before != nil {
		if window, err = queries.Between(*before, now); err != nil {
			return window, invalid(err.Error())
		}
	}
	if err := window.Readable(); err != nil {
		return window, invalid(err.Error(), "as an administrator: "+postgres.Grant(now.Server.Role))
	}
	return window, f.keep(now, messages)
}

// wait lets the interval pass and says that it does.
func (f slowFlags) wait(ctx context.Context, messages io.Writer) error {
	all := int(f.interval.Seconds())
	told := ticking(newProgress(messages, "waiting for the second snapshot, seconds"), all)
	defer told.end()
	begin := time.Now()
	for end := time.After(f.interval); ; {
		select {
		case <-ctx.Done():
			return invalid("stopped before the second snapshot", "nothing was changed on the server")
		case <-end:
			return nil
		case <-time.After(time.Second):
			told.tell(int(time.Since(begin).Seconds()), all)
		}
	}
}

// keep writes the snapshot to --save, for the eyes of its owner: statements can
// hold what nobody else should read.
func (f slowFlags) keep(s queries.Snapshot, messages io.Writer) error {
	if f.save == "" {
		return nil
	}
	data, err := s.Encode()
	if err != nil {
		return invalid(err.Error())
	}
	if err := writeMode(f.save, 0o600, func(w io.Writer) error { _, err := w.Write(data); return err }); err != nil {
		return err
	}
	fmt.Fprintf(messages, "headroom: wrote %s\n", f.save)
	return nil
}

func (f slowFlags) advise(ctx context.Context, messages io.Writer, conn *postgres.Conn, w queries.Window) (queries.Report, error) {
	told := ticking(newProgress(messages, "explaining statements"), min(f.options.Limit, len(w.Figures)))
	defer told.end()
	options := f.options
	options.MinShare, options.Tell = f.minShare/100, told.tell
	return queries.Advise(ctx, w, conn, options)
}

// tell prints the report and writes the migrations.
func (f slowFlags) tell(out, messages io.Writer, r queries.Report) error {
	if err := f.print(out, r); err != nil {
		return err
	}
	if err := f.migrate(messages, r); err != nil {
		return err
	}
	found := len(r.Indexes) > 0
	if f.failOn == "finding" {
		for _, s := range r.Statements {
			found = found || len(s.Findings) > 0
		}
	}
	if found && f.failOn != "never" {
		return violated
	}
	return nil
}

func (f slowFlags) print(out io.Writer, r queries.Report) error {
	if f.json {
		return printJSON(out, r)
	}
	columns, _ := columnsOf(out)
	text := r.Text(columns)
	if f.markdown {
		text = r.Markdown()
	}
	_, err := io.WriteString(out, text)
	return err
}
