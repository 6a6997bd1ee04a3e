// Package postgres reads a running PostgreSQL server: what its statements cost,
// how it plans them, and what its catalog knows of their tables. It writes
// nothing there: every word it says stands in a transaction that is READ ONLY and
// is rolled back.
package postgres

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/live"
)

// Source is where the address of a server comes from: the first of DSN, File and
// the environment that has one.
type Source struct {
	// DSN is a URL or a keyword string of libpq, File the path of a file with one.
	DSN, File string
	// Variable of the environment that may hold the DSN; empty is DATABASE_URL, or
	// else what libpq reads.
	Variable string
	// Getenv is os.Getenv, or another one in tests.
	Getenv func(string) string
}

// Variables of the environment that name a server.
// https://www.postgresql.org/docs/18/libpq-envars.html (2026-11-25)
const databaseURL = "DATABASE_URL"

var libpq = []string{"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"}

// waitToConnect when the DSN does not say.
const waitToConnect = 10 * time.Second

// Config is how to connect.
func (s Source) Config() (*pgx.ConnConfig, error) {
	dsn, from, err := s.find()
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(plain(dsn))
	if err != nil {
		// The parser's words quote what it could not read, and with it parts of a
		// password.
		return nil, live.Fail(from+" cannot be read as the address of a PostgreSQL server",
			"forms: postgres://user:password@host:5432/database, or host=… port=… dbname=… user=…",
			"percent-encode what is special in a URL: @ is %40, / is %2F, : is %3A, # is %23",
			"files that it names must exist: sslrootcert, sslcert, sslkey, service")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = waitToConnect
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 0
	return config, nil
}

// Named tells whether any server is named.
func (s Source) Named() bool {
	_, _, err := s.find()
	return err == nil || s.DSN != "" || s.File != ""
}

func (s Source) variable() string {
	if s.Variable == "" {
		return databaseURL
	}
	return s.Variable
}

// find is the DSN and where it was found.
func (s Source) find() (dsn, from string, err error) {
	switch {
	case s.DSN != "":
		return s.DSN, "--dsn", nil
	case s.File != "":
		data, err := os.ReadFile(s.File)
		if err != nil {
			return "", "", live.Fail("--dsn-file: "+err.Error(), "the file holds one line: the DSN")
		}
		if dsn = strings.TrimSpace(string(data)); dsn == "" || strings.Contains(dsn, "\n") {
			return "", "", live.Fail("--dsn-file = "+s.File+": must hold one line: the DSN", "such as postgres://user:password@host:5432/database")
		}
		return dsn, s.File, nil
	case s.Getenv(s.variable()) != "":
		return s.Getenv(s.variable()), s.variable(), nil
	case s.Variable != "":
		return "", "", live.Fail("name a server", "set "+s.Variable)
	}
	for _, name := range libpq {
		if s.Getenv(name) != "" {
			return "", "the PG… environment", nil
		}
	}
	return "", "", live.Fail("name a server", "set DATABASE_URL, or PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD or a password file", "or point --dsn-file at a file with the DSN; --dsn shows it to everybody on this machine")
}

// driver is what SQLAlchemy writes behind the scheme.
var driver = regexp.MustCompile(`^(postgres(?:ql)?)\+[a-z0-9_]+://`)

// shared are the parameters of a URL that mean the same to every driver.
var shared = []string{"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "target_session_attrs", "options", "host", "port"}

// plain is a SQLAlchemy URL as libpq takes it: without the driver, ssl as sslmode,
// and without what is for the driver alone.
func plain(dsn string) string {
	if !driver.MatchString(dsn) {
		return dsn
	}
	dsn = driver.ReplaceAllString(dsn, "$1://")
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn
	}
	query := u.Query()
	if mode := query.Get("ssl"); mode != "" && query.Get("sslmode") == "" {
		query.Set("sslmode", map[string]string{"true": "require", "false": "disable"}[mode])
		if query.Get("sslmode") == "" {
			query.Set("sslmode", mode)
		}
	}
	for name := range query {
		if !slices.Contains(shared, name) {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// address is a server, a database and a role as a person knows them.
func address(c *pgx.ConnConfig) string {
	host := fmt.Sprintf("%s:%d", c.Host, c.Port)
	if strings.HasPrefix(c.Host, "/") {
		host = c.Host
	}
	return fmt.Sprintf("%s/%s as %s", host, c.Database, c.User)
}

// Exposed tells whether a DSN carries a password, which everybody on the machine
// can read when it is an argument.
func Exposed(dsn string) bool {
	config, err := pgx.ParseConfig(plain(dsn))
	if err != nil {
		return false
	}
	password := config.Password
	return password != "" && strings.Contains(dsn, url.QueryEscape(password)) || password != "" && strings.Contains(dsn, password)
}
