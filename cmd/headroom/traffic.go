package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

// shortestLoad shows some turns of the autoscaler.
const shortestLoad = time.Minute

// traffic is the load of a simulation as flags say it.
type traffic struct {
	shape, trace string
	tracePeak    float64
	growth       float64
	ramp, length time.Duration
	// set says whether a flag was given.
	set func(flag string) bool
}

// name of the load in reports.
func (t traffic) name() string {
	if t.trace != "" {
		return "trace " + filepath.Base(t.trace)
	}
	return t.shape
}

// curve is the load against a stack.
func (t traffic) curve(stack spec.Stack) (load.Curve, error) {
	if t.set("ramp") && (t.trace != "" || t.shape != string(load.RampShape)) {
		return load.Curve{}, invalid(fmt.Sprintf("--ramp = %s: only --shape ramp has one", t.ramp))
	}
	if t.set("trace-peak") && t.trace == "" {
		return load.Curve{}, invalid(fmt.Sprintf("--trace-peak = %g: only --trace has one", t.tracePeak))
	}
	make := t.shaped
	if t.trace != "" {
		make = t.traced
	}
	curve, err := make(stack)
	if err != nil {
		return curve, err
	}
	if t.set("for") {
		if curve, err = curve.Lasting(t.length); err != nil {
			return curve, problems("--for", err)
		}
	}
	if curve.Duration() < shortestLoad {
		return curve, invalid(fmt.Sprintf("the load lasts %s: must be at least %s, some turns of the autoscaler", curve.Duration(), shortestLoad), "--for 10m holds its last level")
	}
	return curve, nil
}

func (t traffic) shaped(stack spec.Stack) (load.Curve, error) {
	growth, ramp := stack.Traffic.Growth, time.Duration(stack.Traffic.Ramp)
	if t.set("growth") {
		growth = t.growth
	}
	if t.set("ramp") {
		if ramp = t.ramp; ramp <= 0 {
			return load.Curve{}, invalid(fmt.Sprintf("--ramp = %s: must be more than 0s", ramp), "--shape step rises at once")
		}
	}
	curve, err := load.Of(load.Shape(t.shape), growth, ramp)
	if err != nil {
		return curve, invalid("--" + err.Error())
	}
	return curve, nil
}

func (t traffic) traced(stack spec.Stack) (load.Curve, error) {
	file, err := os.Open(t.trace)
	if err != nil {
		return load.Curve{}, invalid("--trace: " + err.Error())
	}
	defer file.Close() //nolint:errcheck // it was only read
	peak := t.tracePeak
	if !t.set("trace-peak") {
		for _, v := range stack.Services {
			peak += float64(v.PeakRPS)
		}
	}
	curve, err := load.Trace(file, peak)
	if err != nil {
		return curve, problems(t.trace, err)
	}
	if t.set("growth") {
		if !(t.growth > 0 && t.growth <= load.HighestGrowth) || curve.Max() == 0 {
			return curve, invalid(fmt.Sprintf("--growth = %g: must be above 0 and at most %d, of a trace that is not all 0", t.growth, load.HighestGrowth))
		}
		if curve, err = curve.Scaled(t.growth / curve.Max()); err != nil {
			return curve, problems(t.trace, err)
		}
	}
	return curve, nil
}

func shapeNames() string {
	var names []string
	for _, s := range load.Shapes() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
