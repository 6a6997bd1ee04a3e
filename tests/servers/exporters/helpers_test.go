//go:build linux

package exporters

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// root is where the committed stacks are.
const root = "../../.."

// everything is a stack that has every alert and every panel.
func everything(t testing.TB) (spec.Stack, plan.Plan) {
	t.Helper()
	raw, err := spec.Raw(read(t, root+"/Pulumi.prod.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for path, value := range map[string]string{
		"database.instanceClass": "db.t4g.medium", "database.pooler": "pgbouncer",
		"database.pgbouncer":             "{image: p:1.26.1, userList: {name: a, key: b}}",
		"monitoring.exporters.pgbouncer": "{secretRef: {name: a, key: b}}",
		"services.backend.metrics":       "{poolTimeouts: db_pool_timeouts_total}",
	} {
		if raw, err = spec.Set(raw, path, value); err != nil {
			t.Fatal(err)
		}
	}
	s, err := spec.Decode("prod", raw)
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(read(t, root+"/baselines/prod.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, base, plan.Options{Today: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Lean: true})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func encoded(c *x509.Certificate) []byte {
	var out bytes.Buffer
	_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a buffer cannot fail
	return out.Bytes()
}

// ping asks a Redis whether it serves.
func ping(at string) error {
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return err
	}
	answer := make([]byte, 5)
	if _, err := conn.Read(answer); err != nil || string(answer) != "+PONG" {
		return fmt.Errorf("answers %q: %w", answer, err)
	}
	return nil
}

// metricsOf are the names of all series that an expression selects.
func metricsOf(t *testing.T, expr string) []string {
	t.Helper()
	parsed, err := parser.ParseExpr(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	var out []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			out = append(out, v.Name)
		}
		return nil
	})
	return out
}
