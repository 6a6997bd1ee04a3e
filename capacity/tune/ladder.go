package tune

// ladderSteps are the numbers tried below and above one as it stands.
const ladderSteps = 10

// ladder are whole numbers around n within bounds: every one where there are few,
// and ever wider steps where there are many.
func ladder(n, least, most int) []int { return append(rungs(n, least), rungs(n, most)...) }

// rungs lead from n, which is left out, to a bound, which is part of them.
func rungs(n, bound int) []int {
	distance := bound - n
	sign := 1
	if distance < 0 {
		distance, sign = -distance, -1
	}
	var out []int
	for i := 1; i <= min(ladderSteps, distance); i++ {
		part := float64(i) / float64(min(ladderSteps, distance))
		step := max(i, int(float64(distance)*part*part))
		out = append(out, n+sign*step)
	}
	return out
}

// even are numbers at even distances around n within bounds, and those next to it.
func even(n, step, least, most int) []int {
	var out []int
	add := func(at int) {
		if at >= least && at <= most {
			out = append(out, at)
		}
	}
	for i := -ladderSteps; i <= ladderSteps; i++ {
		add(n + i*step)
	}
	add(n - 1)
	add(n + 1)
	return out
}

// finer are the numbers between the neighbors of a choice: a search that has found
// the right region looks closer.
func (k *Knob) finer(choice int) []int {
	if k.at == nil {
		return nil
	}
	here := k.number(choice)
	var out []int
	for _, next := range k.steps(choice) {
		distance := k.number(next) - here
		for i := 1; i <= 3; i++ {
			if n := here + distance*i/4; n != here {
				out = append(out, n)
			}
		}
	}
	return out
}
