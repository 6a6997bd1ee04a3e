package traffic

import "time"

// Run says that the container of a pod runs on a node.
func (s *Service) Run(name, node string, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pod(name)
	if p.running.IsZero() {
		p.node, p.running = node, since
	}
}

// Ready lets a pod have requests.
func (s *Service) Ready(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(time.Now())
	p := s.pod(name)
	if !p.ready {
		p.ready = true
		s.station.Join(p.id)
	}
}

// Leave takes a pod out of the balancing, Gone forgets it.
func (s *Service) Leave(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(name)
}

// Gone is a pod that no longer exists.
func (s *Service) Gone(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(name)
	delete(s.pods, name)
}

func (s *Service) leave(name string) {
	if p := s.pods[name]; p != nil && p.ready {
		s.advance(time.Now())
		p.ready = false
		s.station.Leave(p.id)
	}
}

func (s *Service) pod(name string) *pod {
	p := s.pods[name]
	if p == nil {
		p = &pod{id: s.known}
		s.known++
		s.pods[name] = p
	}
	return p
}
