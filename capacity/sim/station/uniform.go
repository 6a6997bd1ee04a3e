package station

import (
	"math/bits"
	"math/rand/v2"
)

// uniform draws evenly distributed numbers. Without the interface inside rand.Rand
// a draw takes half the time.
type uniform struct{ rand.PCG }

// Float64 from [0, 1).
func (u *uniform) Float64() float64 { return float64(u.Uint64()>>11) / (1 << 53) }

// IntN from [0, n). Some are likelier than others by n in 2⁶⁴.
func (u *uniform) IntN(n int) int {
	high, _ := bits.Mul64(u.Uint64(), uint64(n))
	return int(high)
}
