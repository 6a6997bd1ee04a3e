package rules

import (
	"math"
	"strconv"
	"strings"
)

// suffixes of amounts of memory
// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, 2026-11).
var suffixes = []struct {
	suffix string
	factor float64
}{
	{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40}, {"Pi", 1 << 50}, {"Ei", 1 << 60},
	{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"E", 1e18}, {"m", 1e-3}, {"", 1},
}

// bytes reads an amount of memory; false where it is absent or cannot be read.
func (f *facts) bytes(l leaf) (float64, bool) {
	s, isText := l.text()
	if !isText {
		return f.number(l)
	}
	for _, one := range suffixes {
		digits, ok := strings.CutSuffix(s, one.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(digits, 64)
		if n *= one.factor; err != nil || math.IsNaN(n) || n < 0 || n > 1e15 {
			break
		}
		return n, true
	}
	f.wait("%s = %s to be an amount of memory", l, s)
	return 0, false
}
