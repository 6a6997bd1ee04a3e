package station

import "github.com/agencyos/headroom/capacity/queue"

// turns of a load balancer that takes pods in turn: each of its nodes' workers
// keeps one of its own. An estimate, for four nodes of four workers. At 70 % load
// waits are two thirds of those behind a balancer that chooses by chance; with one
// turn for all they would be a third, which nobody may count on.
const turns = 16

// balance picks a pod, or -1 when there is none.
func (s *Station) balance() int {
	n := len(s.targets)
	if n == 0 {
		return -1
	}
	switch s.config.Balancing {
	case queue.Random:
		return s.targets[s.choices.IntN(n)]
	case queue.LeastOutstanding:
		return s.leastOutstanding()
	}
	return s.targets[s.take(int(s.choices.Uint64()%turns), n)]
}

// take is the next of n targets in one of the turns.
func (s *Station) take(turn, n int) int {
	i := &s.turns[turn]
	if *i++; *i >= n {
		*i = 0
	}
	return *i
}

// leastOutstanding is the pod with the fewest open requests; equals take turns.
func (s *Station) leastOutstanding() int {
	s.settle()
	n := len(s.targets)
	turn := s.take(0, n)
	best := s.targets[turn]
	for i := 1; i < n; i++ {
		j := turn + i
		if j >= n {
			j -= n
		}
		if id := s.targets[j]; s.pods[id].outstanding < s.pods[best].outstanding {
			best = id
		}
	}
	return best
}

// settle takes what has departed off the pods' counts.
func (s *Station) settle() {
	if s.sharing {
		s.drainAll(s.at)
	}
	for s.flights.list.due(s.at) {
		s.pods[s.flights.list.pop().of.pod].outstanding--
	}
}
