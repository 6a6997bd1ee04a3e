package oracle

import (
	"flag"
	"os"
	"testing"

	"github.com/go-logr/logr"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/klog/v2"
)

var (
	syncCount = flag.Int("oracle.syncs", 300_000, "syncs to compare")
	firstSeed = flag.Uint64("oracle.seed", 1, "first seed; each seed is a scenario of two hours")
	minor     = flag.Int("oracle.minor", 36, "minor version of k8s.io/kubernetes in go.mod")
	recordDir = flag.String("oracle.record", "", "directory for a recording of every scenario")
)

func TestMain(m *testing.M) {
	flag.Parse()
	klog.SetLogger(logr.Discard())
	// One of the default handlers slows down repeated errors by the real clock,
	// which in a bubble that starts in 2000 means for decades.
	utilruntime.ErrorHandlers = nil
	os.Exit(m.Run())
}
