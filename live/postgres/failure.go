package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/agencyos/headroom/capacity/queries"
	"github.com/agencyos/headroom/live"
)

// Codes of errors.
// https://www.postgresql.org/docs/18/errcodes-appendix.html (2026-11-25)
const (
	wrongPassword    = "28P01"
	notLetIn         = "28000"
	noDatabase       = "3D000"
	tooMany          = "53300"
	forbidden        = "42501"
	notLoaded        = "55000"
	lockTimeout      = "55P03"
	canceled         = "57014"
	shutDown         = "57P01"
	crashed          = "57P02"
	starting         = "57P03"
	protocolViolated = "08P01"
	noType           = "42P18"
	noTable          = "42P01"
)

// Grant is the SQL that lets a role do all that is asked of it here.
func Grant(role string) string {
	return fmt.Sprintf("GRANT pg_read_all_stats, pg_read_all_data TO %s;", pgx.Identifier{role}.Sanitize())
}

// unreachable is why no session came about.
func unreachable(config *pgx.ConnConfig, err error) error {
	where := address(config)
	var said *pgconn.PgError
	if errors.As(err, &said) {
		switch said.Code {
		case wrongPassword:
			return live.Fail("the server refuses the password: "+where, "the password comes from the DSN, PGPASSWORD or a password file")
		case notLetIn:
			return live.Fail("the server lets nobody in this way: "+where, said.Message, "pg_hba.conf decides; sslmode=require may be what it wants")
		case noDatabase:
			return live.Fail("there is no such database: "+where, said.Message)
		case tooMany:
			return live.Fail("the server has no connection left: "+where, said.Message, "that is the answer to another question; raise max_connections or lower the pools: headroom plan --explain db-connections")
		case starting:
			return live.Fail("the server starts or stops: "+where, said.Message, "try again")
		}
		return live.Fail("the server refuses the connection: "+where, said.Message)
	}
	return live.Fail("cannot connect to "+where, unanswered(err))
}

// unanswered is what to look at when no server answered.
func unanswered(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "its name is not known here: check the host"
	case errors.Is(err, context.DeadlineExceeded) || timeout(err):
		return "no answer in time: check host, port, firewall and VPN"
	case strings.Contains(err.Error(), "tls") || strings.Contains(err.Error(), "TLS") || strings.Contains(err.Error(), "x509"):
		return "no common TLS: check sslmode and sslrootcert"
	}
	return "nothing listens there, or a firewall is between: check host and port"
}

func timeout(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

// broken is why a session could not go on, and what it was at.
func (c *Conn) broken(ctx context.Context, doing string, err error) error {
	var known *live.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	var said *pgconn.PgError
	switch {
	case ctx.Err() != nil:
		return live.Fail("stopped while "+doing, "nothing was changed on the server")
	case errors.As(err, &said) && said.Code == canceled:
		return live.Fail("the server took longer than "+c.limits.Statement.String()+" for "+doing, "give it more with --statement-timeout, or ask at a quieter time")
	case errors.As(err, &said) && said.Code == lockTimeout:
		return live.Fail("a lock was in the way of "+doing, "a migration may be running: try again after it")
	case c.gone(err):
		return live.Fail("the server went away while "+doing, "nothing was changed on it; try again when it is back")
	case errors.As(err, &said) && said.Code == forbidden:
		return live.Fail("role "+c.server.Role+" may not go on: "+said.Message, Grant(c.server.Role))
	case errors.As(err, &said):
		return live.Fail(fmt.Sprintf("the server refuses %s: %s (%s)", doing, said.Message, said.Code))
	}
	return live.Fail(fmt.Sprintf("%s failed: %v", doing, err))
}

// gone tells whether the session is over.
func (c *Conn) gone(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code == shutDown || said.Code == crashed || said.Code == starting
	}
	return c.conn.IsClosed() || pgconn.SafeToRetry(err)
}

// refusal is the server's no to one statement; another error stays what it is.
func (c *Conn) refusal(err error) error {
	var said *pgconn.PgError
	if !errors.As(err, &said) || c.gone(err) {
		return err
	}
	reason := "the server cannot plan it: " + said.Message
	switch said.Code {
	case forbidden:
		reason = fmt.Sprintf("role %s may not plan it: %s; pg_read_all_data lets it", c.server.Role, said.Message)
	case canceled:
		reason = fmt.Sprintf("planning took longer than %s", c.limits.Statement)
	case lockTimeout:
		reason = fmt.Sprintf("a lock on its tables was held for longer than %s", c.limits.Lock)
	case noTable:
		reason += "; it may lie in another schema: --search-path"
	case noType:
		reason += "; its text alone does not tell the types of its parameters"
	}
	return queries.Refusal{Reason: reason}
}
