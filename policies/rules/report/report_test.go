package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jstemmer/go-junit-report/v2/junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/policies/rules"
	"github.com/agencyos/headroom/policies/rules/report"
)

// sample has a finding of every kind: violated, advisory, accepted, open, passed
// and not applicable, in a manifest, in an engine's file and about the stack; and
// exceptions that hold, that accept nothing and that have expired.
func sample(t *testing.T) report.Report {
	t.Helper()
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	config, err := rules.ParseConfig([]byte(`{"rds-window": "advisory", "zone-tls": "disabled"}`), rules.All())
	if err != nil {
		t.Fatal(err)
	}
	resources := []rules.Resource{
		{URN: "k8s/pdb.yaml:7", Type: "kubernetes:policy/v1:PodDisruptionBudget", Name: "api",
			Inputs: rules.From(map[string]any{"metadata": map[string]any{"name": "api"}, "spec": map[string]any{"maxUnavailable": 1}})},
		{URN: "urn:pulumi:prod::shop::aws:rds/instance:Instance::main", Type: "aws:rds/instance:Instance", Name: "main", Options: rules.Options{Known: true, Protect: true},
			Inputs: rules.From(map[string]any{"engine": "postgres", "storageEncrypted": false, "applyImmediately": true, "multiAz": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "deletionProtection": true,
				"backupRetentionPeriod": 7, "allocatedStorage": 100, "maxAllocatedStorage": 200, "publiclyAccessible": true})},
	}
	r := rules.Run(rules.NewModel(resources), rules.All(), rules.RunOptions{Today: day, Config: config,
		Suppressions: []spec.Suppression{
			{Rule: "rds-private", Resource: "main", Reason: "moves behind the VPN", Expires: "2026-12-31"},
			{Rule: "rds-private", Resource: "other", Reason: "is gone", Expires: "2026-12-31"}},
		Waivers: []spec.Waiver{{Check: "db-connections", Reason: "was for the launch", Until: "2026-01-31"}}})
	return report.Report{Report: r, Rules: rules.All(), Resources: len(resources), Files: map[string]string{resources[1].URN: "state.json"}}
}

func TestText(t *testing.T) { golden.Text(t, "testdata/report.txt", sample(t).Text()) }

func TestJSON(t *testing.T) {
	out, err := json.MarshalIndent(sample(t).Document(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/report.json", string(out))
}

// valid validates raw SARIF by the schema of OASIS
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json).
func valid(t *testing.T, data []byte) error {
	t.Helper()
	schema, err := jsonschema.Compile(filepath.Join("testdata", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(tree)
}

func TestSARIF(t *testing.T) {
	var out bytes.Buffer
	if err := sample(t).SARIF(&out); err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/report.sarif", out.String())
	if err := valid(t, out.Bytes()); err != nil {
		t.Errorf("SARIF does not validate: %#v", err)
	}
	read, err := sarif.FromBytes(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, result := range read.Runs[0].Results {
		kinds[result.Kind+" "+result.Level]++
		if len(result.Suppressions) > 0 {
			kinds["suppressed"]++
		}
	}
	want := map[string]int{"fail error": 3, "fail warning": 1, "open none": 2, "suppressed": 1}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("results by kind (-want +got):\n%s", diff)
	}
}

// TestSARIFSchemaRefuses proves that the validation can fail.
func TestSARIFSchemaRefuses(t *testing.T) {
	if valid(t, []byte(`{"version":"2.1.0","runs":[{"results":[{"message":{"text":"no tool"}}]}]}`)) == nil {
		t.Error("a run without a tool validates")
	}
}

func TestJUnit(t *testing.T) {
	var out bytes.Buffer
	if err := sample(t).JUnit(&out); err != nil {
		t.Fatal(err)
	}
	var read junit.Testsuites
	if err := xml.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	c := sample(t).Counts()
	if want := c.Violations + c.Broken; read.Failures != want {
		t.Errorf("JUnit has %d failures, want %d: the violations and the exceptions that do not hold", read.Failures, want)
	}
	if want := c.Open + c.NotApplicable; read.Skipped != want {
		t.Errorf("JUnit skips %d, want %d: what is open and not applicable", read.Skipped, want)
	}
	golden.Text(t, "testdata/report.junit.xml", out.String())
}
