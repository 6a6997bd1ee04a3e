package station

// timed is something that happens at a moment.
type timed[T any] struct {
	at float64
	of T
}

// heap is a binary heap, the earliest first. It is written out because the
// library's allocates for every element.
type heap[T any] []timed[T]

func (h heap[T]) due(at float64) bool { return len(h) > 0 && h[0].at <= at }

func (h *heap[T]) push(at float64, of T) {
	*h = append(*h, timed[T]{})
	q := *h
	i := len(q) - 1
	for i > 0 && at < q[(i-1)/2].at {
		q[i] = q[(i-1)/2]
		i = (i - 1) / 2
	}
	q[i] = timed[T]{at, of}
}

func (h *heap[T]) pop() timed[T] {
	q := *h
	first, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	if len(q) > 0 {
		q.sink(0, last)
	}
	return first
}

// sink puts x where it belongs at or below i.
func (h heap[T]) sink(i int, x timed[T]) {
	for 2*i+1 < len(h) {
		down := 2*i + 1
		if down+1 < len(h) && h[down+1].at < h[down].at {
			down++
		}
		if x.at <= h[down].at {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = x
}

// order makes a heap of any slice.
func (h heap[T]) order() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sink(i, h[i])
	}
}

// fifo are things whose moments ascend as they come; past ones fall off.
type fifo[T any] struct {
	all  []timed[T]
	head int
}

func (q *fifo[T]) push(at float64, of T) {
	if q.head > 64 && 2*q.head > len(q.all) {
		q.all = append(q.all[:0], q.all[q.head:]...)
		q.head = 0
	}
	q.all = append(q.all, timed[T]{at, of})
}

func (q *fifo[T]) due(at float64) bool { return q.head < len(q.all) && q.all[q.head].at <= at }

func (q *fifo[T]) pop() timed[T] {
	q.head++
	return q.all[q.head-1]
}

// after counts what is later than a moment, and lets the rest fall off.
func (q *fifo[T]) after(at float64) int {
	for q.due(at) {
		q.head++
	}
	return len(q.all) - q.head
}
