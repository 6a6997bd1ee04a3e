package oracle

import (
	"math"
	"math/rand/v2"
	"time"
)

// load is how many replicas the traffic needs over time.
type load struct {
	kind        int
	base, swing float64
	period      time.Duration
	noise       float64
	level       float64 // of steps and walks
	next        time.Duration
}

const (
	steady = iota
	sine
	steps
	spikes
	walk
	nights
)

func newLoad(r *rand.Rand, most int32) load {
	top := pick(r, 0.5, 0.9, 1.3) * float64(most)
	base := r.Float64() * top
	return load{kind: pick(r, steady, sine, sine, steps, steps, spikes, walk, nights), base: base, swing: r.Float64() * top, level: base,
		period: time.Duration(3+r.IntN(60)) * time.Minute, noise: pick(r, 0, 0.01, 0.05, 0.2)}
}

func (l *load) at(r *rand.Rand, now time.Duration) float64 {
	want := l.base
	switch l.kind {
	case sine:
		want += l.swing * math.Sin(2*math.Pi*float64(now)/float64(l.period))
	case steps:
		if now >= l.next {
			l.level, l.next = r.Float64()*(l.base+l.swing), now+time.Duration(r.Int64N(int64(l.period)))
		}
		want = l.level
	case spikes:
		if now%l.period < 5*time.Minute {
			want *= 5
		}
	case nights: // nothing at all for half of the time
		if now%l.period < l.period/2 {
			want = 0
		}
	case walk:
		l.level = min(max(0, l.level+(r.Float64()-0.5)*0.3*(l.base+l.swing)), l.base+l.swing)
		want = l.level
	}
	return max(0, want*(1+l.noise*r.NormFloat64()))
}
