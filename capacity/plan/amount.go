package plan

import (
	"encoding/json"
	"fmt"
	"math"
)

// Amount is a figure that a saturated queue makes unbounded: the wait in it grows
// for as long as the load lasts. Then it is +Inf, "unbounded" for people and null
// in JSON.
type Amount float64

// unboundedAbove is where a figure says no more than that it is too large.
const unboundedAbove = 1e12

// amount is a figure, and unbounded where it has no value that means anything.
func amount(x float64) Amount {
	if math.IsNaN(x) || x > unboundedAbove {
		return Amount(math.Inf(1))
	}
	return Amount(math.Max(x, -unboundedAbove))
}

// Bounded says whether there is a number.
func (a Amount) Bounded() bool { return !math.IsInf(float64(a), 1) }

// String is the figure as short as it may be.
func (a Amount) String() string {
	switch {
	case !a.Bounded():
		return "unbounded"
	case math.Abs(float64(a)) >= 100 || a == Amount(math.Trunc(float64(a))):
		return fmt.Sprintf("%.0f", float64(a))
	}
	return fmt.Sprintf("%.2f", float64(a))
}

// Format writes a number by its verb, a text for %s and %v, and no number where
// there is none.
func (a Amount) Format(f fmt.State, verb rune) {
	if verb == 's' || verb == 'v' || !a.Bounded() {
		_, _ = fmt.Fprint(f, a.String()) // fmt keeps the error
		return
	}
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), float64(a))
}

// MarshalJSON writes null where there is no number.
func (a Amount) MarshalJSON() ([]byte, error) {
	if !a.Bounded() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(a))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Amount) UnmarshalJSON(raw []byte) error {
	var number *float64
	if err := json.Unmarshal(raw, &number); err != nil {
		return err
	}
	*a = Amount(math.Inf(1))
	if number != nil {
		*a = Amount(*number)
	}
	return nil
}

// tenths is an amount to one digit after the point.
func tenths(x float64) Amount { return amount(round(x, 1)) }
