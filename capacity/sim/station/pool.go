package station

// pool is the connections of one worker process and engine: when each is free
// again. Those up to the pool's size stay open.
type pool struct{ kept, extra []float64 }

// connections counts those that are open over all pods: kept ones for as long as
// their pod lives, extra ones until they are returned.
type connections struct {
	kept  int
	extra times
}

func (c *connections) count(now float64) int {
	for len(c.extra) > 0 && c.extra[0] <= now {
		c.extra.pop()
	}
	return c.kept + len(c.extra)
}

// connect takes a connection for a request whose work starts now, if it needs
// one. It returns the wait for it, and the count of the failure if there is none.
func (s *Station) connect(p *pod, server int, start float64) (wait float64, cause *float64) {
	c := s.config.Pool
	if c == nil || s.MissShare <= 0 || s.MissShare < 1 && s.choice.Float64() >= s.MissShare {
		return 0, nil
	}
	s.window.checkouts++
	q := &p.pools[s.poolOf(server)]
	hold := s.hold.at(s.work.ExpFloat64())*s.HoldFactor + s.HoldExtra
	slot, free := q.earliest(start)
	if free > start && len(q.kept)+q.busy(start) < c.Size+c.Overflow {
		if slots := s.Slots; slots > 0 && s.open.count(s.clock(start)) >= slots {
			return 0, &s.window.failures.Refused
		}
		s.openOne(q, start+hold)
		return 0, nil
	}
	wait = max(0, free-start)
	if wait > c.Timeout && c.Timeout > 0 {
		s.window.waits.add(c.Timeout)
		return c.Timeout, &s.window.failures.PoolTimedOut
	}
	if wait > 0 {
		s.window.waits.add(wait)
	}
	*slot = start + wait + hold
	if q.isExtra(slot) {
		s.open.extra.push(start + wait + hold)
	}
	return wait, nil
}

// clock is the moment up to which connections count as returned. Work may start
// later than the request arrived; a start in the future must not return what
// others still hold.
func (s *Station) clock(start float64) float64 { return min(start, s.lastArrival) }

// poolOf is the pool of a server: every worker has pools of its own.
func (s *Station) poolOf(server int) int {
	per, servers := s.config.Pool.PerPod, s.config.Servers
	switch {
	case per == servers:
		return server
	case per%servers == 0:
		return server + servers*s.choice.IntN(per/servers)
	}
	return s.choice.IntN(per)
}

// openOne opens a connection until a moment: one to keep, if there is room.
func (s *Station) openOne(q *pool, until float64) {
	if len(q.kept) < s.config.Pool.Size {
		q.kept = append(q.kept, until)
		s.open.kept++
	} else {
		q.extra = append(q.extra, until)
		s.open.extra.push(until)
	}
	s.window.connections = max(s.window.connections, s.open.count(s.lastArrival))
}

// earliest is the open connection that is free first, and since or from when; a
// free one that is kept comes before all others.
func (q *pool) earliest(now float64) (slot *float64, free float64) {
	for i := range q.kept {
		if slot == nil || q.kept[i] < free {
			slot, free = &q.kept[i], q.kept[i]
		}
	}
	if slot != nil && free <= now {
		return slot, free
	}
	q.prune(now)
	for i := range q.extra {
		if slot == nil || q.extra[i] < free {
			slot, free = &q.extra[i], q.extra[i]
		}
	}
	if slot == nil {
		free = now + 1 // nothing is open: later than now
	}
	return slot, free
}

// prune closes extra connections that were returned.
func (q *pool) prune(now float64) {
	keep := q.extra[:0]
	for _, until := range q.extra {
		if until > now {
			keep = append(keep, until)
		}
	}
	q.extra = keep
}

func (q *pool) busy(now float64) int {
	q.prune(now)
	return len(q.extra)
}

func (q *pool) isExtra(slot *float64) bool {
	for i := range q.extra {
		if slot == &q.extra[i] {
			return true
		}
	}
	return false
}

// closeAll closes what a leaving pod keeps open.
func (s *Station) closeAll(p *pod) {
	for i := range p.pools {
		s.open.kept -= len(p.pools[i].kept)
		for _, until := range p.pools[i].kept {
			if until > s.now { // still in use: closed when returned
				s.open.extra.push(until)
			}
		}
		p.pools[i].kept = nil
	}
}
