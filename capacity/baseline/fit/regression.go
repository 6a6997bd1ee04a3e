package fit

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// CPU is the utilization law of one pod: U = X·D + idle.
type CPU struct {
	// MillisPerRequest is D, IdleMilli the intercept in millicores.
	MillisPerRequest, IdleMilli float64
	// MillisStdErr and IdleStdErr are their standard errors; 0 with two steps.
	MillisStdErr, IdleStdErr float64
	// ErrorShare is the root mean square error, relative to the CPU.
	ErrorShare float64
	// Clamped says that the intercept came out negative and was taken as 0.
	Clamped bool
}

// At a load, in millicores.
func (c CPU) At(rps float64) float64 { return rps*c.MillisPerRequest + c.IdleMilli }

// utilization fits the law to the steps that have CPU; nil with fewer than two, or
// where more load takes no more CPU.
func utilization(steps []Step) *CPU {
	var rps, milli []float64
	for _, s := range steps {
		if s.CPUMilli > 0 {
			rps, milli = append(rps, s.AchievedRPS), append(milli, s.CPUMilli)
		}
	}
	if len(rps) < 2 {
		return nil
	}
	var c CPU
	c.IdleMilli, c.MillisPerRequest = stat.LinearRegression(rps, milli, nil, false)
	free := 2.0
	if c.IdleMilli < 0 {
		c.IdleMilli, c.Clamped, free = 0, true, 1
		_, c.MillisPerRequest = stat.LinearRegression(rps, milli, nil, true)
	}
	if !(c.MillisPerRequest > 0) || math.IsInf(c.MillisPerRequest, 0) {
		return nil
	}
	c.errors(rps, milli, free)
	return &c
}

// errors are those of ordinary least squares with so many parameters.
func (c *CPU) errors(rps, milli []float64, parameters float64) {
	n := float64(len(rps))
	mean := stat.Mean(rps, nil)
	squares, relative, sxx, sum := 0.0, 0.0, 0.0, 0.0
	for i, x := range rps {
		off := milli[i] - c.At(x)
		squares, relative = squares+off*off, relative+off*off/(milli[i]*milli[i])
		sxx, sum = sxx+(x-mean)*(x-mean), sum+x*x
	}
	c.ErrorShare = math.Sqrt(relative / n)
	if n <= parameters {
		return
	}
	variance := squares / (n - parameters)
	if c.Clamped {
		c.MillisStdErr = math.Sqrt(variance / sum)
		return
	}
	c.MillisStdErr = math.Sqrt(variance / sxx)
	c.IdleStdErr = math.Sqrt(variance * (1/n + mean*mean/sxx))
}
