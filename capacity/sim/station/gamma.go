package station

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mathext"
)

const (
	// nodes of a table of quantiles and the exponential that the last stands for:
	// beyond it one draw in 10¹⁴ lies.
	nodes    = 4096
	farthest = 32.0
	// constantCV2 is the cv² below which package queue, too, takes work as
	// constant.
	constantCV2 = 1e-8
)

// gamma draws gamma-distributed work of mean 1 from exponential draws: equal
// probabilities go to equal probabilities, which is a smooth, monotone function
// of the exponential draw, and nearly linear in the tail. Draws from one
// exponential are comonotone.
type gamma struct {
	mean  float64
	table *[nodes + 1]float64 // nil for constant work
}

// shapes are the tables by cv², shared by all stations of a process: building one
// costs more than a million draws.
var shapes sync.Map

func newGamma(w Work) gamma {
	if w.CV2 < constantCV2 || w.Mean == 0 {
		return gamma{mean: w.Mean}
	}
	if t, ok := shapes.Load(w.CV2); ok {
		return gamma{w.Mean, t.(*[nodes + 1]float64)}
	}
	t, _ := shapes.LoadOrStore(w.CV2, quantiles(1/w.CV2))
	return gamma{w.Mean, t.(*[nodes + 1]float64)}
}

// quantiles of the gamma distribution with mean 1 at 1 − e^(−x) for x on a grid.
func quantiles(shape float64) *[nodes + 1]float64 {
	var t [nodes + 1]float64
	for i := 1; i <= nodes; i++ {
		x := farthest * float64(i) / nodes
		t[i] = mathext.GammaIncRegCompInv(shape, math.Exp(-x)) / shape
		if !(t[i] >= t[i-1]) { // the inverse gives up where the quantile underflows
			t[i] = t[i-1]
		}
	}
	return &t
}

// at is the draw that belongs to an exponential draw.
func (g *gamma) at(exponential float64) float64 {
	if g.table == nil {
		return g.mean
	}
	at := exponential * (nodes / farthest)
	i := min(int(at), nodes-1)
	low := g.table[i]
	return g.mean * (low + float64((at-float64(i))*(g.table[i+1]-low)))
}
