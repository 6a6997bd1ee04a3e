package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/capacity/text"
)

// Drift is what runs otherwise than proven, what was not read, and what could not
// be.
func Drift(r drift.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Stack, summary(r))
	if len(r.Differences) > 0 {
		b.WriteString("\n")
		table(&b, func(w io.Writer) {
			fmt.Fprint(w, "WHERE\tSETTING\tPROVEN\tRUNS\tINVALIDATES\n")
			for _, d := range r.Differences {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", place(d.Setting), d.Name, d.Proven, dash(d.Runs), strings.Join(d.Checks, ", "))
			}
		})
	}
	if len(r.Doubts) > 0 {
		b.WriteString("\ncould not be told:\n")
		for _, d := range r.Doubts {
			fmt.Fprintf(&b, "  - %s: %s\n", strings.TrimSpace(place(d.Setting)+" "+d.Name), d.Why)
		}
	}
	if len(r.Unasked) > 0 {
		b.WriteString("\nnot asked:\n")
		for _, s := range r.Unasked {
			fmt.Fprintf(&b, "  - %s: %s\n", s, ways[s])
		}
	}
	return text.Printable(b.String())
}

// ways are how to have a system read.
var ways = map[drift.Source]string{
	drift.Cluster:   "log in to it, or name --kubeconfig or --context",
	drift.Postgres:  "set DATABASE_URL, or name --dsn-file",
	drift.PgBouncer: "set PGBOUNCER_URL to its console: postgres://stats@host:6432/pgbouncer",
	drift.Redis:     "set REDIS_URL",
}

func summary(r drift.Report) string {
	read := text.Count(r.Agree, "setting runs", "settings run") + " as proven"
	if len(r.Differences) > 0 {
		read += ", " + text.Count(len(r.Differences), "does not", "do not")
	}
	return read
}

func place(s drift.Setting) string {
	if s.Object == "" {
		return string(s.Source)
	}
	return s.Object
}
