package rules

import (
	"strconv"
	"strings"
)

// maxQuantity bounds an amount far below the point where sums of them overflow.
const maxQuantity = 1e15

// suffix of an amount, and what it multiplies by.
type suffix struct {
	text   string
	factor float64
}

// The suffixes of memory and CPU; an amount without any is bytes or cores
// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, 2026-11).
var (
	memorySuffixes = []suffix{
		{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40}, {"Pi", 1 << 50}, {"Ei", 1 << 60},
		{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"E", 1e18}, {"m", 1e-3}, {"", 1},
	}
	cpuSuffixes = []suffix{{"m", 1}, {"", 1000}}
)

// bytes reads an amount of memory; false where it is absent or cannot be read.
func (f *facts) bytes(l leaf) (float64, bool) { return f.quantity(l, memorySuffixes, "memory") }

// milli reads an amount of CPU in thousandths of a core; false where it is
// absent or cannot be read.
func (f *facts) milli(l leaf) (float64, bool) { return f.quantity(l, cpuSuffixes, "CPU") }

// quantity reads a number or a text with a suffix. Like Kubernetes it takes no
// negative amount, which would make room on a node.
func (f *facts) quantity(l leaf, suffixes []suffix, what string) (float64, bool) {
	if !f.readable(l) || l.Absent() {
		return 0, false
	}
	s := show(l)
	for _, one := range suffixes {
		digits, ok := strings.CutSuffix(s, one.text)
		if !ok {
			continue
		}
		if n, err := strconv.ParseFloat(digits, 64); err == nil && n >= 0 && n*one.factor <= maxQuantity {
			return n * one.factor, true
		}
		break
	}
	f.wait("%s = %s to be an amount of %s", l, s, what)
	return 0, false
}
