package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/live"
)

// where is what the cases look at of a configuration.
type where struct {
	Host, Database, User, Password string
	Port                           uint16
	TLS                            bool
}

// clean takes the PG… environment of whoever runs the tests away.
func clean(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "PG") {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
	}
	t.Setenv("HOME", t.TempDir())
}

func TestConfig(t *testing.T) {
	clean(t)
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte("postgres://f:pw@file/shop?sslmode=disable\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		source Source
		env    map[string]string
		want   where
	}{
		"URL":        {"the plain form", Source{DSN: "postgres://u:p%40ss@db:6432/shop?sslmode=disable"}, nil, where{"db", "shop", "u", "p@ss", 6432, false}},
		"Keywords":   {"libpq's own", Source{DSN: "host=db dbname=shop user=u password='p w' sslmode=require"}, nil, where{"db", "shop", "u", "p w", 5432, true}},
		"SQLAlchemy": {"the driver is for Python alone", Source{DSN: "postgresql+asyncpg://u:pw@db/shop?ssl=require&prepared_statement_cache_size=0"}, nil, where{"db", "shop", "u", "pw", 5432, true}},
		"Psycopg":    {"another driver", Source{DSN: "postgresql+psycopg2://u@db/shop?sslmode=disable"}, nil, where{"db", "shop", "u", "", 5432, false}},
		"File":       {"a file, before the environment", Source{File: file}, map[string]string{"DATABASE_URL": "postgres://u@env/shop"}, where{"file", "shop", "f", "pw", 5432, false}},
		"Flag":       {"the flag, before all", Source{DSN: "postgres://u@flag/shop?sslmode=disable"}, map[string]string{"DATABASE_URL": "postgres://u@env/shop"}, where{"flag", "shop", "u", "", 5432, false}},
		"Variable":   {"DATABASE_URL", Source{}, map[string]string{"DATABASE_URL": "postgres://u@env/shop?sslmode=disable", "PGHOST": "other"}, where{"env", "shop", "u", "", 5432, false}},
		"PG":         {"libpq's variables", Source{}, map[string]string{"PGHOST": "pghost", "PGDATABASE": "shop", "PGUSER": "u", "PGSSLMODE": "disable"}, where{"pghost", "shop", "u", "", 5432, false}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for name, value := range tc.env {
				t.Setenv(name, value)
			}
			tc.source.Getenv = os.Getenv
			c, err := tc.source.Config()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, where{c.Host, c.Database, c.User, c.Password, c.Port, c.TLSConfig != nil}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if c.ConnectTimeout <= 0 || c.ConnectTimeout > time.Minute {
				t.Errorf("waits %s for a connection", c.ConnectTimeout)
			}
			if got := address(c); tc.want.Password != "" && strings.Contains(got, tc.want.Password) {
				t.Errorf("address %s tells the password", got)
			}
		})
	}
}

func TestConfigRefuses(t *testing.T) {
	clean(t)
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		source Source
		want   string
	}{
		"None":     {Source{}, "name a server"},
		"NoFile":   {Source{File: "none"}, "--dsn-file: open none"},
		"TwoLines": {Source{File: empty}, "must hold one line"},
		"Port":     {Source{DSN: "postgres://u:hidden@db:port/shop"}, "--dsn cannot be read"},
		"Slash":    {Source{DSN: "postgres://u:hid/den@db/shop"}, "--dsn cannot be read"},
		"Words":    {Source{DSN: "the database with password=hidden"}, "--dsn cannot be read"},
		"Mode":     {Source{DSN: "postgres://u:hidden@db/shop?sslmode=maybe"}, "--dsn cannot be read"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.source.Getenv = func(string) string { return "" }
			_, err := tc.source.Config()
			var said *live.Error
			if !errors.As(err, &said) || !strings.Contains(said.Message, tc.want) || len(said.Hints) == 0 {
				t.Fatalf("%v, want %q and hints", err, tc.want)
			}
			if text := said.Message + strings.Join(said.Hints, "\n"); strings.Contains(text, "hid") {
				t.Errorf("tells the password: %s", text)
			}
		})
	}
}

func TestExposed(t *testing.T) {
	clean(t)
	for dsn, want := range map[string]bool{
		"postgres://u:pw@db/shop":                true,
		"postgres://u:p%40w@db/shop":             true,
		"host=db password=pw":                    true,
		"postgresql+asyncpg://u:pw@db/shop":      true,
		"postgres://u@db/shop":                   false,
		"":                                       false,
		"postgres://u:p/w@db:x/cannot-be-parsed": false,
	} {
		if got := Exposed(dsn); got != want {
			t.Errorf("Exposed(%s) = %v, want %v", dsn, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"ALTER ROLE u PASSWORD 'se''cret'":                   "ALTER ROLE u PASSWORD '…'",
		"CREATE USER u WITH ENCRYPTED PASSWORD $x$se'c$x$ X": "CREATE USER u WITH ENCRYPTED PASSWORD '…' X",
		"ALTER ROLE u password\n'secret' VALID UNTIL 'x'":    "ALTER ROLE u password\n'…' VALID UNTIL 'x'",
		"SELECT password FROM users WHERE password = $1":     "SELECT password FROM users WHERE password = $1",
	} {
		if got := mask(text); got != want {
			t.Errorf("mask(%s) = %s, want %s", text, got, want)
		}
	}
}
