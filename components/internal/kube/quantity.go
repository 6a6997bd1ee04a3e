package kube

import (
	"math"
	"strconv"
)

// Milli spells a number of thousandths as the API server does: the largest
// suffix without a fraction. Any other spelling of the same amount comes back
// changed and would show as a difference after every refresh.
func Milli(n int64) string {
	suffixes := []string{"m", "", "k", "M", "G"}
	i := 0
	for n != 0 && n%1000 == 0 && i < len(suffixes)-1 {
		n /= 1000
		i++
	}
	if n == 0 {
		return "0"
	}
	return strconv.FormatInt(n, 10) + suffixes[i]
}

// Value spells a fractional amount, to the thousandth.
func Value(x float64) string { return Milli(int64(math.Round(x * 1000))) }

// MiB spells a number of mebibytes.
func MiB(n int64) string {
	suffixes := []string{"Mi", "Gi", "Ti"}
	i := 0
	for n != 0 && n%1024 == 0 && i < len(suffixes)-1 {
		n /= 1024
		i++
	}
	if n == 0 {
		return "0"
	}
	return strconv.FormatInt(n, 10) + suffixes[i]
}
