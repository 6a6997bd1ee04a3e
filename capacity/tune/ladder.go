package tune

import "slices"

// ladder are whole numbers around n within bounds: every one where there are few,
// and ever wider steps where there are many.
func ladder(n, least, most int) []int {
	return append(rungs(n, least), rungs(n, most)...)
}

// rungs lead from n, which is left out, to a bound, which is part of them.
func rungs(n, bound int) []int {
	distance := bound - n
	if distance == 0 {
		return nil
	}
	var out []int
	for i := 1; i <= ladderSteps; i++ {
		part := float64(i) / ladderSteps
		step := int(float64(distance) * part * part)
		if step == 0 {
			step = min(max(distance, -i), i)
		}
		if at := n + step; !slices.Contains(out, at) && at != n {
			out = append(out, at)
		}
	}
	slices.Sort(out)
	return out
}

// stepped are numbers at an even distance around n, and the nearest ones.
func stepped(n, step, least, most int) []int {
	var out []int
	for i := -ladderSteps; i <= ladderSteps; i++ {
		if at := n + i*step; at >= least && at <= most {
			out = append(out, at)
		}
	}
	return append(out, within(least, most, n-2, n-1, n+1, n+2)...)
}

func within(least, most int, numbers ...int) []int {
	return slices.DeleteFunc(numbers, func(n int) bool { return n < least || n > most })
}

// without are the numbers in order, each once, and not the one that stands.
func without(numbers []int, standing int) []int {
	out := slices.Clone(numbers)
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(n int) bool { return n == standing })
}
