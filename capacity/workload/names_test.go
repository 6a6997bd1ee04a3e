package workload

import (
	"regexp"
	"strings"
	"testing"
)

// Names that controllers gave to pods, and those of others that look alike.
func TestPodNames(t *testing.T) {
	long := strings.Repeat("a-very-long-name-", 3) + "x"
	for name, tc := range map[string]struct {
		reason     string
		of         Ref
		own, other []string
	}{
		"Deployment": {"hash and random part", Ref{"", "Deployment", "api"}, []string{"api-7c9f8d6b5b-x2v9k", "api-5d4f6c-bcdfg"}, []string{"api-worker-7c9f8d6b5b-x2v9k", "api-frontend-x2v9k", "apis-7c9f8d6b5b-x2v9k", "api-0"}},
		"DaemonSet":  {"random part alone", Ref{"", "DaemonSet", "agent"}, []string{"agent-x2v9k"}, []string{"agent-7c9f8d6b5b-x2v9k", "agent-admin"}},
		"Stateful":   {"a number", Ref{"", "StatefulSet", "db"}, []string{"db-0", "db-12"}, []string{"db-x2v9k", "db-proxy-0"}},
		"Job":        {"with the index of an indexed one", Ref{"", "Job", "load"}, []string{"load-x2v9k", "load-3-x2v9k"}, []string{"load-29400480-3-x2v9k", "load-admin"}},
		"CronJob":    {"by the minute it was due", Ref{"", "CronJob", "mail"}, []string{"mail-29400480-x2v9k", "mail-29400480-3-x2v9k"}, []string{"mail-x2v9k", "mail-7c9f8d6b5b-x2v9k"}},
		"Pod":        {"its own", Ref{"", "Pod", "a.b"}, []string{"a.b"}, []string{"a-b"}},
		"Long":       {"names are cut", Ref{"", "Deployment", long}, []string{(long + "-7c9f8d6b5b-")[:58] + "x2v9k", long + "-5d4f6c-x2v9k"[:13]}, []string{"a-very-x2v9k"}},
	} {
		t.Run(name, func(t *testing.T) {
			pattern := regexp.MustCompile("^(?:" + (Workload{Ref: tc.of}).PodNames() + ")$")
			for _, pod := range tc.own {
				if !pattern.MatchString(pod) {
					t.Errorf("%s: %s does not match %s", tc.reason, pod, pattern)
				}
			}
			for _, pod := range tc.other {
				if pattern.MatchString(pod) {
					t.Errorf("%s: %s matches %s", tc.reason, pod, pattern)
				}
			}
		})
	}
}
