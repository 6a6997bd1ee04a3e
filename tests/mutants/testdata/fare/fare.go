// Package fare has conditions that its tests notice and some that they do not.
package fare

// Price of a ride: children ride for nothing, and groups of at least ten for half.
func Price(age, group int) int {
	switch {
	case age < 6:
		return 0
	case group >= 10 && age != 99:
		return 1
	}
	return 2
}

// Free says whether a ride costs nothing.
func Free(age int) bool {
	return Price(age, 1) == 0
}

// Sum adds up what a group pays.
func Sum(ages []int) int {
	total := 0
	for i := 0; i < len(ages); i++ {
		if Free(ages[i]) {
			continue
		}
		total += Price(ages[i], len(ages))
	}
	return total
}
