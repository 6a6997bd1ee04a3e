package station

// pool is the connections of one worker process and engine: when each is free
// again. The first ones, up to the pool's size, stay open once they are; those
// beyond it are closed when they are returned.
type pool struct{ until []float64 }

// connections counts those that are open over all pods. A connection counts from
// the arrival of the request that opens it, not from when its work starts: where
// requests queue for workers the count is on the high side by that wait.
type connections struct {
	kept, extra int
	// changes of extra that are to come.
	changes heap[int]
}

func (c *connections) count(now float64) int {
	for c.changes.due(now) {
		c.extra += c.changes.pop().of
	}
	return c.kept + c.extra
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
func (s *Station) connect(p *pod, server int, start float64) visit {
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
		if s.Slots > 0 && s.open.count(s.at) >= s.Slots {
			return visit{cause: &s.window.failures.Refused}
		}
		s.openOne(q, i, start+hold)
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
		s.open.changes.push(start+wait, 1)
		s.open.changes.push(q.until[i], -1)
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

// openOne opens connection i of a pool until a moment: one to keep, if there is
// room.
func (s *Station) openOne(q *pool, i int, until float64) {
	if i == len(q.until) {
		q.until = append(q.until, 0)
	}
	q.until[i] = until
	if i < s.config.Pool.Size {
		s.open.kept++
	} else {
		s.open.extra++
		s.open.changes.push(until, -1)
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
func (s *Station) closeAll(p *pod, at float64) {
	n := 0
	for i := range p.pools {
		n += min(len(p.pools[i].until), s.config.Pool.Size)
	}
	p.pools = nil
	if n > 0 {
		s.open.kept -= n
		s.open.extra += n
		s.open.changes.push(at, -n)
	}
}
