package station

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mathext"
)

const (
	// constantCV2 is the cv² below which package queue, too, takes work as
	// constant.
	constantCV2 = 1e-8
	// A table has 1/64 of an octave between its nodes, from 2⁻²⁴ to 2⁶: dense
	// where the quantile is steep, and beyond the largest exponential draw.
	gridBits  = 6
	gridFirst = -24
	gridLast  = 6
	nodes     = (gridLast - gridFirst) << gridBits
	gridShift = 52 - gridBits
	gridBase  = (1023 + gridFirst) << gridBits
)

// gamma draws gamma-distributed work from exponential draws: equal probabilities
// go to equal probabilities, which is a smooth, monotone function of the
// exponential draw. Draws from one exponential are comonotone.
type gamma struct {
	mean  float64
	table *quantiles // nil for constant work
}

// line is a piece of the quantile function.
type line struct{ from, slope float64 }

// quantiles of the gamma distribution of mean 1 at 1 − e^(−x), in straight lines
// that are found by the bits of x.
type quantiles [nodes]line

// tables by cv² are shared by all stations of a process: building one costs as
// much as a million draws.
var tables struct {
	sync.Mutex
	byCV2 map[float64]*quantiles
}

// remembered bounds the tables; beyond it all are forgotten.
const remembered = 256

func newGamma(w Work) gamma {
	if w.CV2 < constantCV2 || w.Mean == 0 {
		return gamma{mean: w.Mean}
	}
	tables.Lock()
	defer tables.Unlock()
	t, ok := tables.byCV2[w.CV2]
	if !ok {
		if tables.byCV2 == nil || len(tables.byCV2) >= remembered {
			tables.byCV2 = map[float64]*quantiles{}
		}
		t = newQuantiles(1 / w.CV2)
		tables.byCV2[w.CV2] = t
	}
	return gamma{w.Mean, t}
}

// newQuantiles are exact at the nodes up to a common factor that makes the mean
// of the lines exactly 1.
func newQuantiles(shape float64) *quantiles {
	var t quantiles
	x, y := 0.0, 0.0
	mean := 0.0
	for i := range t {
		next := node(i + 1)
		high := max(y, quantile(shape, next))
		slope := (high - y) / (next - x)
		from := y - float64(slope*x)
		t[i] = line{from, slope}
		// ∫ (from + slope·x)·e^(−x) dx
		mean += float64((y+slope)*math.Exp(-x)) - float64((high+slope)*math.Exp(-next))
		x, y = next, high
	}
	for i := range t {
		t[i].from /= mean
		t[i].slope /= mean
	}
	return &t
}

// node is the left end of a line; the first reaches down to 0.
func node(i int) float64 { return math.Float64frombits(uint64(i+gridBase) << gridShift) }

// quantile of the gamma distribution of mean 1 that an exponential draw of x has
// in its own.
func quantile(shape, x float64) float64 {
	p := -math.Expm1(-x)
	g, _ := math.Lgamma(shape + 1)
	// The first term of the series, where the library's inverse underflows.
	if small := math.Exp((math.Log(p) + g) / shape); small < 1e-9 {
		return small / shape
	}
	if p < 0.5 {
		return mathext.GammaIncRegInv(shape, p) / shape
	}
	return mathext.GammaIncRegCompInv(shape, math.Exp(-x)) / shape
}

// at is the draw that belongs to an exponential draw.
func (g *gamma) at(exponential float64) float64 {
	if g.table == nil {
		return g.mean
	}
	i := int(math.Float64bits(exponential)>>gridShift) - gridBase
	l := &g.table[min(max(i, 0), nodes-1)]
	return g.mean * max(0, l.from+float64(l.slope*exponential))
}
