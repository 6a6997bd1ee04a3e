package station

import "math"

// never is after every moment.
const never = math.MaxFloat64

// flight is a request in progress until a moment.
type flight struct {
	until float64
	pod   int
}

// flights are the requests in progress. The balancer that looks at them needs
// them in the order of their ends, a heap; for the others a list does that is
// tidied up when it has doubled.
type flights struct {
	list   []flight
	byPod  bool
	tidyAt int
	// shared are those of pods that share their servers.
	shared int
}

func (f *flights) add(now float64, id int, until float64, p *pod) {
	if f.byPod {
		p.outstanding++
		f.push(flight{until, id})
		return
	}
	if len(f.list) >= f.tidyAt {
		f.tidy(now)
	}
	f.list = append(f.list, flight{until, id})
}

// tidy forgets those that have ended.
func (f *flights) tidy(now float64) {
	keep := f.list[:0]
	for _, x := range f.list {
		if x.until > now {
			keep = append(keep, x)
		}
	}
	f.list = keep
	f.tidyAt = max(1024, 2*len(keep))
}

// count those that end after now.
func (f *flights) count(now float64) int {
	n := 0
	for _, x := range f.list {
		if x.until > now {
			n++
		}
	}
	return n
}

// drop ends those of a pod, and says how many had not ended.
func (f *flights) drop(id int, now float64) int {
	n := 0
	for i := range f.list {
		if x := &f.list[i]; x.pod == id && x.until > now {
			x.until = now // at the root of a heap or not: it is due
			n++
		}
	}
	if f.byPod {
		f.rebuild()
	}
	return n
}

func (f *flights) due(at float64) bool { return len(f.list) > 0 && f.list[0].until <= at }

func (f *flights) push(x flight) {
	f.list = append(f.list, x)
	q := f.list
	i := len(q) - 1
	for i > 0 && x.until < q[(i-1)/2].until {
		q[i] = q[(i-1)/2]
		i = (i - 1) / 2
	}
	q[i] = x
}

func (f *flights) pop() flight {
	q := f.list
	first, last := q[0], q[len(q)-1]
	f.list = q[:len(q)-1]
	if len(f.list) > 0 {
		f.sink(0, last)
	}
	return first
}

// sink puts x where it belongs at or below i.
func (f *flights) sink(i int, x flight) {
	q := f.list
	for 2*i+1 < len(q) {
		down := 2*i + 1
		if down+1 < len(q) && q[down+1].until < q[down].until {
			down++
		}
		if x.until <= q[down].until {
			break
		}
		q[i] = q[down]
		i = down
	}
	q[i] = x
}

func (f *flights) rebuild() {
	for i := len(f.list)/2 - 1; i >= 0; i-- {
		f.sink(i, f.list[i])
	}
}
