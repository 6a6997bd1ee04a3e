package fare

import "testing"

func TestPrice(t *testing.T) {
	for _, c := range []struct{ age, group, want int }{{5, 1, 0}, {30, 1, 2}, {30, 12, 1}} {
		if got := Price(c.age, c.group); got != c.want {
			t.Errorf("Price(%d, %d) = %d, want %d", c.age, c.group, got, c.want)
		}
	}
}

func TestFree(t *testing.T) {
	if Free(30) || !Free(5) {
		t.Error("grown-ups pay and children do not")
	}
}

func TestSum(t *testing.T) {
	if got := Sum([]int{5, 30, 30}); got != 4 {
		t.Errorf("Sum = %d, want 4", got)
	}
}
