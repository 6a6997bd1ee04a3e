package effects

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStepsOfAPath(t *testing.T) {
	cases := map[string][]string{
		"name":                                    {"name"},
		"spec.template.spec.containers[0].image":  {"spec", "template", "spec", "containers", "0", "image"},
		`metadata.annotations["a.b/c"].d`:         {"metadata", "annotations", "a.b/c", "d"},
		`parameters[log_min_duration_statement]`:  {"parameters", "log_min_duration_statement"},
		`spec.template.spec.containers["*"].name`: {"spec", "template", "spec", "containers", "*", "name"},
		"list[0][1]":                              {"list", "0", "1"},
		"":                                        nil,
	}
	for path, want := range cases {
		if diff := cmp.Diff(want, Steps(path)); diff != "" {
			t.Errorf("Steps(%q) (-want +got):\n%s", path, diff)
		}
	}
}

func TestEffectInPlace(t *testing.T) {
	parameter := func(method string) any { return map[string]any{"name": "x", "value": "1", "applyMethod": method} }
	cases := map[string]struct {
		reason string
		token  string
		change Change
		want   Effect
	}{
		"Class":             {"another host takes the volume", "aws:rds/instance:Instance", Change{"instanceClass", "a", "b"}, Restart},
		"Storage":           {"volumes grow online", "aws:rds/instance:Instance", Change{"allocatedStorage", 100.0, 200.0}, Update},
		"NoRow":             {"an input without a row changes in place", "aws:rds/instance:Instance", Change{"copyTagsToSnapshot", false, true}, Update},
		"ProviderSetting":   {"RDS does not know it", "aws:rds/instance:Instance", Change{"skipFinalSnapshot", true, false}, None},
		"BackupsOn":         {"zero days are no backups at all", "aws:rds/instance:Instance", Change{"backupRetentionPeriod", 0.0, 7.0}, Restart},
		"BackupsLonger":     {"more days change nothing that runs", "aws:rds/instance:Instance", Change{"backupRetentionPeriod", 7.0, 14.0}, Update},
		"StaticParameter":   {"it takes a reboot", "aws:rds/parameterGroup:ParameterGroup", Change{"parameters[x]", parameter("pending-reboot"), parameter("pending-reboot")}, Restart},
		"DynamicParameter":  {"it applies at once", "aws:rds/parameterGroup:ParameterGroup", Change{"parameters[x]", parameter("immediate"), parameter("immediate")}, Update},
		"StaticGoesAway":    {"its default takes a reboot too", "aws:rds/parameterGroup:ParameterGroup", Change{"parameters[x]", parameter("pending-reboot"), nil}, Restart},
		"PodTemplate":       {"anything below the template rolls the pods", "kubernetes:apps/v1:Deployment", Change{"spec.template.spec.containers[0].image", "a", "b"}, Restart},
		"AboveTheTemplate":  {"a whole spec holds the template", "kubernetes:apps/v1:Deployment", Change{"spec", nil, map[string]any{}}, Restart},
		"BesideTheTemplate": {"the strategy is for the next rollout", "kubernetes:apps/v1:Deployment", Change{"spec.strategy.type", "a", "b"}, Update},
		"Autoscaler":        {"no pod restarts", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", Change{"spec.maxReplicas", 5.0, 6.0}, Update},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			row, ok := Of(c.token)
			if !ok {
				t.Fatalf("no row for %s", c.token)
			}
			if got, note := row.InPlace(c.change); got != c.want {
				t.Errorf("InPlace(%v) = %s (%s), want %s: %s", c.change, got, note, c.want, c.reason)
			}
		})
	}
}

func TestReplaces(t *testing.T) {
	cases := map[string]struct {
		token, path string
		want        bool
	}{
		"Encryption": {"aws:rds/instance:Instance", "storageEncrypted", true},
		"Class":      {"aws:rds/instance:Instance", "instanceClass", false},
		"Below":      {"kubernetes:apps/v1:Deployment", "spec.selector.matchLabels.app", true},
		"Above":      {"kubernetes:apps/v1:Deployment", "metadata", true},
		"Beside":     {"kubernetes:apps/v1:Deployment", "metadata.labels.app", false},
	}
	for name, c := range cases {
		row, _ := Of(c.token)
		if _, got := row.Replaces(c.path); got != c.want {
			t.Errorf("%s: Replaces(%s) = %v, want %v", name, c.path, got, c.want)
		}
	}
}

func TestKeptInputs(t *testing.T) {
	row, _ := Of("aws:rds/instance:Instance")
	if !row.Kept("maintenanceWindow") || row.Kept("deletionProtection") {
		t.Error("the maintenance window stays when left out, the deletion protection does not")
	}
}

var source = regexp.MustCompile(`(@ [0-9a-f]{8}|#\d+|20\d\d-\d\d|\.go)`)

// Every row must say where it comes from, or nobody can check it again.
func TestEveryRowHasASource(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range All() {
		if seen[row.Token] {
			t.Errorf("%s stands twice", row.Token)
		}
		seen[row.Token] = true
		if !source.MatchString(row.Source) {
			t.Errorf("%s: source %q names no file, issue or date", row.Token, row.Source)
		}
		for _, r := range row.Rows {
			switch {
			case r.Effect != Replace && !source.MatchString(r.Source):
				t.Errorf("%s %s: source %q names no file, issue or date", row.Token, r.Path, r.Source)
			case r.Effect != Replace && r.Note == "":
				t.Errorf("%s %s: no note says what happens", row.Token, r.Path)
			case len(Steps(r.Path)) == 0:
				t.Errorf("%s: a row without a path", row.Token)
			}
		}
	}
}

func TestWorse(t *testing.T) {
	for i, mild := range order {
		for j, harsh := range order {
			if got := harsh.Worse(mild); got != (j > i) {
				t.Errorf("%s worse than %s = %v", harsh, mild, got)
			}
		}
	}
}
