package station

import "container/heap"

// times is a heap of moments.
type times []float64

func (h *times) push(t float64) {
	*h = append(*h, t)
	q := *h
	i := len(q) - 1
	for i > 0 && t < q[(i-1)/2] {
		q[i] = q[(i-1)/2]
		i = (i - 1) / 2
	}
	q[i] = t
}

func (h *times) pop() float64 {
	q := *h
	first, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	i := 0
	for 2*i+1 < len(q) {
		down := 2*i + 1
		if down+1 < len(q) && q[down+1] < q[down] {
			down++
		}
		if last <= q[down] {
			break
		}
		q[i] = q[down]
		i = down
	}
	if len(q) > 0 {
		q[i] = last
	}
	return first
}

// queueOfTimes are moments in ascending order, of which the past ones fall off.
type queueOfTimes struct {
	at   []float64
	head int
}

func (q *queueOfTimes) push(t float64) {
	if q.head > 64 && 2*q.head > len(q.at) {
		q.at = append(q.at[:0], q.at[q.head:]...)
		q.head = 0
	}
	q.at = append(q.at, t)
}

// waiting counts the moments after now.
func (q *queueOfTimes) waiting(now float64) int {
	for q.head < len(q.at) && q.at[q.head] <= now {
		q.head++
	}
	return len(q.at) - q.head
}

// retry is a request that comes back.
type retry struct {
	at      float64
	attempt int
}

// retries are rare, so that the library's heap does.
type retries []retry

func (r retries) Len() int           { return len(r) }
func (r retries) Less(i, j int) bool { return r[i].at < r[j].at }
func (r retries) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }

// Push and Pop are for the library.
func (r *retries) Push(x any) { *r = append(*r, x.(retry)) }

// Pop removes the last element.
func (r *retries) Pop() any {
	q := *r
	last := q[len(q)-1]
	*r = q[:len(q)-1]
	return last
}

func (r *retries) push(x retry) { heap.Push(r, x) }
func (r *retries) pop() int     { return heap.Pop(r).(retry).attempt }

func (r *retries) next() float64 {
	if len(*r) == 0 {
		return never
	}
	return (*r)[0].at
}
