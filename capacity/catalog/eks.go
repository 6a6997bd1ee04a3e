package catalog

import (
	"fmt"
	"math"
)

// standardSupport is the day from which EKS bills extended support, by minor
// version (https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html,
// read 2026-11; 1.35 by https://endoflife.date/amazon-eks, 2026-02).
var standardSupport = map[string]string{
	"1.30": "2025-07-23", "1.31": "2025-11-26", "1.32": "2026-03-23", "1.33": "2026-07-29", "1.34": "2026-12-02", "1.35": "2027-03-27",
}

// ControlPlane is the price of an EKS control plane of a minor version on the day
// of the catalog, and when its standard support ends: empty for one that is newer
// than the list. Versions before the list are past it.
func ControlPlane(version string) (price Price, ends string) {
	ends, known := standardSupport[version]
	name := "eks.control_plane.standard"
	if known && ends <= Compiled || !known && minor(version) < minor("1.30") {
		name = "eks.control_plane.extended"
	}
	price, _ = Item(name)
	return price, ends
}

// minor is the number after "1."; a version without one is no old version.
func minor(version string) int {
	var n int
	if _, err := fmt.Sscanf(version, "1.%d", &n); err != nil {
		return math.MaxInt
	}
	return n
}
