package spec

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEdit(t *testing.T) {
	const file = `# top
config:
  headroom:services:
    backend:
      mode: external # stays
      workers: 2
      autoscaling: { minReplicas: 3, maxReplicas: 9 } # both

    frontend:
      workers: 1 # one
      routes:
        - { method: GET, path: "/", share: 100% }

  headroom:nodes:
    groups:
      - name: web # first
        instanceTypes: [m7i.xlarge, "m7i.2xlarge"] # types
        minSize: 3
      - name: batch
        instanceTypes:
          - m7i.large
          - m7i.xlarge
        minSize: 1
  headroom:budget: {}
`
	cases := map[string]struct {
		settings []Setting
		want     map[string]string // a line and what it becomes; "after X" adds
	}{
		"replaces a number and keeps the comment behind it": {
			[]Setting{{"services.frontend.workers", "4"}},
			map[string]string{"      workers: 1 # one\n": "      workers: 4 # one\n"}},
		"replaces in a flow mapping": {
			[]Setting{{"services.backend.autoscaling.minReplicas", "12"}},
			map[string]string{"{ minReplicas: 3, maxReplicas: 9 }": "{ minReplicas: 12, maxReplicas: 9 }"}},
		"adds to a flow mapping": {
			[]Setting{{"services.backend.autoscaling.tolerance", "5%"}},
			map[string]string{"maxReplicas: 9 }": "maxReplicas: 9, tolerance: 5% }"}},
		"adds to an empty flow mapping": {
			[]Setting{{"budget.monthly", "900"}},
			map[string]string{"budget: {}": "budget: { monthly: 900 }"}},
		"adds a mapping that is missing, and then to it": {
			[]Setting{{"services.frontend.autoscaling.minReplicas", "2"}, {"services.frontend.autoscaling.metric", "inFlight"}},
			map[string]string{"        - { method: GET, path: \"/\", share: 100% }\n": "        - { method: GET, path: \"/\", share: 100% }\n      autoscaling:\n        minReplicas: 2\n        metric: inFlight\n"}},
		"replaces a flow list": {
			[]Setting{{"nodes.groups[0].instanceTypes", "[c7i.xlarge]"}},
			map[string]string{`[m7i.xlarge, "m7i.2xlarge"] # types`: "[c7i.xlarge] # types"}},
		"replaces a block list": {
			[]Setting{{"nodes.groups[1].instanceTypes", "[c7i.xlarge]"}},
			map[string]string{"          - m7i.large\n          - m7i.xlarge\n": "          - c7i.xlarge\n"}},
		"adds to an element of a list": {
			[]Setting{{"nodes.groups[0].maxSize", "30"}},
			map[string]string{"        minSize: 3\n": "        minSize: 3\n        maxSize: 30\n"}},
		"adds a key of its own": {
			[]Setting{{"slo.p99", "150ms"}},
			map[string]string{"  headroom:budget: {}\n": "  headroom:budget: {}\n  headroom:slo:\n    p99: 150ms\n"}},
	}
	for name, c := range cases {
		for end, lineEnd := range map[string]string{"LF": "\n", "CRLF": "\r\n"} {
			t.Run(name+" with "+end, func(t *testing.T) {
				want := file
				for from, to := range c.want {
					if strings.Count(want, from) != 1 {
						t.Fatalf("%q stands %d times in the file", from, strings.Count(want, from))
					}
					want = strings.Replace(want, from, to, 1)
				}
				ends := func(s string) string { return strings.ReplaceAll(s, "\n", lineEnd) }
				got, err := Edit([]byte(ends(file)), c.settings)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(ends(want), string(got)); diff != "" {
					t.Errorf("Edit(%v) (-want +got):\n%s", c.settings, diff)
				}
			})
		}
	}
}

func TestEditRefuses(t *testing.T) {
	cases := map[string]struct {
		file    string
		setting Setting
		want    string
	}{
		"an anchor, which other places read": {
			"config:\n  headroom:services:\n    backend: &all { workers: 1 }\n    frontend: *all\n", Setting{"services.backend.port", "80"},
			"services.backend.port: stands in a form that cannot be edited; set it to 80 by hand"},
		"an alias": {
			"config:\n  headroom:services:\n    backend: { workers: &n 1 }\n    frontend: { workers: *n }\n", Setting{"services.frontend.workers", "3"},
			"services.frontend.workers: stands in a form that cannot be edited; set it to 3 by hand"},
		"a line end of old, after which lines are counted otherwise": {
			"# by hand\rconfig:\r  headroom:services:\r    backend: { workers: 1 }\r    frontend:\r      workers: 2", Setting{"services.frontend.port", "80"},
			"services.frontend.port: stands in a form that cannot be edited; set it to 80 by hand"},
		"a flow mapping of several lines": {
			"config:\n  headroom:services:\n    backend: { workers: 1,\n      port: 80 }\n", Setting{"services.backend.replicas", "3"},
			"services.backend.replicas: stands in a form that cannot be edited; set it to 3 by hand"},
		"an element that is not there": {
			"config:\n  headroom:nodes:\n    groups: []\n", Setting{"nodes.groups[0].minSize", "3"},
			"nodes.groups[0].minSize: has no element [0]; the list has 0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Edit([]byte(c.file), []Setting{c.setting})
			if err == nil || err.Error() != c.want {
				t.Errorf("Edit() error = %v, want %s", err, c.want)
			}
		})
	}
}

func FuzzEdit(f *testing.F) {
	for _, name := range []string{"prod", "staging", "local"} {
		file, err := os.ReadFile("../../Pulumi." + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file, "services.backend.autoscaling.minReplicas", "7")
		f.Add(file, "nodes.groups[0].maxSize", "30")
		f.Add(file, "services.frontend.pool.size", "3")
	}
	// Whatever Edit writes reads as Set has it, and nothing makes it panic.
	f.Fuzz(func(t *testing.T, file []byte, path, value string) {
		out, err := Edit(file, []Setting{{path, value}})
		if err != nil {
			return
		}
		raw, err := Raw(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Set(raw, path, value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Raw(out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain(want), plain(got)); diff != "" {
			t.Errorf("Edit() reads differently from Set() (-Set +Edit):\n%s", diff)
		}
		if bytes.Equal(out, file) && !cmp.Equal(plain(raw), plain(got)) {
			t.Error("nothing was written")
		}
	})
}
