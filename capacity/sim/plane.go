package sim

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/sim/flow"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// plane serves the requests of one service: the only part in which the
// fidelities differ.
type plane interface {
	// Join lets a pod take requests and Leave ends that. Refuse makes it fail what
	// it is sent from now on, Fail also what it has.
	Join(pod int)
	Leave(pod int)
	Refuse(pod int)
	Fail(pod int)
	// Advance serves until a moment in seconds.
	Advance(to float64, c station.Conditions)
	// Served appends for each of the pods how many requests it has answered, a
	// counter.
	Served(into []float64, pods []int) []float64
	// InFlight requests and open Connections, as a gauge shows them.
	InFlight() int
	Connections() int
	// CPU that a pod has burned, in core-seconds. Common is what every pod burns as
	// long as it serves, false where each burns on its own.
	CPU(pod int) float64
	Common() (burned float64, even bool)
	// Take is what happened since the last call, Quantiles since Reset.
	Take() station.Window
	Quantiles() station.Quantiles
	Reset()
}

var (
	_ plane = (*station.Station)(nil)
	_ plane = (*flow.Station)(nil)
)

func newPlane(f Fidelity, c station.Config, seed uint64) (plane, error) {
	switch f {
	case Request:
		return station.New(c, seed)
	case Control:
		return flow.New(c, seed)
	}
	return nil, fmt.Errorf("fidelity = %q: must be %q or %q", f, Control, Request)
}
