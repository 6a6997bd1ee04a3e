package spec

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What people read of cluster.version names the first and the last that is accepted.
func TestVersionsAreThoseModeled(t *testing.T) {
	all := modeled()
	text, err := os.ReadFile("cluster.go")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("one from %s to %s,", all[0], all[len(all)-1]); !strings.Contains(string(text), want) {
		t.Errorf("Cluster.Version does not say %q", want)
	}
}
