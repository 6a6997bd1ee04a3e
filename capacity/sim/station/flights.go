package station

// request is one request on its way.
type request struct {
	arrived float64
	// jitter is the share of the backoff that is added before a retry. It is drawn
	// on arrival, so that the order in which pods are looked at changes nothing.
	jitter float32
	pod    int32
	// window in which its response was counted.
	window  uint32
	kind    uint16
	attempt uint8
	// failed for its client; the pod still works on it.
	failed bool
}

// flights are the requests in progress whose end is known. The balancer that
// looks at them needs them in the order of their ends, a heap; for the others a
// list does that is tidied up when it has doubled, so that a count is exact and
// costs a request about two nanoseconds.
type flights struct {
	list    heap[request]
	ordered bool
	tidyAt  int
}

func (f *flights) add(now, until float64, r request) {
	if f.ordered {
		f.list.push(until, r)
		return
	}
	if len(f.list) >= f.tidyAt {
		f.tidy(now)
	}
	f.list = append(f.list, timed[request]{until, r})
}

// tidy forgets those that have ended.
func (f *flights) tidy(now float64) {
	keep := f.list[:0]
	for _, x := range f.list {
		if x.at > now {
			keep = append(keep, x)
		}
	}
	f.list = keep
	f.tidyAt = max(1024, 2*len(keep))
}

// count those that end after now.
func (f *flights) count(now float64) int {
	n := 0
	for i := range f.list {
		if f.list[i].at > now {
			n++
		}
	}
	return n
}

// drop removes those of a pod and returns what had not ended.
func (f *flights) drop(id int, now float64) []timed[request] {
	var lost []timed[request]
	keep := f.list[:0]
	for _, x := range f.list {
		switch {
		case int(x.of.pod) != id:
			keep = append(keep, x)
		case x.at > now:
			lost = append(lost, x)
		}
	}
	f.list = keep
	if f.ordered {
		f.list.order()
	}
	return lost
}
