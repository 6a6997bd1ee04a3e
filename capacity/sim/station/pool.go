package station

import "slices"

// pool is the connections of one worker process and engine: when each is free
// again. The first ones, up to the pool's size, stay open once they are; those
// beyond it are closed when they are returned.
type pool struct{ until []float64 }

// connections counts those that are open, all together and of every pod. What
// opens or closes later, because the request that does it still waits, is a change
// to come.
type connections struct {
	open    int
	of      []int
	changes heap[change]
}

type change struct{ pod, n int32 }

// change the count of a pod by n at a moment, now or later.
func (c *connections) change(now, at float64, pod int32, n int32) {
	if at > now {
		c.changes.push(at, change{pod, n})
		return
	}
	c.apply(change{pod, n})
}

func (c *connections) apply(x change) {
	for int(x.pod) >= len(c.of) {
		c.of = append(c.of, 0)
	}
	c.open += int(x.n)
	c.of[x.pod] += int(x.n)
}

func (c *connections) count(now float64) int {
	for c.changes.due(now) {
		c.apply(c.changes.pop().of)
	}
	return c.open
}

// free says whether there are fewer than slots at a moment to come, as far as is
// known now.
func (c *connections) free(now, at float64, slots int) bool {
	n := c.count(now)
	if n+len(c.changes) < slots {
		return true
	}
	for _, x := range c.changes {
		if x.at <= at {
			n += int(x.of.n)
		}
	}
	return n < slots
}

// drop closes all of a pod, now and to come.
func (c *connections) drop(now float64, pod int) {
	c.count(now)
	if pod < len(c.of) {
		c.open -= c.of[pod]
		c.of[pod] = 0
	}
	c.changes = slices.DeleteFunc(c.changes, func(x timed[change]) bool { return int(x.of.pod) == pod })
	c.changes.order()
}

// visit is a request's use of the database.
type visit struct {
	// wait for a connection, slower than usual by so much.
	wait, slower float64
	// cause counts the failure; nil without one.
	cause *float64
}

// connect takes a connection for a request whose work begins at start, if it
// needs one. In every pod, starts ascend.
func (s *Station) connect(p *pod, id int32, server int, start float64) visit {
	c := s.config.Pool
	if c == nil || s.misses.Float64() >= s.MissShare {
		return visit{}
	}
	s.window.checkouts++
	usual := s.hold.at(s.holds.ExpFloat64())
	hold := float64(usual*s.HoldFactor) + s.HoldExtra
	q := &p.pools[s.poolOf(server)]
	i, closed := q.pick(start, c)
	if closed {
		if s.Slots > 0 && !s.open.free(s.at, start, s.Slots) {
			return visit{cause: &s.window.failures.Refused}
		}
		s.openOne(q, id, i, start, start+hold)
		return visit{slower: hold - usual}
	}
	wait := max(0, q.until[i]-start)
	if wait > c.Timeout {
		s.window.waits.add(c.Timeout)
		return visit{wait: c.Timeout, cause: &s.window.failures.PoolTimedOut}
	}
	if wait > 0 {
		s.window.waits.add(wait)
	}
	q.until[i] = start + wait + hold
	if i >= c.Size { // handed over, it closes later
		s.open.change(s.at, start+wait, id, 1)
		s.open.change(s.at, q.until[i], id, -1)
	}
	return visit{wait: wait, slower: hold - usual}
}

// poolOf is the pool of a server. Every worker has pools of its own; where
// workers share the servers, any may have accepted the request.
func (s *Station) poolOf(server int) int {
	per, servers := s.config.Pool.PerPod, s.config.Servers
	switch {
	case per == 1:
		return 0
	case s.sharing || per%servers != 0:
		return s.pools.IntN(per)
	case per == servers:
		return server
	}
	return server + servers*s.pools.IntN(per/servers)
}

// openOne opens connection i of a pool from one moment to another: one to keep, if
// there is room.
func (s *Station) openOne(q *pool, pod int32, i int, from, until float64) {
	if i == len(q.until) {
		q.until = append(q.until, 0)
	}
	q.until[i] = until
	s.open.change(s.at, from, pod, 1)
	if i >= s.config.Pool.Size {
		s.open.change(s.at, until, pod, -1)
	}
	s.window.connections = max(s.window.connections, s.open.count(s.at))
}

// pick is the connection that a request gets, and whether it has to be opened: one
// that is free, or one more, or the one that is free before all others.
func (q *pool) pick(now float64, c *Pool) (i int, closed bool) {
	best := 0
	for i, until := range q.until {
		if until <= now {
			return i, i >= c.Size
		}
		if until < q.until[best] {
			best = i
		}
	}
	if n := len(q.until); n < c.Size+c.Overflow {
		return n, true
	}
	return best, false
}

// closeAll closes at a moment what a pod keeps open.
func (s *Station) closeAll(id int, at float64) {
	n := int32(0)
	for _, q := range s.pods[id].pools {
		n += int32(min(len(q.until), s.config.Pool.Size))
	}
	s.pods[id].pools = nil
	if n > 0 {
		s.open.change(s.at, at, int32(id), -n)
	}
}
