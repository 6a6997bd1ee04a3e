package station

import "github.com/agencyos/headroom/capacity/queue"

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
	if s.turn >= n {
		s.turn = 0
	}
	id := s.targets[s.turn]
	s.turn++
	return id
}

// leastOutstanding is the pod with the fewest open requests; equals take turns.
func (s *Station) leastOutstanding() int {
	s.settle()
	n := len(s.targets)
	if s.turn++; s.turn >= n {
		s.turn = 0
	}
	best := s.targets[s.turn]
	for i := 1; i < n; i++ {
		j := s.turn + i
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
