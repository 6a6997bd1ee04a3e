package report_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/policies/rules"
	"github.com/agencyos/headroom/policies/rules/report"
)

// reference is the page that is generated.
const reference = "../../../docs/policies.md"

func TestReferenceIsFresh(t *testing.T) {
	got := report.Markdown(rules.All())
	golden.Text(t, reference, got)
	for n := 1; n <= 17; n++ {
		if strings.Contains(got, fmt.Sprintf("| S%d |  |", n)) {
			t.Errorf("no rule stands for S%d", n)
		}
	}
	if n := strings.Count(got, "\n## ") - 1; n < 40 {
		t.Errorf("the page has %d rules, want at least 40", n)
	}
}

// TestGuideIsTrue: the rule that the guide walks through is the one in the tree.
func TestGuideIsTrue(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/adding-a-rule.md")
	if err != nil {
		t.Fatal(err)
	}
	for file, blocks := range map[string]int{"../rds_upkeep.go": 1, "../testdata/rds-storage-grows/fail.yaml": 1, "../testdata/rds-storage-grows/unknown.yaml": 1} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for i, block := range strings.Split(string(guide), "```") {
			_, code, _ := strings.Cut(block, "\n")
			if i%2 == 1 && code != "" && strings.Contains(string(text), strings.TrimSpace(code)) {
				found++
			}
		}
		if found != blocks {
			t.Errorf("docs/adding-a-rule.md quotes %s %d times word for word, want %d", file, found, blocks)
		}
	}
}
